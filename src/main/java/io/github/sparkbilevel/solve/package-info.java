/**
 * Conjugate gradients for several right-hand sides, and how a solve ended.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.solve;

import org.apiguardian.api.API;

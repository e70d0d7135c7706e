/**
 * The algorithms: NBO, L-BFGS on hypergradients, cleaning and tuning.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.bilevel;

import org.apiguardian.api.API;

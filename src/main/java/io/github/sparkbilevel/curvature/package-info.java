/**
 * Ways to solve linear systems in the Hessian of the lower level.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.curvature;

import org.apiguardian.api.API;

/**
 * Values, gradients, Hessian products and mixed products of a problem, by passes.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.problem.oracle;

import org.apiguardian.api.API;

/**
 * The field's bilevel algorithms side by side, for a λ on the driver: each is one class that reads
 * like its paper, and one iteration takes a state (θ, u, λ) to the next.
 *
 * <p>Throughout, u is the adjoint, H u = ∇_θF, and the hypergradient is −∇²_λθG · u. Lengths of
 * steps come from one rule ({@link io.github.sparkbilevel.bilevel.algorithm.StepSizes}), so that
 * nothing is set for a data set. Nothing here evaluates Φ, solves the lower level to an accuracy,
 * or chooses among iterates: that is for the caller, who is told of every iterate.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.bilevel.algorithm;

import org.apiguardian.api.API;

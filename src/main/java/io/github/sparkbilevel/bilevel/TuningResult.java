package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.solve.Status;
import java.util.List;

/**
 * What a tuning run found.
 *
 * @param lambda the driver's λ of the best iterate
 * @param theta θ*(λ), solved once more where it was not
 * @param upperObjective Φ(λ)
 * @param upper the validation rows at θ
 * @param test the test rows at θ
 * @param bestIteration the iteration of λ
 * @param evaluations how often Φ was evaluated; NBO evaluates it in every iteration, inexactly
 * @param products Hessian products spent
 * @param status how the run ended
 * @param history an entry for each iteration, from the start on
 */
public record TuningResult(
    double[] lambda,
    double[] theta,
    double upperObjective,
    Tally upper,
    Tally test,
    int bestIteration,
    int evaluations,
    int products,
    Status status,
    List<IterationRecord> history) {}

package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.linalg.Vectors.plus;

import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * Steps 3 and 4 of {@link Nbo} from a shortened step of θ: the hypergradient there, the step of λ,
 * and the evaluation that the next iteration begins with.
 */
interface UpperStep {

  /** Trials of lengths along a direction of θ; a trial is empty when it would raise G too far. */
  DoubleFunction<Optional<Taken>> along(BilevelOracle oracle, Direction direction);

  /**
   * The direction of θ with what the step of λ depends on.
   *
   * @param from the state before the step
   * @param v θ − θ⁺ of the whole step
   * @param adjoint u⁺
   * @param lag ‖H u − ∇_θF‖ / ‖∇_θF‖ before the step
   * @param mostObjective the greatest G that the step may lead to
   */
  record Direction(NboState from, double[] v, double[] adjoint, double lag, double mostObjective) {

    Evaluation point() {
      return from.point();
    }

    /** θ after so much of the step. */
    double[] theta(double length) {
      return plus(point().theta(), -length, v);
    }

    /** What Φ is at most, by the new adjoint. */
    double mostUpper() {
      return NboState.mostUpper(point(), adjoint);
    }
  }

  /**
   * A step that was taken.
   *
   * @param point where it led
   * @param hypergradientNorm ‖∇Φ‖ over all entries of λ
   * @param length share of the step of θ
   */
  record Taken(Evaluation point, double hypergradientNorm, double length) {}
}

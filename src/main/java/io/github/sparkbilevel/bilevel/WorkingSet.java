package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.ExactInverse;
import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The lower objective at a point as one of few coefficients, with its Hessian formed: where the
 * penalty has kinks most coefficients are 0 and stay so.
 *
 * <p>The set W holds the groups that are not 0, those without a kink, and of the groups at 0 that
 * are to move those with the largest subgradients, so that it doubles at most (Massias, Gramfort
 * and Salmon, ICML 2018). Forming H on W takes 1 pass, and every system on W is then solved on the
 * driver. What the step leaves undone outside W the next evaluation tells.
 */
final class WorkingSet {
  /** Coefficients that may join, however few there are. */
  private static final int LEAST_JOINING = 100;

  private final Support support;
  private final LowerObjective<?> objective;
  private final LowerObjective.Point point;
  private final NewtonSystem system;

  private WorkingSet(
      Support support,
      LowerObjective<?> objective,
      LowerObjective.Point point,
      NewtonSystem system) {
    this.support = support;
    this.objective = objective;
    this.point = point;
    this.system = system;
  }

  /**
   * Forms it; costs 1 pass. Empty at no cost where G is smooth, or the set is too large.
   *
   * @param damping of the systems
   */
  static Optional<WorkingSet> form(
      LowerObjective<?> objective, LowerObjective.Point at, double damping) {
    if (objective.kinks().isEmpty()) {
      return Optional.empty();
    }
    List<Support> own = new ArrayList<>();
    boolean[] chosen = new boolean[objective.size()];
    int from = 0;
    for (int k = 0; k < at.parts().size(); k++) {
      LowerObjective<?> part = objective.parts().get(k);
      Optional<Support> some = choose(part.kinks().orElseThrow(), at.parts().get(k));
      if (some.isEmpty()) {
        return Optional.empty();
      }
      own.add(some.get());
      for (int j : own.get(k).indices()) {
        chosen[from + j] = true;
      }
      from += part.size();
    }
    Support all = Support.of(objective.size(), j -> chosen[j]);
    NewtonSystem system = new NewtonSystem(new ExactInverse(), damping);
    return at.hessianOn(all)
        .map(
            formed ->
                new WorkingSet(
                    all,
                    FewCoefficients.of(objective, own),
                    FewCoefficients.at(at, own, formed),
                    system));
  }

  /** Empty where there is no room for a group that is to join. */
  private static Optional<Support> choose(Kinks kinks, LowerObjective.Point at) {
    Groups groups = kinks.groups();
    double[] p = at.gradient();
    boolean[] chosen = new boolean[groups.count()];
    int size = 0;
    List<Integer> joining = new ArrayList<>();
    for (int g = 0; g < chosen.length; g++) {
      chosen[g] = kinks.widths()[g] == 0 || groups.norm(g, at.theta()) > 0;
      size += chosen[g] ? groups.size(g) : 0;
      if (!chosen[g] && groups.norm(g, p) > 0) {
        joining.add(g);
      }
    }
    joining.sort(Comparator.comparingDouble(g -> -groups.norm(g, p) / Math.sqrt(groups.size(g))));
    int room = Math.min(Math.max(LEAST_JOINING, size), LowerObjective.Point.MOST_FORMED - size);
    if (!joining.isEmpty() && groups.size(joining.get(0)) > room) {
      return Optional.empty();
    }
    for (int g : joining) {
      room -= groups.size(g);
      if (room < 0) {
        break;
      }
      chosen[g] = true;
    }
    double[] spread =
        groups.spread(
            IntStream.range(0, chosen.length).mapToDouble(g -> chosen[g] ? 1 : 0).toArray());
    return Optional.of(Support.of(spread.length, j -> spread[j] > 0));
  }

  /** The step from the point, which moves W alone. */
  LowerStep step(double[][] rightHandSides, LowerStep.Budget budget) {
    double[][] few = gather(rightHandSides);
    LowerStep step = LowerStep.from(objective, point, system, few, budget);
    double[][] others = Arrays.copyOfRange(rightHandSides, 1, rightHandSides.length);
    return new LowerStep(support.scatter(step.v()), step.slope(), whole(step.others(), others));
  }

  /** The solutions on W; what the right-hand sides have elsewhere remains. */
  Solution solve(double[][] rightHandSides, double[] tolerances, int mostProducts) {
    double[][] few = gather(rightHandSides);
    return whole(system.solve(objective, point, few, tolerances, mostProducts), rightHandSides);
  }

  private double[][] gather(double[][] columns) {
    double[][] few = new double[columns.length][];
    Arrays.setAll(few, c -> support.gather(columns[c]));
    return few;
  }

  private Solution whole(Solution few, double[][] rightHandSides) {
    int n = rightHandSides.length;
    double[][] columns = new double[n][];
    double[][] remainders = new double[n][];
    double[] residuals = new double[n];
    for (int c = 0; c < n; c++) {
      columns[c] = support.scatter(few.columns()[c]);
      double[] b = rightHandSides[c];
      remainders[c] = Vectors.plus(b, -1, support.of(b));
      Vectors.addTo(remainders[c], 1, support.scatter(few.remainders()[c]));
      double norm = Vectors.norm(b);
      residuals[c] = norm > 0 ? Vectors.norm(remainders[c]) / norm : 0;
    }
    return new Solution(columns, few.status(), few.products(), residuals, remainders);
  }
}

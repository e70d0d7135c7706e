package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.linalg.NormCurvature;
import io.github.sparkbilevel.linalg.Support;
import java.util.Arrays;
import java.util.Optional;

/**
 * The part of a training objective that has kinks: Σ_g c_g ‖θ_g‖₂ beside a smooth part S(θ). With
 * groups of one coefficient it is Σ_j c_j |θ_j|.
 *
 * <p>θ solves the lower level if and only if the subgradient of least norm is 0:
 *
 * <pre>
 *   p_g = ∂_gS + c_g θ_g / ‖θ_g‖                        where θ_g ≠ 0
 *   p_g = max(0, ‖∂_gS‖ − c_g) ∂_gS / ‖∂_gS‖            where θ_g = 0
 * </pre>
 *
 * <p>Near a solution the groups with ‖∂_gS‖ &lt; c_g stay 0 and the others stay away from it, so G
 * is smooth in these: Newton steps and adjoints are solved for on the {@link #support} alone, where
 * H is that of S and the {@link #curvature} of the norms, and the derivative of θ* by λ is that of
 * implicit differentiation on it.
 *
 * @param groups of the coefficients
 * @param widths c, one for each group; 0 where there is no kink
 */
public record Kinks(Groups groups, double[] widths) {

  /** The kinks of several parts of θ, one after the other, that each have these. */
  public Kinks copies(int count) {
    double[] all = new double[count * widths.length];
    for (int at = 0; at < all.length; at += widths.length) {
      System.arraycopy(widths, 0, all, at, widths.length);
    }
    return new Kinks(groups.copies(count), all);
  }

  /** Those of some coordinates, in which every group is whole or not at all. */
  public Kinks on(Support support) {
    double[] numbers = new double[widths.length];
    Arrays.setAll(numbers, g -> g);
    int[] groupOf =
        Arrays.stream(support.gather(groups.spread(numbers))).mapToInt(g -> (int) g).toArray();
    int[] present = Arrays.stream(groupOf).sorted().distinct().toArray();
    int[] keys = Arrays.stream(groupOf).map(g -> Arrays.binarySearch(present, g)).toArray();
    return new Kinks(Groups.of(keys), Arrays.stream(present).mapToDouble(g -> widths[g]).toArray());
  }

  /** Σ_g c_g ‖θ_g‖. */
  public double value(double[] theta) {
    double sum = 0;
    for (int g = 0; g < widths.length; g++) {
      sum += widths[g] * groups.norm(g, theta);
    }
    return sum;
  }

  /**
   * p.
   *
   * @param gradient ∇S
   */
  public double[] leastSubgradient(double[] theta, double[] gradient) {
    double[] p = gradient.clone();
    for (int g = 0; g < widths.length; g++) {
      double norm = groups.norm(g, theta);
      for (int i = 0; norm > 0 && i < groups.size(g); i++) {
        int j = groups.member(g, i);
        p[j] += widths[g] * (theta[j] / norm);
      }
      if (norm == 0) {
        shrink(g, p, widths[g]);
      }
    }
    return p;
  }

  /**
   * ⟨∇S, to − from⟩ + Σ_g c_g (‖to_g‖ − ‖from_g‖): no less than what G changes by to first order.
   * Small changes of large sums keep their digits.
   *
   * @param gradient ∇S at {@code from}
   */
  public double slope(double[] gradient, double[] from, double[] to) {
    double sum = 0;
    for (int g = 0; g < widths.length; g++) {
      double norms = groups.norm(g, from) + groups.norm(g, to);
      for (int i = 0; norms > 0 && i < groups.size(g); i++) {
        int j = groups.member(g, i);
        sum += (to[j] - from[j]) * (gradient[j] + widths[g] * ((to[j] + from[j]) / norms));
      }
    }
    return sum;
  }

  /**
   * Whether all groups with a kink are 0 and are to stay there.
   *
   * @param gradient ∇S
   */
  public boolean keepZero(double[] theta, double[] gradient) {
    for (int g = 0; g < widths.length; g++) {
      if (widths[g] > 0 && groups.norm(g, theta) > 0) {
        return false;
      }
    }
    return excess(theta, gradient) <= 1;
  }

  /**
   * By what factor the kinks must be wider for every group at 0 to stay there; 0 where all groups
   * have left it.
   *
   * @param gradient ∇S
   */
  public double excess(double[] theta, double[] gradient) {
    double most = 0;
    for (int g = 0; g < widths.length; g++) {
      if (widths[g] > 0 && groups.norm(g, theta) == 0) {
        most = Math.max(most, groups.norm(g, gradient) / widths[g]);
      }
    }
    return most;
  }

  /** Moves x_g nearer to 0 by a width, or to 0. */
  public void shrink(int group, double[] x, double width) {
    double norm = groups.norm(group, x);
    for (int i = 0; width > 0 && i < groups.size(group); i++) {
      int j = groups.member(group, i);
      x[j] = norm <= width ? 0 : x[j] / norm * (norm - width);
    }
  }

  /** The second derivative of the norms of the groups that are not 0; empty where it is 0. */
  public Optional<NormCurvature> curvature(double[] theta) {
    return groups.areSingle()
        ? Optional.empty()
        : Optional.of(new NormCurvature(groups, widths, theta));
  }

  /** The groups that are not 0, and those without a kink. */
  public Support support(double[] theta) {
    return working(theta, new double[theta.length]);
  }

  /**
   * The groups that are to move: the support, and those that 0 is wrong for.
   *
   * @param subgradient p
   */
  public Support working(double[] theta, double[] subgradient) {
    double[] moves = new double[widths.length];
    for (int g = 0; g < widths.length; g++) {
      boolean stays =
          widths[g] > 0 && groups.norm(g, theta) == 0 && groups.norm(g, subgradient) == 0;
      moves[g] = stays ? 0 : 1;
    }
    double[] ofEach = groups.spread(moves);
    return Support.of(theta.length, j -> ofEach[j] > 0);
  }
}

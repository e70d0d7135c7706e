package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Groups;
import java.util.Arrays;
import java.util.Optional;

/**
 * The penalty Σ_g c_g ‖θ_g‖₂ with c_g = √d_g e^{λ_s(g)} for groups of d_g coefficients, which makes
 * whole groups exactly 0; intercepts have none. With groups of one coefficient it is Σ_j e^{λ_s(j)}
 * |θ_j|. The root makes a strength mean the same for groups of any size (Yuan and Lin, J. R. Stat.
 * Soc. B 2006).
 *
 * <p>Its mixed product is that of the groups that are not 0, (∇²_λθ R · u)_s = Σ_{g: s(g) = s} c_g
 * ⟨θ_g, u_g⟩ / ‖θ_g‖.
 */
public final class Lasso implements UpperVariable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final Penalty strengths;
  private final Groups groups;

  private Lasso(String name, Penalty strengths, Groups groups) {
    this.name = name;
    this.strengths = strengths;
    this.groups = groups;
  }

  /**
   * A penalty of single coefficients.
   *
   * @param strengths the ridge whose entries of λ are shared in the same way
   */
  public Lasso(Penalty strengths) {
    this("l1", strengths, Groups.single(strengths.coefficients()));
  }

  /**
   * A penalty of groups of coefficients.
   *
   * @param strengths the ridge whose entries of λ are shared in the same way, by whole groups
   * @param groups the ridge that has an entry of λ for each group
   */
  public static Lasso grouped(Penalty strengths, Penalty groups) {
    return new Lasso("group-lasso", strengths, groups.groups());
  }

  /** The penalty of the same groups with other strengths. */
  public Lasso with(Penalty others) {
    return new Lasso(name, others, groups);
  }

  @Override
  public int size() {
    return strengths.size();
  }

  @Override
  public boolean hasKinks() {
    return true;
  }

  @Override
  public Optional<Kinks> kinks(double[] lambda) {
    double[] strength = strengths.strengths(lambda);
    double[] widths = new double[groups.count()];
    for (int g = 0; g < widths.length; g++) {
      widths[g] = Math.sqrt(groups.size(g)) * strength[groups.member(g, 0)];
    }
    return Optional.of(new Kinks(groups, widths));
  }

  @Override
  public double[] widened(double[] lambda, double factor) {
    return Arrays.stream(lambda).map(entry -> entry + Math.log(factor)).toArray();
  }

  @Override
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] along = new double[theta.length];
    for (int g = 0; g < groups.count(); g++) {
      double norm = groups.norm(g, theta);
      for (int i = 0; norm > 0 && i < groups.size(g); i++) {
        int j = groups.member(g, i);
        along[j] = Math.sqrt(groups.size(g)) * (theta[j] / norm);
      }
    }
    return strengths.penaltyMixedProduct(along, u, lambda);
  }

  @Override
  public double[] penaltyLambdaGradient(double[] theta, double[] lambda) {
    return penaltyMixedProduct(theta, theta, lambda);
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    return size() == 1 ? name : strengths.entryName(j, facts);
  }
}

package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import java.util.List;

/**
 * The ridge R(θ, λ) = ½ Σ_j c_j θ_j², where c_j is a fixed strength or e^{λ_g(j)}; its mixed
 * product is (∇²_λθ R · u)_g = e^{λ_g} Σ_{j: g(j) = g} θ_j u_j.
 *
 * <p>Intercepts have c_j = 0 unless the penalty was made to include them.
 */
public final class Penalty implements UpperVariable {
  private static final long serialVersionUID = 1L;

  /** Which coefficients share an entry of λ. */
  public enum Sharing {
    /** All of them: λ has one entry. */
    ONE,
    /** Those of a block of parameters: λ has an entry for every one, from the first on. */
    PER_LAYER,
    /** Those of an output: λ has K entries. */
    PER_CLASS,
    /** Those of a feature: λ has p entries, and one more where intercepts are penalised. */
    PER_FEATURE,
    /** None: λ has an entry for every coefficient, output after output. */
    PER_COEFFICIENT;

    /** Whether it is for models of one layer. */
    boolean ofOneLayer() {
      return this == PER_CLASS || this == PER_FEATURE;
    }
  }

  private final double fixed;
  private final int size;
  private final int[] groupOf;

  /** How entries are shared; null where they belong to groups of features. */
  private final Sharing sharing;

  private Penalty(double fixed, int size, int[] groupOf, Sharing sharing) {
    this.fixed = fixed;
    this.size = size;
    this.groupOf = groupOf;
    this.sharing = sharing;
  }

  /** One fixed strength {@code l2 ≥ 0} for all coefficients; λ is empty. */
  public static Penalty fixed(Model model, double l2, boolean penalizeIntercept) {
    if (!(l2 >= 0) || Double.isInfinite(l2)) {
      throw new IllegalArgumentException("got l2 = " + l2 + ", expected a number ≥ 0");
    }
    return new Penalty(l2, 0, tuned(model, penalizeIntercept).groupOf, Sharing.ONE);
  }

  /** One tuned strength e^λ for all coefficients; λ has one entry. */
  public static Penalty tuned(Model model, boolean penalizeIntercept) {
    return tuned(model, Sharing.ONE, penalizeIntercept);
  }

  /** Tuned strengths e^{λ_g}, shared as told. */
  public static Penalty tuned(Model model, Sharing sharing, boolean penalizeIntercept) {
    List<ParameterBlock> blocks = model.parameters();
    if (sharing.ofOneLayer() && blocks.size() > 1) {
      throw new IllegalArgumentException(
          "got penalties "
              + sharing
              + " for a network of "
              + blocks.size()
              + " layers, expected ONE, PER_LAYER or PER_COEFFICIENT");
    }
    int[] groupOf = new int[model.size()];
    int coefficients = 0;
    for (int l = 0; l < blocks.size(); l++) {
      ParameterBlock block = blocks.get(l);
      int penalized = block.inputs() + (block.bias() && penalizeIntercept ? 1 : 0);
      for (int j = 0; j < block.size(); j++) {
        int output = j / block.height();
        int feature = j % block.height();
        groupOf[block.at() + j] =
            feature >= penalized
                ? -1
                : switch (sharing) {
                  case ONE -> 0;
                  case PER_LAYER -> l;
                  case PER_CLASS -> output;
                  case PER_FEATURE -> feature;
                  case PER_COEFFICIENT -> coefficients + output * penalized + feature;
                };
      }
      coefficients += block.outputs() * penalized;
    }
    int size =
        switch (sharing) {
          case ONE -> 1;
          case PER_LAYER -> blocks.size();
          case PER_CLASS -> model.outputs();
          case PER_FEATURE -> coefficients / model.outputs();
          case PER_COEFFICIENT -> coefficients;
        };
    return new Penalty(Double.NaN, size, groupOf, sharing);
  }

  /**
   * Tuned strengths e^{λ_g}, one for each group of features; penalised intercepts are a group of
   * their own, the last.
   *
   * @param groupOfFeature the group of each feature, from 0
   * @param groups number of groups
   */
  public static Penalty grouped(
      Model model, int[] groupOfFeature, int groups, boolean penalizeIntercept) {
    if (groupOfFeature.length != model.features()) {
      throw new IllegalArgumentException(
          "got the groups of " + groupOfFeature.length + " features, expected " + model.features());
    }
    int[] groupOf = tuned(model, Sharing.PER_FEATURE, penalizeIntercept).groupOf;
    boolean intercepts = model.last().bias() && penalizeIntercept;
    for (int j = 0; j < groupOf.length; j++) {
      if (groupOf[j] == model.features()) {
        groupOf[j] = groups;
      } else if (groupOf[j] >= 0) {
        int group = groupOfFeature[groupOf[j]];
        if (group < 0 || group >= groups) {
          throw new IllegalArgumentException(
              "got group " + group + ", expected one from 0 to " + (groups - 1));
        }
        groupOf[j] = group;
      }
    }
    return new Penalty(Double.NaN, groups + (intercepts ? 1 : 0), groupOf, null);
  }

  @Override
  public int size() {
    return size;
  }

  /** The coefficients that share an entry of λ; those without a penalty stand alone. */
  Groups groups() {
    return Groups.of(groupOf);
  }

  /** Number of coefficients, intercepts among them. */
  int coefficients() {
    return groupOf.length;
  }

  /** c, the strength of every coefficient. */
  public double[] strengths(double[] lambda) {
    double[] byGroup = byGroup(lambda);
    double[] c = new double[groupOf.length];
    for (int j = 0; j < c.length; j++) {
      c[j] = groupOf[j] < 0 ? 0 : byGroup[groupOf[j]];
    }
    return c;
  }

  private double[] byGroup(double[] lambda) {
    if (size == 0) {
      return new double[] {fixed};
    }
    double[] byGroup = new double[size];
    for (int g = 0; g < size; g++) {
      byGroup[g] = Math.exp(lambda[g]);
    }
    return byGroup;
  }

  @Override
  public double penalty(double[] theta, double[] lambda) {
    double[] byGroup = byGroup(lambda);
    double sum = 0;
    for (int j = 0; j < groupOf.length; j++) {
      if (groupOf[j] >= 0) {
        sum += byGroup[groupOf[j]] * theta[j] * theta[j];
      }
    }
    return 0.5 * sum;
  }

  @Override
  public void addPenaltyProduct(double[] v, double[] lambda, double[] out) {
    double[] byGroup = byGroup(lambda);
    for (int j = 0; j < groupOf.length; j++) {
      if (groupOf[j] >= 0) {
        out[j] += byGroup[groupOf[j]] * v[j];
      }
    }
  }

  @Override
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] mixed = new double[size];
    if (size > 0) {
      double[] byGroup = byGroup(lambda);
      for (int j = 0; j < groupOf.length; j++) {
        if (groupOf[j] >= 0) {
          mixed[groupOf[j]] += byGroup[groupOf[j]] * theta[j] * u[j];
        }
      }
    }
    return mixed;
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    Model model = facts.model();
    if (sharing == null) {
      List<String> groups = facts.features().groups();
      return j < groups.size() ? groups.get(j) : UpperFacts.INTERCEPT;
    }
    return switch (sharing) {
      case ONE -> "l2";
      case PER_LAYER -> "layer " + (j + 1);
      case PER_CLASS -> facts.output(j) == null ? "l2" : facts.output(j);
      case PER_FEATURE -> facts.feature(j);
      case PER_COEFFICIENT -> {
        if (!model.isLinear()) {
          yield "coefficient " + j;
        }
        int each = size / model.outputs();
        yield model.outputs() == 1
            ? facts.feature(j)
            : facts.feature(j % each) + ":" + facts.output(j / each);
      }
    };
  }
}

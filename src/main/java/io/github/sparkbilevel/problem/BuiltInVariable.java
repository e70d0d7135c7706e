package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.ErrorLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The upper variables of the library. */
public enum BuiltInVariable implements UpperVariableProvider {
  /** Weights of rows by a function of few features of the row. */
  WEIGHT_FUNCTION,
  /** A weight for each row. */
  EXAMPLE_WEIGHTS,
  /** A weight for each group of rows. */
  GROUP_WEIGHTS,
  /** How labels are confused. */
  NOISE_MODEL,
  /** One penalty. */
  L2(Sharing.ONE),
  /** A penalty for each layer of a network. */
  L2_PER_LAYER(Sharing.PER_LAYER),
  /** A penalty for each output. */
  L2_PER_CLASS(Sharing.PER_CLASS),
  /** A penalty for each feature. */
  L2_PER_FEATURE(Sharing.PER_FEATURE),
  /** A penalty for each coefficient. */
  L2_PER_COEFFICIENT(Sharing.PER_COEFFICIENT),
  /** A penalty for each group of features. */
  L2_PER_GROUP,
  /** Two penalties: those of the features that vary least and most; others lie between. */
  L2_BY_VARIANCE,
  /** One penalty that makes coefficients 0. */
  L1(Sharing.ONE),
  /** Such a penalty for each feature. */
  L1_PER_FEATURE(Sharing.PER_FEATURE),
  /** Such a penalty for each coefficient. */
  L1_PER_COEFFICIENT(Sharing.PER_COEFFICIENT),
  /** Such a penalty for each group of features. */
  L1_PER_GROUP,
  /** One penalty that makes groups of coefficients 0. */
  GROUP_LASSO(Sharing.ONE),
  /** Such a penalty for each feature, whose coefficients in all outputs are a group. */
  GROUP_LASSO_PER_FEATURE(Sharing.PER_FEATURE),
  /** Such a penalty for each group of features. */
  GROUP_LASSO_PER_GROUP;

  private final Sharing sharing;

  BuiltInVariable() {
    this(null);
  }

  BuiltInVariable(Sharing sharing) {
    this.sharing = sharing;
  }

  /** The names of all. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(BuiltInVariable::label).toList();
  }

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Kind kind() {
    if (compareTo(L1) >= 0) {
      return Kind.SPARSITY;
    }
    return compareTo(L2) >= 0 ? Kind.PENALTY : Kind.WEIGHTS;
  }

  @Override
  public boolean needsFeatureGroups() {
    return this == L2_PER_GROUP || this == L1_PER_GROUP || this == GROUP_LASSO_PER_GROUP;
  }

  @Override
  public boolean takesFeatureGroups() {
    return needsFeatureGroups() || this == GROUP_LASSO;
  }

  @Override
  public UpperVariable create(UpperFacts facts, double start) {
    return switch (this) {
      case WEIGHT_FUNCTION -> weightFunction(facts);
      case EXAMPLE_WEIGHTS -> new ExampleWeights(start, facts.judged());
      case GROUP_WEIGHTS -> groupWeights(facts);
      case NOISE_MODEL -> noiseModel(facts);
      case L1, L1_PER_FEATURE, L1_PER_COEFFICIENT, L1_PER_GROUP -> new Lasso(strengths(facts));
      case GROUP_LASSO -> groupLasso(facts);
      case GROUP_LASSO_PER_FEATURE, GROUP_LASSO_PER_GROUP ->
          Lasso.grouped(strengths(facts), strengths(facts));
      case L2_BY_VARIANCE -> byVariance(facts);
      default -> penalty(facts, facts.penalizeIntercept());
    };
  }

  private static UpperVariable weightFunction(UpperFacts facts) {
    Loss loss = facts.model().loss();
    if (loss.classes() == 0 && !(loss instanceof ErrorLoss)) {
      throw new IllegalArgumentException(
          "the upper variable weight-function weighs rows by the probability of their class or the"
              + " size of their error, got the loss %s, which has neither; choose example-weights"
                  .formatted(loss.name()));
    }
    // A network has learned little when λ begins to move: the model of the start misleads.
    int scores =
        facts.model().isLinear() ? WeightFunction.ALL_SCORES : WeightFunction.WITHOUT_START;
    return new WeightFunction(scores, 0, facts.names().groups().size(), facts.judged());
  }

  private static UpperVariable groupWeights(UpperFacts facts) {
    if (facts.names().groups().isEmpty()) {
      throw new IllegalArgumentException(
          "the upper variable group-weights needs groups, found none; name the column of the"
              + " rows' source or choose weight-function");
    }
    return new WeightFunction(0, 0, facts.names().groups().size(), facts.judged());
  }

  /** From labels that are right; {@code clean} starts where EM stops. */
  private static UpperVariable noiseModel(UpperFacts facts) {
    int classes = facts.model().loss().classes();
    if (classes == 0) {
      throw new IllegalArgumentException(
          "the upper variable noise-model is for labels that are classes, but the family linear has"
              + " none; choose example-weights or group-weights");
    }
    int groups = Confusion.matrices(facts.names().groups().size(), classes);
    return new NoiseModel(Confusion.ofCounts(classes, new double[groups * classes * classes]));
  }

  private static UpperVariable byVariance(UpperFacts facts) {
    if (facts.penalizeIntercept()) {
      throw new IllegalArgumentException(
          "the upper variable l2-by-variance has no penalty for intercepts, which are to be"
              + " penalised; leave them without one, or choose l2-per-feature");
    }
    if (!facts.model().isLinear()) {
      throw new IllegalArgumentException(
          "the upper variable l2-by-variance is for linear models, got a network; use l2 or"
              + " l2-per-layer");
    }
    return new VariancePenalty(facts.model(), facts.features().variances().get());
  }

  /** Of the groups that the user gave, else of the coefficients of each feature. */
  private UpperVariable groupLasso(UpperFacts facts) {
    var ofGroups =
        facts.features().groups().isEmpty() ? GROUP_LASSO_PER_FEATURE : GROUP_LASSO_PER_GROUP;
    return Lasso.grouped(strengths(facts), ofGroups.strengths(facts));
  }

  private Penalty strengths(UpperFacts facts) {
    if (!facts.model().isLinear()) {
      throw new IllegalArgumentException(
          "the upper variable %s is for linear models, got a network; use l2 or l2-per-layer"
              .formatted(label()));
    }
    return penalty(facts, false);
  }

  private Penalty penalty(UpperFacts facts, boolean penalizeIntercept) {
    Model model = facts.model();
    if (model.isLinear() && this == L2_PER_LAYER) {
      throw new IllegalArgumentException(
          "the upper variable l2-per-layer is for networks, got a linear model; use l2");
    }
    if (!model.isLinear() && (needsFeatureGroups() || sharing.ofOneLayer())) {
      throw new IllegalArgumentException(
          "the upper variable %s is for linear models, got a network; use l2 or l2-per-layer"
              .formatted(label()));
    }
    return sharing == null
        ? Penalty.grouped(
            model, facts.features().groupOf(), facts.features().groups().size(), penalizeIntercept)
        : Penalty.tuned(model, sharing, penalizeIntercept);
  }
}

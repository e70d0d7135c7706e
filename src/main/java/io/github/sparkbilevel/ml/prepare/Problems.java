package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.MultiLabelLoss;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperFacts;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.VariancePenalty;
import io.github.sparkbilevel.problem.WeightFunction;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The bilevel problem of a lower and an upper level, for the data at hand. */
public final class Problems {
  private Problems() {}

  /**
   * The problem.
   *
   * @throws IllegalArgumentException when the data lack what the upper level tunes
   */
  public static BilevelProblem of(LowerLevel lower, UpperLevel upper, PreparedData data) {
    return of(lower, upper, data, JudgedClasses.ALL);
  }

  /**
   * The problem where λ learns nothing from the rows of some classes.
   *
   * @param judged the classes whose rows take part in ∇_λΦ
   */
  public static BilevelProblem of(
      LowerLevel lower, UpperLevel upper, PreparedData data, JudgedClasses judged) {
    Model model = model(lower, data);
    UpperFacts facts = facts(model, lower.penalizeIntercept(), judged, upper.groups(), data);
    List<UpperVariable> variables = new ArrayList<>();
    for (UpperLevel.Start start : upper.variables()) {
      UpperVariableProvider provider = start.variable();
      UpperVariable variable = provider.create(facts, start.lambda());
      if (variable instanceof WeightFunction function && data.tables().haveProbabilities()) {
        variable = function.withGivenLogOdds();
      }
      boolean ofDriver = variable.rowStart().isEmpty() && variable.logOdds() == 0;
      if (!ofDriver && !(provider instanceof BuiltInVariable)) {
        throw new IllegalArgumentException(
            "the upper variable %s needs a λ beside the rows or log-odds of labels, which only the"
                    .formatted(provider.label())
                + " library's own have; compute its weights from labels, groups and features");
      }
      variables.add(variable);
    }
    if (!upper.has(Kind.PENALTY)) {
      variables.add(Penalty.fixed(model, lower.l2(), lower.penalizeIntercept()));
    }
    return new BilevelProblem(model, variables);
  }

  private static Model model(LowerLevel lower, PreparedData data) {
    Table train = data.tables().train();
    if (lower.family() != LowerLevel.Family.NETWORK) {
      return new LinearModel(loss(lower, data), train.columns(), lower.intercept());
    }
    Network whole = lower.layers().of(loss(lower, data), train);
    return data.frozen().map(layers -> layers.behind(whole)).orElse(whole);
  }

  private static Loss loss(LowerLevel lower, PreparedData data) {
    return switch (lower.family()) {
      case LINEAR -> {
        Loss loss = Losses.forLabels(lower.loss(), labels(data));
        data.tables().requireLabels(loss.leastLabel(), loss.name());
        yield loss;
      }
      case MULTI_LABEL -> new MultiLabelLoss(data.tables().labelColumns().size());
      case LOGISTIC -> Losses.ofTwoClasses(lower.loss());
      case SOFTMAX, NETWORK -> new SoftmaxLoss(data.tables().classes().size());
    };
  }

  private static Losses.Labels labels(PreparedData data) {
    return new Losses.Labels(
        data.tables().train().stats().meanLabel(), () -> DrawnLabel.sample(data.blocks().rdd()));
  }

  /** Huber's loss for the real labels at hand; one Spark job. */
  public static HuberLoss robustLoss(PreparedData data) {
    return (HuberLoss) Losses.forLabels(Losses.HUBER, labels(data));
  }

  /** What upper variables may know of prepared data. */
  private static UpperFacts facts(
      Model model,
      boolean penalizeIntercept,
      JudgedClasses judged,
      FeatureGroups features,
      PreparedData data) {
    PreparedTables tables = data.tables();
    List<String> classes =
        model.loss().classes() == 0 ? tables.labelColumns() : tables.classes().names();
    List<String> groups = hasGroups(data) ? tables.groups().names() : List.of();
    return new UpperFacts(
        model,
        penalizeIntercept,
        judged,
        new UpperFacts.Names(tables.train().featureNames(), classes, groups),
        features == null
            ? new UpperFacts.Features(new int[0], List.of(), () -> variances(data))
            : new UpperFacts.Features(features.groupOf(), features.names(), () -> variances(data)));
  }

  /**
   * The problem of two penalties by the variance of features that are standardised; empty where
   * they are not, or no two of them vary differently.
   */
  public static Optional<BilevelProblem> byVariance(Model model, PreparedData data) {
    double[] variances = data.standardizer().isIdentity() ? new double[0] : variances(data);
    return Arrays.stream(variances).filter(v -> v > 0).distinct().count() > 1
        ? Optional.of(new BilevelProblem(model, List.of(new VariancePenalty(model, variances))))
        : Optional.empty();
  }

  /** Those of the features as they were read; 0 for constant ones. */
  private static double[] variances(PreparedData data) {
    Standardizer known = data.standardizer();
    Standardizer measured =
        known.isIdentity() ? Standardizer.fit(data.tables().train(), null) : known;
    return Arrays.stream(measured.scale()).map(s -> s == 0 ? 0 : 1 / (s * s)).toArray();
  }

  /** What data and model call the parameters of a model without upper variables. */
  public static UpperFacts facts(Model model, PreparedData data) {
    return facts(model, false, JudgedClasses.ALL, null, data);
  }

  /** Whether the training rows have groups at all. */
  public static boolean hasGroups(PreparedData data) {
    return !data.tables().train().stats().groups().isEmpty();
  }

  /** The driver's λ at the start, as told. */
  public static double[] initialLambda(UpperLevel upper, BilevelProblem problem) {
    return problem.start(variable -> upper.start(problem, variable));
  }

  /** Number of confusion matrices that training rows may have. */
  public static int noiseGroups(Model model, PreparedData data) {
    int groups = hasGroups(data) ? data.tables().groups().size() : 0;
    return Confusion.matrices(groups, Math.max(1, model.loss().classes()));
  }

  /** Names of the entries of the driver's λ; made when they are asked for. */
  public static List<String> names(UpperLevel upper, BilevelProblem problem, PreparedData data) {
    // Neither the intercepts' penalty nor the judged classes have a part in the names.
    UpperFacts facts = facts(problem.model(), false, JudgedClasses.ALL, upper.groups(), data);
    boolean several =
        problem.variables().stream().filter(v -> !v.weighsRows() && v.size() > 1).count() > 1;
    return new AbstractList<>() {
      @Override
      public String get(int j) {
        int at = j;
        for (UpperVariable variable : problem.variables()) {
          if (at < variable.size()) {
            String name = variable.entryName(at, facts);
            return several && !variable.weighsRows() && variable.size() > 1
                ? kind(upper.of(problem, j)) + ":" + name
                : name;
          }
          at -= variable.size();
        }
        throw new IndexOutOfBoundsException(j);
      }

      @Override
      public int size() {
        return problem.sharedSize();
      }
    };
  }

  /** What tells the penalties of a name apart: l1, l2 or group-lasso. */
  private static String kind(UpperVariableProvider penalty) {
    return penalty.label().replaceFirst("-per-.*", "");
  }

  /**
   * The curvature of a word, if it can work for the problem.
   *
   * @throws IllegalArgumentException when it cannot, with the memory that it would take
   */
  public static Curvature curvature(String word, int sketchColumns, BilevelProblem problem) {
    Curvature forced = Curvature.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    forced.requireFits(problem, sketchColumns);
    return forced;
  }
}

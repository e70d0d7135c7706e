package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.RowVariable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** The bilevel problem of a lower and an upper level, for the data at hand. */
public final class Problems {
  private static final String INTERCEPT = "intercept";

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
  static BilevelProblem of(
      LowerLevel lower, UpperLevel upper, PreparedData data, JudgedClasses judged) {
    Model model = model(lower, data);
    return new BilevelProblem(
        model, rows(lower, upper, data, judged), penalty(lower, upper, model));
  }

  private static Model model(LowerLevel lower, PreparedData data) {
    int features = data.tables().train().columns();
    return lower.family() == LowerLevel.Family.MLP
        ? lower.network().of(loss(lower, data), features)
        : new LinearModel(loss(lower, data), features, lower.intercept());
  }

  private static Penalty penalty(LowerLevel lower, UpperLevel upper, Model model) {
    boolean intercept = lower.penalizeIntercept();
    if (upper.penalty() == null) {
      return Penalty.fixed(model, lower.l2(), intercept);
    }
    requireFits(upper.penalty(), model);
    return switch (upper.penalty()) {
      case L2 -> Penalty.tuned(model, Sharing.ONE, intercept);
      case L2_PER_LAYER -> Penalty.tuned(model, Sharing.PER_LAYER, intercept);
      case L2_PER_CLASS -> Penalty.tuned(model, Sharing.PER_CLASS, intercept);
      case L2_PER_FEATURE -> Penalty.tuned(model, Sharing.PER_FEATURE, intercept);
      case L2_PER_COEFFICIENT -> Penalty.tuned(model, Sharing.PER_COEFFICIENT, intercept);
      case L2_PER_GROUP ->
          Penalty.grouped(
              model, upper.groups().groupOf(), upper.groups().names().size(), intercept);
      default -> throw new IllegalArgumentException("got " + upper.penalty() + " as a penalty");
    };
  }

  private static void requireFits(UpperVariable penalty, Model model) {
    boolean ofLayers = penalty == UpperVariable.L2_PER_LAYER;
    boolean ofOneLayer =
        !ofLayers && penalty != UpperVariable.L2 && penalty != UpperVariable.L2_PER_COEFFICIENT;
    if (model.isLinear() && ofLayers) {
      throw new IllegalArgumentException(
          "the upper variable l2-per-layer is for networks, got a linear model; use l2");
    }
    if (!model.isLinear() && ofOneLayer) {
      throw new IllegalArgumentException(
          "the upper variable "
              + penalty.label()
              + " is for linear models, got a network; use l2 or l2-per-layer");
    }
  }

  private static Loss loss(LowerLevel lower, PreparedData data) {
    return switch (lower.family()) {
      case LINEAR -> Losses.of(lower.loss());
      case LOGISTIC -> new LogisticLoss();
      case SOFTMAX, MLP -> new SoftmaxLoss(data.tables().classes().size());
    };
  }

  private static RowVariable rows(
      LowerLevel lower, UpperLevel upper, PreparedData data, JudgedClasses judged) {
    if (upper.weights() == null) {
      return new RowVariable.None();
    }
    boolean grouped = hasGroups(data);
    return switch (upper.weights()) {
      case WEIGHT_FUNCTION -> {
        if (data.tables().labels().size() == 0) {
          throw new IllegalArgumentException(
              "the upper variable weight-function weighs rows by the probability of their class,"
                  + " but the family linear has no classes; choose example-weights or"
                  + " group-weights");
        }
        // A network has learned little when λ begins to move: the model of the start misleads.
        yield new RowVariable.Designed(
            lower.family() == LowerLevel.Family.MLP
                ? RowVariable.Designed.WITHOUT_START
                : RowVariable.Designed.ALL_SCORES,
            grouped ? data.tables().groups().size() : 0,
            judged);
      }
      case EXAMPLE_WEIGHTS -> new RowVariable.ExampleWeights(upper.weightsStart(), judged);
      case GROUP_WEIGHTS -> {
        if (!grouped) {
          throw new IllegalArgumentException(
              "the upper variable group-weights needs groups, found none; name the column of the"
                  + " rows' source or choose weight-function");
        }
        yield new RowVariable.Designed(0, data.tables().groups().size(), judged);
      }
      default -> throw new IllegalArgumentException("got " + upper.weights() + " as weights");
    };
  }

  /** Whether the training rows have groups at all. */
  public static boolean hasGroups(PreparedData data) {
    return !data.tables().train().stats().groups().isEmpty();
  }

  /** The driver's λ at the start: the constant or all groups, and the penalties, as told. */
  public static double[] initialLambda(UpperLevel upper, BilevelProblem problem) {
    double[] lambda = new double[problem.sharedSize()];
    if (problem.rows() instanceof RowVariable.Designed designed) {
      Arrays.fill(lambda, 0, designed.scored() ? 1 : designed.groups(), upper.weightsStart());
    }
    if (upper.penalty() != null) {
      Arrays.fill(lambda, problem.rows().size(), lambda.length, upper.penaltyStart());
    }
    return lambda;
  }

  /** Names of the entries of the driver's λ; made when they are asked for. */
  public static List<String> names(UpperLevel upper, BilevelProblem problem, PreparedData data) {
    List<String> rows = new ArrayList<>();
    if (problem.rows() instanceof RowVariable.Designed designed) {
      if (designed.scored()) {
        rows.addAll(List.of("constant", "trusted log-odds", "current log-odds"));
      }
      if (designed.knowsStart()) {
        rows.add("start log-odds");
      }
      if (designed.groups() > 0) {
        rows.addAll(data.tables().groups().names());
      }
    }
    IntFunction<String> penalties = penaltyNames(upper, problem, data);
    return new AbstractList<>() {
      @Override
      public String get(int j) {
        return j < rows.size() ? rows.get(j) : penalties.apply(j - rows.size());
      }

      @Override
      public int size() {
        return problem.sharedSize();
      }
    };
  }

  /** The name of a feature, or of what comes after the last one. */
  static String feature(PreparedData data, int j) {
    List<String> features = data.tables().train().featureNames();
    return j < features.size() ? features.get(j) : INTERCEPT;
  }

  /** The class that an output of the model stands for; null where there are no classes. */
  static String output(BilevelProblem problem, PreparedData data, int k) {
    Model model = problem.model();
    return model.loss().classes() == 0
        ? null
        : data.tables().classes().name(model.outputs() == 1 ? 1 : k);
  }

  private static IntFunction<String> penaltyNames(
      UpperLevel upper, BilevelProblem problem, PreparedData data) {
    Model model = problem.model();
    IntFunction<String> feature = j -> feature(data, j);
    IntFunction<String> output =
        model.loss().classes() == 0 ? k -> UpperVariable.L2.label() : k -> output(problem, data, k);
    if (upper.penalty() == null) {
      return j -> UpperVariable.L2.label();
    }
    return switch (upper.penalty()) {
      case L2_PER_CLASS -> output;
      case L2_PER_LAYER -> l -> "layer " + (l + 1);
      case L2_PER_FEATURE -> feature;
      case L2_PER_COEFFICIENT -> {
        if (!model.isLinear()) {
          yield j -> "coefficient " + j;
        }
        int each = problem.penalty().size() / model.outputs();
        yield model.outputs() == 1
            ? feature
            : j -> feature.apply(j % each) + ":" + output.apply(j / each);
      }
      case L2_PER_GROUP -> {
        List<String> groups = upper.groups().names();
        yield j -> j < groups.size() ? groups.get(j) : INTERCEPT;
      }
      default -> j -> UpperVariable.L2.label();
    };
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

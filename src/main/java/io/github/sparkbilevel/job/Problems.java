package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.config.SolverConfig;
import io.github.sparkbilevel.job.config.UpperConfig;
import io.github.sparkbilevel.job.data.FeatureGroups;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.RowVariable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** The bilevel problem that a job file describes, for the data at hand. */
final class Problems {
  private static final String INTERCEPT = "intercept";

  private Problems() {}

  static BilevelProblem of(JobConfig config, DataSet data) {
    int features = data.tables().train().columns();
    LinearModel model = new LinearModel(loss(config, data), features, config.data().intercept());
    return new BilevelProblem(model, rows(config.upper(), data), penalty(config, model, data));
  }

  private static Penalty penalty(JobConfig config, LinearModel model, DataSet data) {
    boolean penalizeIntercept = config.model().penalizeIntercept();
    String penalty = config.upper().penalty().orElse("");
    return switch (penalty) {
      case "" -> Penalty.fixed(model, config.model().l2(), penalizeIntercept);
      case Keys.L2_PER_GROUP -> {
        FeatureGroups groups = data.featureGroups();
        yield Penalty.grouped(model, groups.groupOf(), groups.names().size(), penalizeIntercept);
      }
      default -> Penalty.tuned(model, sharing(penalty), penalizeIntercept);
    };
  }

  private static Sharing sharing(String penalty) {
    return switch (penalty) {
      case Keys.L2 -> Sharing.ONE;
      case Keys.L2_PER_CLASS -> Sharing.PER_CLASS;
      case Keys.L2_PER_FEATURE -> Sharing.PER_FEATURE;
      case Keys.L2_PER_COEFFICIENT -> Sharing.PER_COEFFICIENT;
      default -> throw new AssertionError(penalty);
    };
  }

  private static Loss loss(JobConfig config, DataSet data) {
    return switch (config.model().family()) {
      case Keys.LINEAR -> new SquaredLoss();
      case "logistic" -> new LogisticLoss();
      default -> new SoftmaxLoss(data.tables().classes().size());
    };
  }

  private static RowVariable rows(UpperConfig upper, DataSet data) {
    String weights = upper.weights().orElse("");
    boolean grouped = hasGroups(data);
    return switch (weights) {
      case Keys.WEIGHT_FUNCTION -> {
        if (data.tables().labels().size() == 0) {
          throw new ConfigException(
              "upper.variable = weight-function weighs rows by the probability of their class, but"
                  + " model.family = linear has no classes; choose example-weights or"
                  + " group-weights");
        }
        yield new RowVariable.Designed(true, grouped ? data.tables().groups().size() : 0);
      }
      case Keys.EXAMPLE_WEIGHTS ->
          new RowVariable.ExampleWeights(upper.initialOf(Keys.EXAMPLE_WEIGHTS));
      case Keys.GROUP_WEIGHTS -> {
        if (!grouped) {
          throw new ConfigException(
              "upper.variable = group-weights needs groups, found none; name their column in"
                  + " data.train.group or choose weight-function");
        }
        yield new RowVariable.Designed(false, data.tables().groups().size());
      }
      default -> new RowVariable.None();
    };
  }

  /** Whether the training rows have groups at all. */
  static boolean hasGroups(DataSet data) {
    return !data.tables().train().stats().groups().isEmpty();
  }

  /** The driver's λ at the start: the constant or all groups at {@code initial}, the rest at 0. */
  static double[] initialLambda(JobConfig config, BilevelProblem problem) {
    double[] lambda = new double[problem.sharedSize()];
    UpperConfig upper = config.upper();
    if (problem.rows() instanceof RowVariable.Designed designed) {
      double initial = upper.initialOf(upper.weights().orElseThrow());
      int entries = designed.scored() ? 1 : designed.groups();
      for (int j = 0; j < entries; j++) {
        lambda[j] = initial;
      }
    }
    if (upper.penalty().isPresent()) {
      double initial = upper.initialOf(upper.penalty().get());
      Arrays.fill(lambda, problem.rows().size(), lambda.length, initial);
    }
    return lambda;
  }

  /** Names of the entries of the driver's λ; made when they are asked for. */
  static List<String> names(BilevelProblem problem, JobConfig config, DataSet data) {
    List<String> rows = new ArrayList<>();
    if (problem.rows() instanceof RowVariable.Designed designed) {
      if (designed.scored()) {
        rows.addAll(List.of("constant", "trusted log-odds", "current log-odds"));
      }
      if (designed.groups() > 0) {
        rows.addAll(data.tables().groups().names());
      }
    }
    IntFunction<String> penalties = penaltyNames(problem, config, data);
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

  private static IntFunction<String> penaltyNames(
      BilevelProblem problem, JobConfig config, DataSet data) {
    Model model = problem.model();
    List<String> features = data.tables().train().featureNames();
    IntFunction<String> feature = j -> j < features.size() ? features.get(j) : INTERCEPT;
    IntFunction<String> output =
        k ->
            model.loss().classes() == 0
                ? Keys.L2
                : data.tables().classes().name(model.outputs() == 1 ? 1 : k);
    return switch (config.upper().penalty().orElse("")) {
      case Keys.L2_PER_CLASS -> output;
      case Keys.L2_PER_FEATURE -> feature;
      case Keys.L2_PER_COEFFICIENT -> {
        int each = problem.penalty().size() / model.outputs();
        yield model.outputs() == 1
            ? feature
            : j -> feature.apply(j % each) + ":" + output.apply(j / each);
      }
      case Keys.L2_PER_GROUP -> {
        List<String> groups = data.featureGroups().names();
        yield j -> j < groups.size() ? groups.get(j) : INTERCEPT;
      }
      default -> j -> Keys.L2;
    };
  }

  /** The curvature of the job file, with the reason where the choice was ours. */
  static Curvature.Choice curvature(JobConfig config, BilevelProblem problem, boolean sparse) {
    SolverConfig solver = config.solver();
    if (!solver.curvature().equals("auto")) {
      Curvature forced = curvature(solver.curvature(), solver.sketch(), problem);
      return new Curvature.Choice(forced, "chosen in the job file");
    }
    return solver.algorithm().equals(Keys.LBFGS)
        ? Curvature.chooseToSolve(problem, sparse, solver.sketch())
        : Curvature.choose(problem, sparse);
  }

  /** The curvature of a word, if it can work for the problem. */
  static Curvature curvature(String word, int sketchColumns, BilevelProblem problem) {
    Curvature forced = Curvature.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    try {
      forced.requireFits(problem, sketchColumns);
    } catch (IllegalArgumentException tooLarge) {
      throw new ConfigException("solver." + tooLarge.getMessage(), tooLarge);
    }
    return forced;
  }
}

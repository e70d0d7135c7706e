package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.config.UpperConfig;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.RowVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The bilevel problem that a job file describes, for the data at hand. */
final class Problems {
  private Problems() {}

  static BilevelProblem of(JobConfig config, DataSet data) {
    int features = data.tables().train().columns();
    LinearModel model = new LinearModel(loss(config, data), features, config.data().intercept());
    UpperConfig upper = config.upper();
    boolean penalizeIntercept = config.model().penalizeIntercept();
    Penalty penalty =
        upper.tunesL2()
            ? Penalty.tuned(model, penalizeIntercept)
            : Penalty.fixed(model, config.model().l2(), penalizeIntercept);
    return new BilevelProblem(model, rows(upper, data), penalty);
  }

  private static Loss loss(JobConfig config, DataSet data) {
    return switch (config.model().family()) {
      case "linear" -> new SquaredLoss();
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
    if (upper.tunesL2()) {
      lambda[lambda.length - 1] = upper.initialOf(Keys.L2);
    }
    return lambda;
  }

  /** Names of the entries of the driver's λ. */
  static List<String> names(BilevelProblem problem, DataSet data) {
    List<String> names = new ArrayList<>();
    if (problem.rows() instanceof RowVariable.Designed designed) {
      if (designed.scored()) {
        names.addAll(List.of("constant", "trusted log-odds", "current log-odds"));
      }
      if (designed.groups() > 0) {
        names.addAll(data.tables().groups().names());
      }
    }
    if (problem.penalty().size() > 0) {
      names.add(Keys.L2);
    }
    return names;
  }

  /** The curvature of a word of the job file, with the reason where the choice was ours. */
  static Curvature.Choice curvature(String word, BilevelProblem problem, boolean sparse) {
    if (word.equals("auto")) {
      return Curvature.choose(problem, sparse);
    }
    Curvature forced = Curvature.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    try {
      forced.requireFits(problem);
    } catch (IllegalArgumentException tooLarge) {
      throw new ConfigException("solver." + tooLarge.getMessage(), tooLarge);
    }
    return new Curvature.Choice(forced, "chosen in the job file");
  }
}

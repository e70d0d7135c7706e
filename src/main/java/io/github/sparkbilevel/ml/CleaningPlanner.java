package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.model.Arranged;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.model.Stack;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.SelectionMetric;
import io.github.sparkbilevel.problem.training.Augmentation;
import io.github.sparkbilevel.problem.training.Augmentation.Moves;
import io.github.sparkbilevel.problem.training.Augmentation.Units;
import io.github.sparkbilevel.settings.NetworkSettings;
import io.github.sparkbilevel.settings.RunSettings;

/** What a {@link DataCleaner} is to do with rows that are blocks already, by its params. */
record CleaningPlanner(DataCleaner cleaner) {
  /**
   * The most folds of the trusted rows, which take turns in making features and making F. The more
   * there are, the more the models that make features know of what the last one will know.
   */
  private static final int MOST_FOLDS = 5;

  /** Trusted rows for each fold, those held out counted; F over fewer rows is mostly luck. */
  private static final long ROWS_OF_FOLD = 20;

  private static final int LEAST_FOLDS = 2;

  /**
   * Where the slope of the trusted log-odds starts for networks: σ(2) for a row whose label the
   * trusted model finds one deviation likelier than that of the mean row. A network that was
   * trained on all labels alike has learned the wrong ones before λ can move.
   */
  private static final double TRUSTED_SLOPE = 2;

  /** A network is not fitted but trained, for every fold, so that it has to do with two. */
  int folds(PreparedTables tables) {
    if (tables.validation() == null) {
      return 1;
    }
    long folds = cleaner.isNetwork() ? 0 : tables.validation().rowCount() / ROWS_OF_FOLD;
    return (int) Math.max(LEAST_FOLDS, Math.min(MOST_FOLDS, folds));
  }

  /** What is to be done with the rows. */
  CleaningPlan plan(PreparedData data) {
    Settings params = new Settings(cleaner);
    UpperLevel upper = params.upper(null);
    BilevelProblem problem =
        Problems.of(
            params.lower(LowerLevel.Family.of(cleaner.getFamily()), cleaner.layers(false)),
            upper,
            data,
            new TrustedClasses(data.tables()).judged());
    Curvature.Choice choice = params.curvature(problem, data.trainingRows(), false);
    return new CleaningPlan(
        upper,
        choice,
        settings(params, upper, problem, data, choice.curvature()),
        cleaner.getCheckpointInterval(),
        cleaner.placement());
  }

  private CleaningSettings settings(
      Settings params,
      UpperLevel upper,
      BilevelProblem problem,
      PreparedData data,
      Curvature curvature) {
    boolean rotates = upper.weights() == BuiltInVariable.WEIGHT_FUNCTION;
    double[] bounds = params.bounds(BuiltInVariable.L2);
    NboSettings.Rotation rotation =
        rotates
            ? new NboSettings.Rotation(folds(data.tables()), cleaner.getRefreshInterval())
            : null;
    Augmentation moves = augmentation(problem.model(), data.standardizer());
    NboSettings nbo =
        params
            .nbo(curvature, cleaner.inUse(NetworkSettings.FACTOR_REFRESH), rotation)
            .with(cleaner.iterationTraining(moves), cleaner.factors());
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo)
            .withPenalty(cleaner.getRegParam())
            .from(initialLambda(upper, problem), bounds[0], bounds[1])
            .withStep(params.driverStep())
            .warmedUp(new WarmUp(cleaner.getWarmupTol(), cleaner.getWarmupPasses()))
            .comparedWith(params.baselines())
            .onBackend(cleaner.getBackend())
            .ofGroups(Problems.noiseGroups(problem.model(), data))
            .ofAnnotators(data.tables().annotators().size(), folds(data.tables()))
            .selectedBy(metric(problem))
            .withSeed(cleaner.getSeed())
            .with(cleaner.networks(moves));
    settings = data.sparse() ? settings.ofSparseRows() : settings;
    settings = data.tables().haveProbabilities() ? settings.ofRowsWithProbabilities() : settings;
    settings =
        problem.model().loss().classes() == 0
            ? settings.ofRealLabels(Problems.robustLoss(data))
            : settings;
    return cleaner.isGuided() ? settings : settings.unguided();
  }

  /** How training moves pictures that were standardised. */
  private Augmentation augmentation(Model model, Standardizer standardizer) {
    Moves moves = new Moves(cleaner.getImageShift(), cleaner.getImageFlip());
    if (moves.isNone()) {
      return Augmentation.NONE;
    }
    RowShape picture =
        model.layer() instanceof Stack stack && stack.layers().get(0) instanceof Arranged arranged
            ? arranged.out()
            : model.layer().in();
    Units units = new Units(standardizer.mean(), standardizer.scale(), standardizer.clip());
    return new Augmentation(picture, moves, units);
  }

  private SelectionMetric metric(BilevelProblem problem) {
    SelectionMetric metric = SelectionMetric.named(cleaner.getSelectionMetric());
    int classes = problem.model().loss().classes();
    if (metric == SelectionMetric.AUC && classes != 2) {
      throw new IllegalArgumentException(
          "%s is auc, which is defined for two classes, but there are %,d; try balancedAccuracy"
              .formatted(RunSettings.SELECTION_METRIC.path(), classes));
    }
    return metric;
  }

  /** λ at the start, with {@link #TRUSTED_SLOPE} for networks. */
  private double[] initialLambda(UpperLevel upper, BilevelProblem problem) {
    double[] lambda = Problems.initialLambda(upper, problem);
    boolean guided = cleaner.isNetwork() || problem.model().loss().classes() == 0;
    if (guided && upper.weights() == BuiltInVariable.WEIGHT_FUNCTION) {
      lambda[WeightFunction.TRUSTED] = TRUSTED_SLOPE;
    }
    return lambda;
  }
}

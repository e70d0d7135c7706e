package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Adam;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.FieldSettings;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.bilevel.TrainingRows;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.Preparation;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.Given;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Rules;
import io.github.sparkbilevel.settings.RunSettings;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.SolverSettings;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/** What the params of an estimator say together. */
record Settings(BilevelParams<?, ?> params) {
  private static final double ROW_STEP = 0.5;

  /** The kind of weights among the upper variables, or null. */
  UpperVariableProvider weights() {
    return variables().stream().filter(v -> v.kind() == Kind.WEIGHTS).findFirst().orElse(null);
  }

  /** Whether an upper variable needs the groups of features. */
  boolean needsFeatureGroups() {
    return variables().stream().anyMatch(UpperVariableProvider::needsFeatureGroups);
  }

  /** Whether they make a difference. */
  boolean takesFeatureGroups() {
    return variables().stream().anyMatch(UpperVariableProvider::takesFeatureGroups);
  }

  private List<UpperVariableProvider> variables() {
    return params.inUse(ProblemSettings.VARIABLE).stream().map(UpperVariables::named).toList();
  }

  private Rules rules() {
    return new Rules(new ByParam(params), params.use());
  }

  /** Refuses params that contradict each other, in one sentence. */
  void check() {
    rules().check();
    algorithm();
    for (UpperVariableProvider variable : variables()) {
      double[] bounds = bounds(variable);
      double start = start(variable);
      if (start < bounds[0] || start > bounds[1]) {
        throw new IllegalArgumentException(
            "lambdaBounds = %s leaves out %s, where %s starts; widen it, or change initialLambda"
                .formatted(Arrays.toString(bounds), start, variable.label()));
      }
    }
  }

  /** The values of params, called by their names. */
  private record ByParam(BilevelParams<?, ?> params) implements Given {
    @Override
    public <T> T get(Setting<T> setting) {
      return params.inUse(setting);
    }

    @Override
    public String name(Setting<?> setting) {
      return setting.param(params.stage()).orElse(setting.toString());
    }

    @Override
    public RuntimeException refusal(Setting<?> setting, String problem) {
      Object value = get(setting);
      Object plain = value instanceof Optional<?> some ? some.orElse(null) : value;
      return new IllegalArgumentException(name(setting) + " = " + plain + " " + problem);
    }
  }

  /** How λ moves. */
  Contender algorithm() {
    return AlgorithmRule.check(new ByParam(params), params.use());
  }

  /** The algorithm of the field, or null for those of our own. */
  private FieldSettings field() {
    Contender contender = algorithm();
    if (!contender.isOfField()) {
      return null;
    }
    Optional<Double> step = params.inUse(ProblemSettings.STEP);
    return new FieldSettings(step.map(contender::withStep).orElse(contender), params.getSeed());
  }

  /** Checks the columns that any estimator reads, by the schema. */
  InputColumns columns(StructType schema) {
    rules().requireGroups();
    InputColumns columns = new InputColumns(schema);
    columns.requireVector("featuresCol", params.getFeaturesCol());
    columns.requireScalar("idCol", params.getIdCol());
    columns.requireScalar("groupCol", params.getGroupCol());
    return columns;
  }

  private double start(UpperVariableProvider variable) {
    return rules().starts().get(variables().indexOf(variable));
  }

  /** The least and the greatest λ of a variable. */
  double[] bounds(UpperVariableProvider variable) {
    double[] bounds = params.getLambdaBounds();
    if (bounds.length > 0) {
      return bounds;
    }
    // What weighs rows in the cleaner has slopes, which want more room than weights do.
    boolean slopes = params instanceof DataCleaner && variable != BuiltInVariable.EXAMPLE_WEIGHTS;
    return slopes ? BuiltInVariable.L2.bounds() : variable.bounds();
  }

  UpperLevel upper(FeatureGroups groups) {
    return new UpperLevel(
        variables().stream().map(v -> new UpperLevel.Start(v, start(v))).toList(), groups);
  }

  LowerLevel lower(LowerLevel.Family family, LowerLevel.Layered layers) {
    return new LowerLevel(
        family,
        params.getRegParam(),
        params.getFitIntercept(),
        params.getPenalizeIntercept(),
        layers,
        params.inUse(ProblemSettings.LOSS));
  }

  private BlockLayout layout() {
    return Preparation.layout(
        params.getPrecision(),
        params.isNetwork() ? LowerLevel.Family.NETWORK : LowerLevel.Family.SOFTMAX,
        params.placement());
  }

  Preparation preparation(Preparation.Cut cut, Preparation.Centering centering) {
    return new Preparation(
        params.getStandardization(),
        params.inUse(DataSettings.CLIP).orElse(null),
        layout(),
        params.inUse(DataSettings.BLOCK_BYTES),
        params.getNumPartitions(),
        cut,
        centering,
        params.getSeed());
  }

  /**
   * The curvature of the params, with the reason where the choice was ours.
   *
   * @param toSolve whether systems are solved to accuracy
   */
  Curvature.Choice curvature(BilevelProblem problem, TrainingRows rows, boolean toSolve) {
    int columns = params.getSketchColumns();
    if (!params.getCurvature().equals("auto")) {
      Curvature forced = Problems.curvature(params.getCurvature(), columns, problem);
      return new Curvature.Choice(forced, "as chosen");
    }
    return toSolve
        ? Curvature.chooseToSolve(problem, rows, columns)
        : Curvature.choose(problem, rows, params.inUse(SolverSettings.PRODUCTS));
  }

  NboSettings nbo(Curvature curvature, int factorRefresh, NboSettings.Rotation rotation) {
    double[] rows = bounds(BuiltInVariable.EXAMPLE_WEIGHTS);
    return NboSettings.of(curvature)
        .withProducts(params.inUse(SolverSettings.PRODUCTS))
        .withIterations(params.getMaxIter())
        .withDamping(params.inUse(SolverSettings.DAMPING))
        .withPatience(params.getPatience())
        .withFactorRefresh(factorRefresh)
        .withRows(params.inUse(ProblemSettings.STEP).orElse(ROW_STEP), rows[0], rows[1])
        .rotating(rotation)
        .by(field());
  }

  double driverStep() {
    return params.inUse(ProblemSettings.STEP).orElse(Adam.DRIVER_STEP);
  }

  /** Where the columns of given rows are. */
  TableSpec table(String origin, String weightCol, String truthCol) {
    return TableSpec.of(origin)
        .withFormat(TableSpec.DATASET)
        .withLabel(params.inUse(DataSettings.TRAIN.label))
        .withId(params.inUse(DataSettings.TRAIN.id).orElse(null))
        .withFeatures(List.of(params.getFeaturesCol()))
        .withTruth(orNull(truthCol))
        .withGroup(params.inUse(DataSettings.TRAIN.group).orElse(null))
        .withVotes(
            params instanceof DataCleaner ? params.inUse(DataSettings.TRAIN.votes) : List.of())
        .withProbabilities(
            params instanceof DataCleaner
                ? params.inUse(DataSettings.TRAIN.probabilities)
                : List.of())
        .withLabelColumns(params.inUse(DataSettings.TRAIN.labelColumns))
        .withWeight(orNull(weightCol));
  }

  /** Where the columns of given trusted rows are, which need no group and no weight. */
  SplitSpec trustedTable(String weightCol) {
    return SplitSpec.table(
        table("the trusted data", weightCol, "")
            .withGroup(null)
            .withProbabilities(List.of())
            .withOptionalWeight()
            .withOptionalVotes());
  }

  /** The plain models beside a cleaned one. */
  Set<Baseline> baselines() {
    Set<Baseline> baselines = EnumSet.noneOf(Baseline.class);
    for (String name : params.inUse(RunSettings.BASELINES)) {
      baselines.add(Baseline.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')));
    }
    return baselines;
  }

  private static String orNull(String column) {
    return column.isEmpty() ? null : column;
  }
}

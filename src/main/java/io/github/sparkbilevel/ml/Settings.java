package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Adam;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** What the params of an estimator say together. */
final class Settings {
  private static final double ROW_STEP = 0.5;

  private final BilevelParams<?, ?> params;

  Settings(BilevelParams<?, ?> params) {
    this.params = params;
  }

  /** The kind of weights among the upper variables, or null. */
  UpperVariableProvider weights() {
    return ofKind(Kind.WEIGHTS);
  }

  /** The penalty among the upper variables, or null. */
  UpperVariableProvider penalty() {
    return ofKind(Kind.PENALTY);
  }

  private UpperVariableProvider ofKind(Kind kind) {
    return variables().stream().filter(v -> v.kind() == kind).findFirst().orElse(null);
  }

  private List<UpperVariableProvider> variables() {
    return Arrays.stream(params.getUpperVariables()).map(UpperVariables::named).toList();
  }

  /** Refuses params that contradict each other, in one sentence. */
  void check() {
    List<UpperVariableProvider> variables = variables();
    List<String> names = List.of(params.getUpperVariables());
    long penalties = variables.stream().filter(v -> v.kind() == Kind.PENALTY).count();
    if (penalties > 1 || variables.size() - penalties > 1) {
      throw wrong("upperVariables", names, "at most one kind of weights and one penalty");
    }
    if (variables.size() == 2 && variables.get(0).kind() == Kind.PENALTY) {
      throw wrong("upperVariables", names, "the weights first, then the penalty");
    }
    double[] initial = params.getInitialLambda();
    if (initial.length != 0 && initial.length != variables.size()) {
      throw wrong("initialLambda", Arrays.toString(initial), "one number for each of " + names);
    }
    if (penalties == 1 && initial.length == 0 && params.getRegParam() == 0) {
      throw wrong(
          "regParam", "0", "a positive number for the tuned penalty to start at, such as 0.01");
    }
    for (UpperVariableProvider variable : variables) {
      double[] bounds = bounds(variable);
      double start = start(variable);
      if (start < bounds[0] || start > bounds[1]) {
        throw wrong(
            "lambdaBounds",
            Arrays.toString(bounds),
            "bounds around " + start + ", where " + variable.label() + " starts");
      }
    }
  }

  /** Checks the columns that any estimator reads, by the schema. */
  InputColumns columns(StructType schema) {
    if (weights() == BuiltInVariable.GROUP_WEIGHTS && params.getGroupCol().isEmpty()) {
      throw wrong("groupCol", "''", "the column of the rows' source, for group-weights");
    }
    InputColumns columns = new InputColumns(schema);
    columns.requireVector("featuresCol", params.getFeaturesCol());
    columns.requireScalar("idCol", params.getIdCol());
    columns.requireScalar("groupCol", params.getGroupCol());
    return columns;
  }

  private static IllegalArgumentException wrong(String param, Object got, String expected) {
    return new IllegalArgumentException(param + " = " + got + ", expected " + expected);
  }

  private double start(UpperVariableProvider variable) {
    double[] initial = params.getInitialLambda();
    if (initial.length > 0) {
      return initial[List.of(params.getUpperVariables()).indexOf(variable.label())];
    }
    return variable.start(params.getRegParam());
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
    UpperVariableProvider weights = weights();
    UpperVariableProvider penalty = penalty();
    return new UpperLevel(
        weights,
        penalty,
        weights == null ? 0 : start(weights),
        penalty == null ? 0 : start(penalty),
        groups);
  }

  LowerLevel lower(LowerLevel.Family family, LowerLevel.Network network) {
    return new LowerLevel(
        family,
        params.getRegParam(),
        params.getFitIntercept(),
        params.getPenalizeIntercept(),
        network);
  }

  private BlockLayout layout() {
    boolean network = params instanceof NetworkParams<?, ?> some && some.isNetwork();
    return Preparation.layout(
        params.getPrecision(),
        network ? LowerLevel.Family.MLP : LowerLevel.Family.SOFTMAX,
        params.getBackend());
  }

  Preparation preparation(Preparation.Cut cut, Preparation.Centering centering) {
    double clip = params.getClip();
    return new Preparation(
        params.getStandardization(),
        clip > 0 ? clip : null,
        layout(),
        Math.max(1, Math.round(params.getMaxBlockSizeInMB() * (1 << 20))),
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
  Curvature.Choice curvature(BilevelProblem problem, boolean sparse, boolean toSolve) {
    int columns = params.getSketchColumns();
    if (!params.getCurvature().equals("auto")) {
      Curvature forced = Problems.curvature(params.getCurvature(), columns, problem);
      return new Curvature.Choice(forced, "as chosen");
    }
    return toSolve
        ? Curvature.chooseToSolve(problem, sparse, columns)
        : Curvature.choose(problem, sparse);
  }

  NboSettings nbo(Curvature curvature, int factorRefresh, NboSettings.Rotation rotation) {
    double[] rows = bounds(BuiltInVariable.EXAMPLE_WEIGHTS);
    return new NboSettings(
        curvature,
        params.productsInUse(),
        params.getMaxIter(),
        params.dampingInUse(),
        params.getPatience(),
        factorRefresh,
        params.getStepSize() > 0 ? params.getStepSize() : ROW_STEP,
        rows[0],
        rows[1],
        rotation);
  }

  double driverStep() {
    return params.getStepSize() > 0 ? params.getStepSize() : Adam.DRIVER_STEP;
  }

  /** Where the columns of given rows are. */
  TableSpec table(String origin, String weightCol, String truthCol) {
    return TableSpec.of(origin)
        .withFormat(TableSpec.DATASET)
        .withLabel(params.getLabelCol())
        .withId(orNull(params.getIdCol()))
        .withFeatures(List.of(params.getFeaturesCol()))
        .withTruth(orNull(truthCol))
        .withGroup(orNull(params.getGroupCol()))
        .withWeight(orNull(weightCol));
  }

  private static String orNull(String column) {
    return column.isEmpty() ? null : column;
  }
}

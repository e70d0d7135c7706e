package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Adam;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.FieldSettings;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.problem.BilevelProblem;
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
  UpperVariable weights() {
    return variables().stream().filter(v -> !v.isPenalty()).findFirst().orElse(null);
  }

  /** The penalty among the upper variables, or null. */
  UpperVariable penalty() {
    return variables().stream().filter(UpperVariable::isPenalty).findFirst().orElse(null);
  }

  private List<UpperVariable> variables() {
    return Arrays.stream(params.getUpperVariables()).map(UpperVariable::of).toList();
  }

  /** Refuses params that contradict each other, in one sentence. */
  void check() {
    List<UpperVariable> variables = variables();
    checkAlgorithm();
    long penalties = variables.stream().filter(UpperVariable::isPenalty).count();
    if (penalties > 1 || variables.size() - penalties > 1) {
      throw wrong("upperVariables", variables, "at most one kind of weights and one penalty");
    }
    if (variables.size() == 2 && variables.get(0).isPenalty()) {
      throw wrong("upperVariables", variables, "the weights first, then the penalty");
    }
    double[] initial = params.getInitialLambda();
    if (initial.length != 0 && initial.length != variables.size()) {
      throw wrong("initialLambda", Arrays.toString(initial), "one number for each of " + variables);
    }
    if (penalties == 1 && initial.length == 0 && params.getRegParam() == 0) {
      throw wrong(
          "regParam", "0", "a positive number for the tuned penalty to start at, such as 0.01");
    }
    for (UpperVariable variable : variables) {
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

  private void checkAlgorithm() {
    if (params.getAlgorithm().equals("auto")) {
      return;
    }
    Contender contender = Contender.ofSolver(params.getAlgorithm());
    boolean isNbo = contender.algorithm().equals(Contender.NBO);
    if (!isNbo && weights() == UpperVariable.EXAMPLE_WEIGHTS) {
      throw new IllegalArgumentException(
          "algorithm = %s cannot move example-weights, which are not on the driver; use nbo"
              .formatted(contender.text()));
    }
    if (!isNbo && params instanceof NetworkParams<?, ?> some && some.isNetwork()) {
      throw wrong("algorithm", contender.text(), "nbo for a network");
    }
    if (contender.algorithm().equals(Contender.LBFGS) && params instanceof DataCleaner) {
      throw wrong("algorithm", contender.text(), "nbo or an algorithm of the field to clean by");
    }
  }

  /** The algorithm of the field, or null for those of our own. */
  private FieldSettings field() {
    if (params.getAlgorithm().equals("auto")) {
      return null;
    }
    Contender contender = Contender.ofSolver(params.getAlgorithm());
    double step = params.getStepSize();
    return contender.isOfField()
        ? new FieldSettings(step > 0 ? contender.withStep(step) : contender, params.getSeed())
        : null;
  }

  /** Checks the columns that any estimator reads, by the schema. */
  InputColumns columns(StructType schema) {
    if (weights() == UpperVariable.GROUP_WEIGHTS && params.getGroupCol().isEmpty()) {
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

  private double start(UpperVariable variable) {
    double[] initial = params.getInitialLambda();
    if (initial.length > 0) {
      return initial[variables().indexOf(variable)];
    }
    return variable.isPenalty() ? Math.log(params.getRegParam()) : 0;
  }

  /** The least and the greatest λ of a variable. */
  double[] bounds(UpperVariable variable) {
    double[] bounds = params.getLambdaBounds();
    if (bounds.length > 0) {
      return bounds;
    }
    // What weighs rows in the cleaner has slopes, which want more room than weights do.
    boolean slopes = params instanceof DataCleaner && variable != UpperVariable.EXAMPLE_WEIGHTS;
    return slopes ? UpperVariable.L2.bounds() : variable.bounds();
  }

  /** The least and the greatest value of each entry of the driver's λ. */
  double[][] bounds(BilevelProblem problem) {
    double[] low = new double[problem.sharedSize()];
    double[] high = new double[problem.sharedSize()];
    int weights = problem.rows().size();
    if (weights > 0) {
      Arrays.fill(low, 0, weights, bounds(weights())[0]);
      Arrays.fill(high, 0, weights, bounds(weights())[1]);
    }
    if (penalty() != null) {
      Arrays.fill(low, weights, low.length, bounds(penalty())[0]);
      Arrays.fill(high, weights, high.length, bounds(penalty())[1]);
    }
    return new double[][] {low, high};
  }

  UpperLevel upper(FeatureGroups groups) {
    UpperVariable weights = weights();
    UpperVariable penalty = penalty();
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
        network,
        params instanceof TunedLinearRegression regression
            ? regression.getLoss()
            : LowerLevel.SQUARED);
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
    double[] rows = bounds(UpperVariable.EXAMPLE_WEIGHTS);
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
            rotation)
        .by(field());
  }

  double driverStep() {
    return params.getStepSize() > 0 ? params.getStepSize() : Adam.DRIVER_STEP;
  }

  /** Where the columns of given rows are. */
  TableSpec table(String origin, String weightCol, String truthCol) {
    return new TableSpec(
        origin,
        TableSpec.DATASET,
        null,
        params.getLabelCol(),
        orNull(params.getIdCol()),
        List.of(params.getFeaturesCol()),
        orNull(truthCol),
        orNull(params.getGroupCol()),
        orNull(weightCol),
        null);
  }

  private static String orNull(String column) {
    return column.isEmpty() ? null : column;
  }
}

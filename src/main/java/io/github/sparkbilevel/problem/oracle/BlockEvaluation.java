package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.function.IntBinaryOperator;

/**
 * What an {@link EvaluatePass} over blocks has summed up at a point, divided by n or m and with the
 * penalty added; products at that point are passes of their own.
 */
final class BlockEvaluation implements Evaluation {
  private final BlockOracle oracle;
  private final BilevelProblem problem;
  private final long rows;
  private final BilevelOracle.Query query;
  private final EvaluatePass.Layout layout;
  private final double[] sums;
  private final Generation<PartitionState> states;
  private final double[] smoothGradient;
  private final double[] gradient;
  private final double[] upperGradient;
  private final boolean isView;

  /** With the upper gradient of another evaluation it is a view of that one. */
  BlockEvaluation(
      BlockOracle oracle,
      BilevelOracle.Query query,
      EvaluatePass.Layout layout,
      double[] sums,
      Generation<PartitionState> states,
      double[] upperGradient) {
    this.oracle = oracle;
    this.problem = oracle.problem();
    this.rows = oracle.rows();
    this.query = query;
    this.layout = layout;
    this.sums = sums;
    this.states = states;
    this.smoothGradient = dataPart(layout.gradient());
    problem.addPenaltyGradient(query.theta(), query.lambda(), smoothGradient);
    this.gradient =
        problem
            .kinks(query.lambda())
            .map(kinks -> kinks.leastSubgradient(query.theta(), smoothGradient))
            .orElse(smoothGradient);
    this.isView = upperGradient != null;
    this.upperGradient = isView ? upperGradient : meanUpperGradient();
  }

  private double[] meanUpperGradient() {
    double[] mean = Vectors.slice(sums, layout.upperGradient(), query.theta().length);
    double weight = Tally.weight(sums, layout.upper());
    for (int j = 0; weight > 0 && j < mean.length; j++) {
      mean[j] /= weight;
    }
    return mean;
  }

  private double[] dataPart(int at) {
    double[] part = Vectors.slice(sums, at, query.theta().length);
    for (int j = 0; j < part.length; j++) {
      part[j] /= rows;
    }
    return part;
  }

  @Override
  public double[] theta() {
    return query.theta();
  }

  @Override
  public double[] lambda() {
    return query.lambda();
  }

  @Override
  public double value() {
    return sums[layout.loss()] / rows + problem.penalty(query.theta(), query.lambda());
  }

  @Override
  public double lowerObjectiveAt(double[] before) {
    double loss = sums[problem.hasExampleWeights() ? layout.lossBefore() : layout.loss()];
    return loss / rows + problem.penalty(query.theta(), before);
  }

  @Override
  public double[] gradient() {
    return gradient;
  }

  @Override
  public double[] smoothGradient() {
    return smoothGradient;
  }

  @Override
  public double[] adjointProduct() {
    if (query.adjoint() == null) {
      return null;
    }
    double[] product = dataPart(layout.product());
    problem.addPenaltyProduct(query.adjoint(), query.lambda(), product);
    return product;
  }

  @Override
  public Tally upper() {
    return Tally.read(sums, layout.upper()).plus(problem.upperTerm(query.lambda()));
  }

  @Override
  public double[] upperGradient() {
    return upperGradient;
  }

  @Override
  public Tally heldOut() {
    return Tally.read(sums, layout.heldOut());
  }

  @Override
  public Tally test() {
    return Tally.read(sums, layout.test());
  }

  @Override
  public RowGradientNorms rowGradient() {
    return RowGradientNorms.read(sums, layout.rowGradient());
  }

  @Override
  public LinearOperator hessian(double damping) {
    return products(oracle.kernel(), damping);
  }

  @Override
  public LinearOperator exactHessian(double damping) {
    return products(oracle.exactKernel(), damping);
  }

  private LinearOperator products(BlockKernel of, double damping) {
    return LinearOperator.of(
        query.theta().length, columns -> hessianProducts(of, columns, damping));
  }

  private double[][] hessianProducts(BlockKernel of, double[][] columns, double damping) {
    HessianPass pass = productPass(of, columns);
    double[] products = oracle.engine().run(pass, states, false).sums();
    oracle.ledger().add(new Work(0, columns.length, rows));
    return products(columns, products, damping);
  }

  /** The pass that multiplies. */
  HessianPass productPass(BlockKernel of, double[][] columns) {
    double[] theta = problem.model().isLinear() ? null : query.theta();
    return new HessianPass(of, theta, sideBySide(columns));
  }

  /** (H + δI) times columns, from what {@link #productPass} summed up. */
  double[][] products(double[][] columns, double[] products, double damping) {
    int d = query.theta().length;
    double[][] result = new double[columns.length][];
    for (int c = 0; c < columns.length; c++) {
      result[c] = new double[d];
      Vectors.addTo(result[c], 1.0 / rows, products, c * d);
      problem.addPenaltyProduct(columns[c], query.lambda(), result[c]);
      Vectors.addTo(result[c], damping, columns[c]);
    }
    return result;
  }

  /** One after the other; a single one is not copied, for no pass outlives the call. */
  private static double[] sideBySide(double[][] columns) {
    if (columns.length == 1) {
      return columns[0];
    }
    int d = columns[0].length;
    double[] all = new double[columns.length * d];
    for (int c = 0; c < columns.length; c++) {
      Vectors.copyTo(columns[c], all, c * d);
    }
    return all;
  }

  @Override
  public List<KroneckerFactors> factors() {
    return layout.extra() == Extra.KRONECKER && !isView ? layout.factors(sums, rows) : null;
  }

  @Override
  public double[] eigenScales(List<KroneckerBasis> bases) {
    ScalesPass pass = new ScalesPass(oracle.kernel(), query.theta(), bases);
    return Vectors.scaled(1.0 / rows, oracle.engine().run(pass, states, false).sums());
  }

  @Override
  public RowSample sample(int most, long draw) {
    var pass = new SampleRowsPass(draw, Math.min(1, most / (double) rows));
    return new RowSample(oracle.engine().run(pass, states, false).sums(), query.theta());
  }

  @Override
  public LowerObjective.Point over(RowSample sample) {
    return sample.evaluation(problem.model(), oracle.backend());
  }

  @Override
  public double[] dataDiagonal() {
    return layout.extra() == Extra.DIAGONAL && !isView ? dataPart(layout.extras()) : null;
  }

  @Override
  public double[] alongLine() {
    double[] v = query.way().newtonStep();
    if (v == null || isView) {
      return null;
    }
    double[] steps = LowerObjective.lineSteps();
    double[] values = new double[steps.length];
    for (int i = 0; i < steps.length; i++) {
      double[] shorter = Vectors.plus(query.theta(), 1 - steps[i], v);
      values[i] = sums[layout.line() + i] / rows + problem.penalty(shorter, query.lambda());
    }
    return values;
  }

  @Override
  public double[] denseHessian() {
    if (layout.extra() != Extra.HESSIAN) {
      return null;
    }
    int d = query.theta().length;
    double[] c = problem.penaltyDiagonal(query.lambda());
    return symmetric(c, (row, column) -> layout.extras() + row + column * d, sums);
  }

  /**
   * Both triangles of a matrix that was summed up, divided by n, with a diagonal added.
   *
   * @param at where an entry of the lower triangle lies, asked column by column
   */
  private double[] symmetric(double[] diagonal, IntBinaryOperator at, double[] of) {
    int n = diagonal.length;
    double[] h = new double[n * n];
    for (int column = 0; column < n; column++) {
      for (int row = column; row < n; row++) {
        double value = of[at.applyAsInt(row, column)] / rows + (row == column ? diagonal[row] : 0);
        h[row + column * n] = value;
        h[column + row * n] = value;
      }
    }
    return h;
  }

  @Override
  public Optional<List<double[]>> hessianOn(Support coordinates) {
    if (!(problem.model() instanceof LinearModel model)) {
      return Optional.empty();
    }
    var pass = new SupportHessianPass(model, oracle.backend(), coordinates);
    if (!SupportHessianPass.fit(List.of(pass), oracle.engine().partitionCount())) {
      return Optional.empty();
    }
    double[] sums = oracle.engine().run(pass, states, false).sums();
    oracle.ledger().add(new Work(0, coordinates.count(), rows));
    return Optional.of(List.of(hessianOn(coordinates, sums)));
  }

  /** The same from what the pass summed up. */
  double[] hessianOn(Support coordinates, double[] sums) {
    double[] c = coordinates.gather(problem.penaltyDiagonal(query.lambda()));
    int n = coordinates.count();
    return symmetric(c, (row, column) -> column * (2 * n - column - 1) / 2 + row, sums);
  }

  /** The same sums under another penalty. */
  BlockEvaluation underPenalty(double[] lambda) {
    return new BlockEvaluation(oracle, query.under(lambda), layout, sums, states, upperGradient);
  }

  /** Whatever {@link BlockOracle#evaluation} makes it from. */
  void save(Snapshot snapshot) {
    query.save(snapshot);
    snapshot.put("sums", sums);
    snapshot.putRows("states", states, Snapshot.Part.POINT);
  }

  /** The generation that the pass left. */
  Generation<PartitionState> states() {
    return states;
  }

  @Override
  public void release() {
    if (!isView) {
      states.release();
    }
  }
}

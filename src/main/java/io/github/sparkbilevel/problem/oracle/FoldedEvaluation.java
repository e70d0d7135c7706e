package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Both levels of a cross-validation at one (θ, λ): sums of the lower objectives of the folds, means
 * of the upper ones.
 */
final class FoldedEvaluation implements Evaluation {
  private final FoldedOracle oracle;
  private final BilevelOracle.Query query;
  private final List<BlockEvaluation> parts;
  private final Generation<SideBySide.States> states;
  private boolean isView;

  FoldedEvaluation(
      FoldedOracle oracle,
      BilevelOracle.Query query,
      List<BlockEvaluation> parts,
      Generation<SideBySide.States> states) {
    this.oracle = oracle;
    this.query = query;
    this.parts = parts;
    this.states = states;
  }

  /** What was asked for. */
  BilevelOracle.Query query() {
    return query;
  }

  /** What the pass left beside the rows. */
  Generation<SideBySide.States> states() {
    return states;
  }

  @Override
  public List<BlockEvaluation> parts() {
    return parts;
  }

  private double sum(ToDoubleFunction<BlockEvaluation> of) {
    return parts.stream().mapToDouble(of).sum();
  }

  private double[] join(Function<BlockEvaluation, double[]> of) {
    return oracle.join(k -> of.apply(parts.get(k)));
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
    return sum(BlockEvaluation::value);
  }

  @Override
  public double lowerObjectiveAt(double[] before) {
    return sum(part -> part.lowerObjectiveAt(before));
  }

  @Override
  public double[] gradient() {
    return join(BlockEvaluation::gradient);
  }

  @Override
  public double[] smoothGradient() {
    return join(BlockEvaluation::smoothGradient);
  }

  @Override
  public double[] adjointProduct() {
    return join(BlockEvaluation::adjointProduct);
  }

  @Override
  public Tally upper() {
    List<Tally> folds = parts.stream().map(BlockEvaluation::upper).toList();
    Tally mean = mean(BlockEvaluation::upper);
    double squares = 0;
    for (Tally fold : folds) {
      double deviation = fold.loss() - mean.loss();
      squares += deviation * deviation;
    }
    int count = folds.size();
    // Rows of a fold are judged by one model, so that the folds and not the rows are independent.
    double error = Math.sqrt(squares / count / (count - 1));
    return new Tally(mean.loss(), mean.accuracy(), error, mean.rows());
  }

  @Override
  public double[] upperGradient() {
    return Vectors.scaled(1.0 / parts.size(), join(BlockEvaluation::upperGradient));
  }

  @Override
  public Tally heldOut() {
    return parts.get(0).heldOut();
  }

  @Override
  public Tally test() {
    return mean(BlockEvaluation::test);
  }

  private Tally mean(Function<BlockEvaluation, Tally> of) {
    List<Tally> tallies = parts.stream().map(of).toList();
    int count = tallies.size();
    double squares =
        tallies.stream().mapToDouble(tally -> tally.standardError() * tally.standardError()).sum();
    return new Tally(
        tallies.stream().mapToDouble(Tally::loss).sum() / count,
        tallies.stream().mapToDouble(Tally::accuracy).sum() / count,
        Math.sqrt(squares) / count,
        tallies.stream().mapToLong(Tally::rows).sum());
  }

  @Override
  public RowGradientNorms rowGradient() {
    return parts.get(0).rowGradient();
  }

  @Override
  public LinearOperator hessian(double damping) {
    return LinearOperator.of(
        query.theta().length, columns -> oracle.products(this, columns, damping));
  }

  @Override
  public List<KroneckerFactors> factors() {
    return null;
  }

  @Override
  public double[] dataDiagonal() {
    return join(BlockEvaluation::dataDiagonal);
  }

  @Override
  public double[] alongLine() {
    double[][] lines = parts.stream().map(BlockEvaluation::alongLine).toArray(double[][]::new);
    if (lines[0] == null) {
      return null;
    }
    double[] sum = new double[lines[0].length];
    for (double[] line : lines) {
      Vectors.addTo(sum, 1, line);
    }
    return sum;
  }

  /** Never formed: it falls into those of the parts. */
  @Override
  public double[] denseHessian() {
    return null;
  }

  @Override
  public Optional<List<double[]>> hessianOn(Support coordinates) {
    return oracle.hessianOn(this, coordinates);
  }

  /** The same sums under another penalty. */
  FoldedEvaluation underPenalty(double[] lambda) {
    FoldedEvaluation view =
        new FoldedEvaluation(
            oracle,
            query.under(lambda),
            parts.stream().map(part -> part.underPenalty(lambda)).toList(),
            states);
    view.isView = true;
    return view;
  }

  @Override
  public void release() {
    if (!isView) {
      states.release();
    }
  }
}

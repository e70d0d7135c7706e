package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The oracle of a cross-validation: one λ, and for each fold a linear model that is trained on the
 * rows of the others.
 *
 * <pre>
 *   G(θ_1 … θ_K, λ) = Σ_k G_k(θ_k, λ)            G_k over the rows without fold k
 *   F(θ_1 … θ_K)    = (1/K) Σ_k F_k(θ_k)         F_k over the rows of fold k
 * </pre>
 *
 * <p>θ holds the models one after the other. They share every pass, and G falls into as many {@link
 * LowerObjective#parts}: a hypergradient is the mean of those of the folds.
 */
public final class FoldedOracle implements BilevelOracle {
  private final BilevelProblem problem;
  private final PassEngine engine;
  private final List<BlockOracle> models = new ArrayList<>();
  private final List<RowView> views;
  private final long rows;
  private final int parameters;

  private FoldedOracle(
      BilevelProblem problem, PassEngine engine, String backend, List<FoldRows> folds) {
    this.engine = engine;
    this.views = folds.stream().map(FoldRows::view).toList();
    this.parameters = problem.model().size();
    if (problem.weighsRows() || !problem.model().isLinear()) {
      throw new IllegalArgumentException(
          "got weights of rows or a network, expected penalties of a linear model with folds");
    }
    long sum = 0;
    for (FoldRows fold : folds) {
      models.add(new BlockOracle(problem, engine, backend, fold.rows()));
      sum += fold.rows();
    }
    this.rows = sum;
    this.problem =
        new BilevelProblem(
            problem.model(),
            problem.variables().stream()
                .<UpperVariable>map(variable -> new Copies(variable, parameters))
                .toList());
  }

  /**
   * The oracle over folds, or over training and validation rows where there are none; costs no
   * pass.
   *
   * @param backend name of the dense backend, or {@code auto}
   * @param rows n, the number of training rows without folds
   */
  public static BilevelOracle orPlain(
      BilevelProblem problem, PassEngine engine, String backend, long rows, List<FoldRows> folds) {
    return folds.isEmpty()
        ? new BlockOracle(problem, engine, backend, rows)
        : new FoldedOracle(problem, engine, backend, folds);
  }

  /** Over the parameters of all models. */
  @Override
  public BilevelProblem problem() {
    return problem;
  }

  /** Rows that models are trained on, one by as many models as it is. */
  @Override
  public long rows() {
    return rows;
  }

  @Override
  public PassLedger ledger() {
    return engine.ledger();
  }

  int count() {
    return models.size();
  }

  /** What belongs to a model of something laid out as θ; null of null. */
  double[] part(double[] all, int model) {
    return all == null ? null : Vectors.slice(all, model * parameters, parameters);
  }

  /** Something laid out as θ, from what belongs to each model; null where that is null. */
  double[] join(IntFunction<double[]> part) {
    double[][] parts = IntStream.range(0, count()).mapToObj(part).toArray(double[][]::new);
    return parts[0] == null ? null : Vectors.join(parts);
  }

  @Override
  public Evaluation evaluate(Query query) {
    List<EvaluatePass> passes = new ArrayList<>();
    List<Query> queries = new ArrayList<>();
    for (int k = 0; k < count(); k++) {
      Query own =
          Query.at(part(query.theta(), k), query.lambda())
              .along(part(query.adjoint(), k))
              .with(query.extra())
              .afterStep(part(query.way().newtonStep(), k));
      queries.add(own);
      passes.add(models.get(k).pass(own));
    }
    PassEngine.Result<SideBySide.States> result =
        engine.run(new SideBySide(passes, views), null, true);
    List<BlockEvaluation> parts = new ArrayList<>();
    long read = rows;
    int at = 0;
    for (int k = 0; k < count(); k++) {
      EvaluatePass.Layout layout = passes.get(k).layout();
      double[] sums = Vectors.slice(result.sums(), at, layout.length());
      at += sums.length;
      parts.add(new BlockEvaluation(models.get(k), queries.get(k), layout, sums, null, null));
      read += parts.get(k).upper().rows();
    }
    int products = query.adjoint() == null ? 0 : count();
    ledger().add(new Work(2L * count(), products, read));
    return new FoldedEvaluation(this, query.arrived(), parts, result.states());
  }

  /** (H + δI) times columns; costs 1 pass. */
  double[][] products(FoldedEvaluation at, double[][] columns, double damping) {
    double[][][] own = new double[count()][columns.length][];
    List<HessianPass> passes = new ArrayList<>();
    for (int k = 0; k < count(); k++) {
      for (int c = 0; c < columns.length; c++) {
        own[k][c] = part(columns[c], k);
      }
      passes.add(at.parts().get(k).productPass(models.get(k).kernel(), own[k]));
    }
    double[] sums = engine.run(new SideBySide(passes, views), at.states(), false).sums();
    ledger().add(new Work(0, (long) columns.length * count(), rows));
    double[][] products = new double[columns.length][columns[0].length];
    int length = columns.length * parameters;
    for (int k = 0; k < count(); k++) {
      double[] sum = Vectors.slice(sums, k * length, length);
      double[][] product = at.parts().get(k).products(own[k], sum, damping);
      for (int c = 0; c < columns.length; c++) {
        Vectors.copyTo(product[c], products[c], k * parameters);
      }
    }
    return products;
  }

  /** H of each model on some of its coefficients; costs 1 pass. */
  Optional<List<double[]>> hessianOn(FoldedEvaluation at, Support coordinates) {
    List<Support> own =
        IntStream.range(0, count())
            .mapToObj(k -> coordinates.part(k * parameters, parameters))
            .toList();
    LinearModel model = (LinearModel) problem.model();
    String backend = models.get(0).backend();
    List<SupportHessianPass> passes =
        own.stream().map(part -> new SupportHessianPass(model, backend, part)).toList();
    if (!SupportHessianPass.fit(passes, engine.partitionCount())) {
      return Optional.empty();
    }
    double[] sums = engine.run(new SideBySide(passes, views), at.states(), false).sums();
    ledger().add(new Work(0, coordinates.count(), rows));
    List<double[]> formed = new ArrayList<>();
    int from = 0;
    for (int k = 0; k < count(); k++) {
      int length = passes.get(k).length();
      double[] part = Vectors.slice(sums, from, length);
      formed.add(at.parts().get(k).hessianOn(own.get(k), part));
      from += length;
    }
    return Optional.of(formed);
  }

  @Override
  public Evaluation underPenalty(Evaluation at, double[] lambda) {
    return ((FoldedEvaluation) at).underPenalty(lambda);
  }

  @Override
  public MixedProduct mixedProduct(
      Evaluation at, double[] theta, double[] adjoint, OptionalInt refresh) {
    throw new UnsupportedOperationException("penalties need no pass for their mixed product");
  }

  @Override
  public void makeFeatures(double[] trusted, int chosen, double[] current) {
    throw new UnsupportedOperationException("penalties need no row features");
  }

  @Override
  public SampledPasses samples(RowSampling sampling, long upperRows) {
    throw new UnsupportedOperationException("folds are not sampled");
  }

  @Override
  public LowerObjective<Evaluation> lower(Evaluation start, double[] lambda) {
    return new Lower(lambda);
  }

  @Override
  public double[] start() {
    double[] one = problem().model().initial(0);
    return join(k -> one);
  }

  @Override
  public void save(Snapshot snapshot) {
    ledger().save(snapshot.in("ledger"));
  }

  @Override
  public void restore(Snapshot snapshot) {
    ledger().restore(snapshot.in("ledger"));
  }

  @Override
  public void save(Evaluation evaluation, Snapshot snapshot) {
    ((FoldedEvaluation) evaluation).query().save(snapshot);
  }

  /** Evaluates once more; costs 1 pass. */
  @Override
  public Evaluation evaluation(Snapshot snapshot) {
    return evaluate(Query.restored(snapshot));
  }

  @Override
  public void close() {
    // Nothing is kept beside the rows but what evaluations keep.
  }

  private final class Lower implements LowerObjective<Evaluation> {
    private final double[] lambda;
    private final List<LowerObjective<Evaluation>> parts;

    Lower(double[] lambda) {
      this.lambda = lambda;
      this.parts = models.stream().map(model -> model.lower(null, lambda)).toList();
    }

    @Override
    public List<LowerObjective<Evaluation>> parts() {
      return parts;
    }

    @Override
    public int size() {
      return count() * parameters;
    }

    /** There is one for each model; each is that of its part. */
    @Override
    public double[] nullDirection() {
      return null;
    }

    @Override
    public double[] penaltyDiagonal() {
      double[] one = parts.get(0).penaltyDiagonal();
      return join(k -> one);
    }

    @Override
    public Optional<Kinks> kinks() {
      return parts.get(0).kinks().map(one -> one.copies(count()));
    }

    @Override
    public Evaluation at(double[] theta, Extra extra) {
      return at(theta, null, extra);
    }

    @Override
    public Evaluation at(double[] theta, double[] v, Extra extra) {
      return evaluate(Query.at(theta, lambda).with(extra).afterStep(v));
    }
  }
}

package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.NoisyLabelLoss;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.Arrays;
import java.util.List;

/**
 * Several models of one kind, each fitted on its own rows with its own mean loss and the same l2,
 * as one lower objective: the sum of theirs.
 *
 * <p>θ holds the models one after the other. They share every pass, and so every matrix product
 * with the rows: ten fits cost the passes of one.
 */
public final class PlainFits implements LowerObjective<PlainFits.Fitted>, AutoCloseable {
  private final BlockKernel plain;
  private final PassEngine engine;
  private final List<FitRows> fits;
  private final Ridge penalty;
  private Generation<FitState> selected;
  private double[] totals;

  /** Under the loss that the fits minimise. */
  private BlockKernel kernel;

  /**
   * Chooses the rows; costs 1 pass.
   *
   * @param judges what {@link FitRows.Kept} and {@link FitRows.Believed} refer to
   */
  public PlainFits(
      BlockKernel kernel,
      PassEngine engine,
      Ridge penalty,
      List<FitRows> fits,
      List<Judge> judges) {
    this.plain = kernel;
    this.kernel = kernel;
    this.engine = engine;
    this.fits = List.copyOf(fits);
    this.penalty = penalty;
    PassEngine.Result<FitState> result =
        engine.run(new SelectPass(kernel, this.fits, List.copyOf(judges)), null, true);
    this.selected = result.states();
    this.totals = result.sums();
  }

  /** Takes the labels of the training rows as confused from now on, for classifiers. */
  public void assume(Confusion confusion) {
    kernel = plain.with(new NoisyLabelLoss(plain.model().loss(), confusion));
  }

  /**
   * How two models share the training rows.
   *
   * @param share of the second, π
   * @param logLikelihood mean of ln p(given label) before that
   */
  public record Mixture(double share, double logLikelihood) {}

  /**
   * Shares the training rows between two models, by which of them each row's label is likelier to
   * come from; costs 1 pass. For a pair of fits of which the first alone uses trusted rows.
   *
   * @param theta the parameters of both
   * @param share the part of the second, before
   */
  public Mixture share(double[] theta, double share) {
    PassEngine.Result<FitState> result =
        engine.run(new MixturePass(kernel, theta, share), selected, true);
    selected.release();
    selected = result.states();
    totals = Arrays.copyOf(result.sums(), 2);
    double weight = result.sums()[MixturePass.WEIGHT];
    return new Mixture(
        result.sums()[MixturePass.SECOND] / weight,
        result.sums()[MixturePass.LOG_LIKELIHOOD] / weight);
  }

  /** Number of models. */
  public int models() {
    return fits.size();
  }

  /** Σ of the weights of the rows that each model is fitted on. */
  public double[] totals() {
    return totals.clone();
  }

  @Override
  public int size() {
    return fits.size() * kernel.model().size();
  }

  @Override
  public double[] nullDirection() {
    return null;
  }

  @Override
  public double[] penaltyDiagonal() {
    int d = kernel.model().size();
    double[] c = penalty.strengths();
    double[] all = new double[size()];
    for (int f = 0; f < fits.size(); f++) {
      System.arraycopy(c, 0, all, f * d, d);
    }
    return all;
  }

  @Override
  public boolean isConvex() {
    return kernel.model().isLinear();
  }

  /** One pass of stochastic training of all models, each on its own rows; needs no point. */
  @Override
  public Trained train(Fitted point, Trained start, Training training) {
    double[] c = penalty.strengths();
    FitTrainPass pass =
        new FitTrainPass(kernel, fits, start, training, c, engine.ledger().passes());
    return start.next(engine.run(pass, selected, false).sums());
  }

  @Override
  public Fitted at(double[] theta, Extra extra) {
    FitPass pass = new FitPass(kernel, fits, theta, extra, engine.ledger().passes());
    PassEngine.Result<FitState> result = engine.run(pass, selected, true);
    return new Fitted(pass, result.sums(), result.states());
  }

  @Override
  public void close() {
    selected.release();
  }

  /** The models at one θ. */
  public final class Fitted implements LowerObjective.Point {
    private final FitPass pass;
    private final double[] sums;
    private final Generation<FitState> states;
    private final double[] gradient;
    private final double value;

    private Fitted(FitPass pass, double[] sums, Generation<FitState> states) {
      this.pass = pass;
      this.sums = sums;
      this.states = states;
      int d = kernel.model().size();
      this.gradient = new double[size()];
      double total = 0;
      for (int f = 0; f < fits.size(); f++) {
        double[] one = theta(f);
        double[] g = new double[d];
        penalty.addProduct(one, g);
        Vectors.addTo(g, share(f), Vectors.slice(sums, f * pass.stride() + 1, d));
        System.arraycopy(g, 0, gradient, f * d, d);
        total += share(f) * sums[f * pass.stride()] + penalty.value(one);
      }
      this.value = total;
    }

    private double share(int fit) {
      return totals[fit] > 0 ? 1 / totals[fit] : 0;
    }

    /** The parameters of one model. */
    public double[] theta(int fit) {
      int d = kernel.model().size();
      return Vectors.slice(pass.theta(), fit * d, d);
    }

    @Override
    public double[] theta() {
      return pass.theta();
    }

    @Override
    public double value() {
      return value;
    }

    @Override
    public double[] gradient() {
      return gradient;
    }

    @Override
    public LinearOperator hessian(double damping) {
      return LinearOperator.of(
          PlainFits.this.size(),
          columns -> {
            double[][] products = new double[columns.length][];
            Arrays.setAll(products, c -> product(columns[c], damping));
            return products;
          });
    }

    private double[] product(double[] directions, double damping) {
      int d = kernel.model().size();
      double[] theta = kernel.model().isLinear() ? null : pass.theta();
      double[] result =
          engine.run(new FitHessianPass(kernel, fits, theta, directions), states, false).sums();
      for (int f = 0; f < fits.size(); f++) {
        double[] h = new double[d];
        double[] v = Vectors.slice(directions, f * d, d);
        penalty.addProduct(v, h);
        Vectors.addTo(h, share(f), Vectors.slice(result, f * d, d));
        Vectors.addTo(h, damping, v);
        System.arraycopy(h, 0, result, f * d, d);
      }
      return result;
    }

    /** The factors that all models share: those of all rows at the first model's predictions. */
    @Override
    public List<KroneckerFactors> factors() {
      if (pass.extra() != Extra.KRONECKER) {
        return null;
      }
      double rows = sums[pass.extras() + kernel.factorSums() - 1];
      return kernel.factors(sums, pass.extras(), Math.max(1, rows));
    }

    @Override
    public double[] denseHessian() {
      return null;
    }

    @Override
    public void release() {
      states.release();
    }
  }
}

package io.github.sparkbilevel.problem.training;

import io.github.sparkbilevel.backend.Precision;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BatchGradients;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import java.util.Arrays;

/** Where the optimizer of one partition is in a pass of stochastic training, and how it goes on. */
abstract sealed class Steps {
  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.999;
  private static final double EPSILON = 1e-8;

  private double count;

  private Steps(double count) {
    this.count = count;
  }

  /**
   * Starts one of the models.
   *
   * @param penalty c, the strength of every coefficient
   * @param like a block that is stored as the batches will be
   * @param mostRows the most rows of a batch
   */
  static Steps from(
      BlockKernel kernel, Trained start, int model, double[] penalty, Block like, int mostRows) {
    BatchGradients gradients = BatchGradients.of(kernel, like, mostRows);
    return gradients == null
        ? new InDoubles(kernel, start, model, penalty, mostRows)
        : new InSingles(gradients, start, model, penalty);
  }

  /**
   * A step along the gradient of the batch's loss and of the penalty.
   *
   * @param weight of every row
   * @param length of the step
   */
  final void take(Block batch, double weight, double length) {
    count++;
    double alpha = length / (1 - Math.pow(FIRST_DECAY, count));
    double root = 1 / Math.sqrt(1 - Math.pow(SECOND_DECAY, count));
    take(batch, weight, length, alpha, root);
  }

  /**
   * The step.
   *
   * @param length of a step by momentum
   * @param alpha Adam's length, corrected for the first steps
   * @param root what the second moment's root is corrected by
   */
  protected abstract void take(
      Block batch, double weight, double length, double alpha, double root);

  /** θ, first and, for Adam, second moments; not to be changed. */
  protected abstract double[][] vectors();

  /** Adds what {@link Trained#next} reads. */
  final void addTo(double[] sums, int at, double weight) {
    sums[at] += weight;
    sums[at + 1] += weight * count;
    int next = at + 2;
    for (double[] vector : vectors()) {
      for (double value : vector) {
        sums[next++] += weight * value;
      }
    }
  }

  private static final class InDoubles extends Steps {
    private final BlockKernel kernel;
    private final double[] penalty;
    private final double[] theta;
    private final double[] first;
    private final double[] second;
    private final double[] sums;
    private final RowOutputs outputs;

    InDoubles(BlockKernel kernel, Trained start, int model, double[] penalty, int mostRows) {
      super(start.steps()[model]);
      int d = penalty.length;
      this.kernel = kernel;
      this.penalty = penalty;
      this.theta = Vectors.slice(start.theta(), model * d, d);
      this.first = Vectors.slice(start.first(), model * d, d);
      this.second = start.second() == null ? null : Vectors.slice(start.second(), model * d, d);
      this.sums = new double[1 + d];
      this.outputs = RowOutputs.allocate(mostRows, 1, kernel.model().outputs(), false);
    }

    @Override
    protected void take(Block batch, double weight, double length, double alpha, double root) {
      Arrays.fill(sums, 0);
      kernel.evaluate(batch, theta, 1, null, RowWeights.constant(weight), outputs, sums, 0);
      for (int j = 0; j < theta.length; j++) {
        double g = sums[1 + j] + penalty[j] * theta[j];
        if (second == null) {
          first[j] = FIRST_DECAY * first[j] + g;
          theta[j] -= length * first[j];
        } else {
          first[j] = FIRST_DECAY * first[j] + (1 - FIRST_DECAY) * g;
          second[j] = SECOND_DECAY * second[j] + (1 - SECOND_DECAY) * g * g;
          theta[j] -= alpha * first[j] / (root * Math.sqrt(second[j]) + EPSILON);
        }
      }
    }

    @Override
    protected double[][] vectors() {
      return second == null ? new double[][] {theta, first} : new double[][] {theta, first, second};
    }
  }

  /**
   * Everything in float32, but θ as the sum of two such numbers: the small one holds what is lost
   * when a step is taken from the large one (Kahan, CACM 1965). So θ is as accurate as in float64,
   * and one loop of vector instructions does it all.
   */
  private static final class InSingles extends Steps {
    /** Numbers of which all six arrays fit the first cache. */
    private static final int PIECE = 1024;

    /**
     * Added and taken off again, it leaves 0 of what is below 5e-17. Gradients and momenta of
     * weights on constant features fade away, and with numbers too small to be normal a step takes
     * five times as long.
     */
    private static final float FLUSH = 1e-9f;

    /** Keeps second moments normal numbers; far below ε². */
    private static final float LEAST = 1e-30f;

    private final BatchGradients gradients;
    private final float[] penalty;
    private final float[] theta;
    private final float[] remainder;
    private final float[] first;
    private final float[] second;
    private final float[] gradient;

    InSingles(BatchGradients gradients, Trained start, int model, double[] penalty) {
      super(start.steps()[model]);
      int d = penalty.length;
      this.gradients = gradients;
      this.penalty = rounded(penalty, 0, d);
      this.theta = rounded(start.theta(), model * d, d);
      double[] lost = Vectors.slice(start.theta(), model * d, d);
      Arrays.setAll(lost, j -> lost[j] - (float) lost[j]);
      this.remainder = rounded(lost, 0, d);
      this.first = rounded(start.first(), model * d, d);
      this.second = start.second() == null ? null : rounded(start.second(), model * d, d);
      this.gradient = new float[d];
    }

    private static float[] rounded(double[] v, int at, int length) {
      float[] rounded = new float[length];
      Precision.narrow(v, at, rounded, 0, length);
      return rounded;
    }

    private static double[] widened(float[] v) {
      double[] wide = new double[v.length];
      Precision.widen(v, 0, wide, 0, v.length);
      return wide;
    }

    @Override
    protected void take(Block batch, double weight, double length, double alpha, double root) {
      gradients.gradient(batch, weight, theta, gradient);
      step((float) length, (float) alpha, (float) root);
    }

    /** A method of its own: where the loops are compiled with the rest, they are slow. */
    private void step(float length, float alpha, float root) {
      for (int from = 0; from < theta.length; from += PIECE) {
        int to = Math.min(from + PIECE, theta.length);
        addPenalty(gradient, penalty, theta, from, to);
        if (second == null) {
          momentum(gradient, first, length, from, to);
        } else {
          adam(gradient, first, second, alpha, root, from, to);
        }
        subtract(gradient, theta, remainder, from, to);
      }
    }

    // Static, short and with arrays alone: the compiler makes vector loops of these, and of one
    // loop in place of the three it does not. All three go over a piece while it is in the cache.

    private static void addPenalty(
        float[] gradient, float[] penalty, float[] theta, int from, int to) {
      for (int j = from; j < to; j++) {
        gradient[j] += penalty[j] * theta[j];
      }
    }

    /** Leaves the step where the gradient was. */
    private static void momentum(float[] gradient, float[] first, float length, int from, int to) {
      for (int j = from; j < to; j++) {
        float m = (float) FIRST_DECAY * first[j] + gradient[j] + FLUSH - FLUSH;
        first[j] = m;
        gradient[j] = length * m;
      }
    }

    /** Leaves the step where the gradient was. */
    private static void adam(
        float[] gradient,
        float[] first,
        float[] second,
        float alpha,
        float root,
        int from,
        int to) {
      for (int j = from; j < to; j++) {
        float g = gradient[j] + FLUSH - FLUSH;
        float m = (float) FIRST_DECAY * first[j] + (float) (1 - FIRST_DECAY) * g + FLUSH - FLUSH;
        float v = (float) SECOND_DECAY * second[j] + (float) (1 - SECOND_DECAY) * g * g + LEAST;
        first[j] = m;
        second[j] = v;
        gradient[j] = alpha * m / (root * (float) Math.sqrt(v) + (float) EPSILON);
      }
    }

    private static void subtract(float[] step, float[] theta, float[] remainder, int from, int to) {
      for (int j = from; j < to; j++) {
        float before = theta[j];
        float change = remainder[j] - step[j];
        float next = before + change;
        remainder[j] = change - (next - before);
        theta[j] = next;
      }
    }

    @Override
    protected double[][] vectors() {
      double[] whole = widened(theta);
      Vectors.addTo(whole, 1, widened(remainder));
      double[] moment = widened(first);
      return second == null
          ? new double[][] {whole, moment}
          : new double[][] {whole, moment, widened(second)};
    }
  }
}

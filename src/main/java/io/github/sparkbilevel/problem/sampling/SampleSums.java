package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.problem.Batches;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.KnownRows;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.Weighing;
import java.io.Serializable;
import java.util.function.IntToDoubleFunction;

/**
 * The sums that a draw takes over the rows of a partition, and what they make.
 *
 * <p>One scan of the sampled rows: outputs at θ and along the first direction in one product, the
 * weights s_i, then gradient and product in one transposed product, and on the way
 *
 * <pre>
 *   mixed product   Σ b_i ⟨∇ℓ_i, u⟩ ∇_λ s_i
 *   ∇_λG            Σ b_i ℓ_i ∇_λ s_i
 * </pre>
 *
 * @param standardization means and deviations of the row features in use; two nulls without any
 * @param upper which trusted rows make F
 */
public record SampleSums(
    BilevelProblem problem,
    BlockKernel kernel,
    double[][] standardization,
    RowSampling sampling,
    UpperRows upper)
    implements Serializable {
  private static final int LOWER_ROWS = 0;
  private static final int UPPER_ROWS = 1;
  private static final int LOWER_LOSS = 2;

  /** Where each sum lies. */
  private record Layout(int d, int shared, Draw draw) {
    int gradient() {
      return LOWER_LOSS + 1;
    }

    int product(int column) {
      return gradient() + (1 + column) * d;
    }

    int mixed() {
      return product(draw.columns().length);
    }

    int lambdaGradient() {
      return mixed() + shared;
    }

    int upperLoss() {
      return draw.readsLower() ? lambdaGradient() + shared : LOWER_LOSS;
    }

    int upperGradient() {
      return upperLoss() + 1;
    }

    int length() {
      return draw.upper() ? upperGradient() + d : upperLoss();
    }
  }

  private Layout layout(Draw draw) {
    return new Layout(kernel.model().size(), problem.weighingSize(), draw);
  }

  int length(Draw draw) {
    return layout(draw).length();
  }

  /** Rows that the sums were taken over. */
  public static long rows(double[] sums) {
    return Math.round(sums[LOWER_ROWS] + sums[UPPER_ROWS]);
  }

  /** The sums of the draw of a number over the rows of a partition. */
  double[] of(PartitionData data, PartitionState input, Draw draw, long number) {
    return of(data, input, draw, number, sampling.batch(data.train(), number));
  }

  /** The sums over one mini-block. */
  double[] of(PartitionData data, PartitionState input, Draw draw, long number, int batch) {
    if (input != null) {
      input.requireBelongsTo(data);
    }
    Layout layout = layout(draw);
    double[] sums = new double[layout.length()];
    if (draw.readsLower()) {
      Block[] blocks = data.train();
      Weighing weighing = problem.weighing(draw.lambda(), standardization[0], standardization[1]);
      KnownRows all = weighing.rows(data, input);
      if (sampling.batches() == 1) {
        for (int b = 0; b < blocks.length; b++) {
          addLower(blocks[b], all.block(b), weighing, layout, sums);
        }
      } else {
        long[] rows = sampling.rows(blocks, number, batch, RowSampling.LOWER);
        if (rows.length > 0) {
          Block sample = Batches.gather(blocks, rows, 0, rows.length);
          addLower(sample, all.sample(rows), weighing, layout, sums);
        }
      }
    }
    if (draw.upper()) {
      Block[] blocks = data.upper();
      if (sampling.batches() == 1) {
        for (Block block : blocks) {
          addUpper(block, i -> upperWeight(block, i), layout, sums);
        }
      } else {
        long[] rows = sampling.rows(blocks, number, batch, RowSampling.UPPER);
        if (rows.length > 0) {
          IntToDoubleFunction weight =
              i -> upperWeight(blocks[Batches.blockOf(rows[i])], Batches.rowOf(rows[i]));
          addUpper(Batches.gather(blocks, rows, 0, rows.length), weight, layout, sums);
        }
      }
    }
    return sums;
  }

  private double upperWeight(Block block, int row) {
    return upper.has(block, row) ? block.weight(row) : 0;
  }

  private void addLower(
      Block sample, KnownRows from, Weighing weighing, Layout layout, double[] sums) {
    int n = sample.rows();
    double[] s = new double[n];
    weighing.weigh(from, s);
    Draw draw = layout.draw();
    double[] u = draw.columns().length > 0 ? draw.columns()[0] : null;
    RowWeights weights =
        (tile, w) -> {
          System.arraycopy(s, tile.from(), w, 0, tile.rows());
          KnownRows rows = from.tile(tile.from(), tile.rows());
          if (tile.directional() != null) {
            weighing.pullBack(rows, tile.directional(), sums, layout.mixed());
          }
          weighing.pullBack(rows, tile.losses(), sums, layout.lambdaGradient());
        };
    RowOutputs outputs = RowOutputs.allocate(n, 1, kernel.model().outputs(), u != null);
    kernel.evaluate(sample, draw.theta(), 1, u, weights, outputs, sums, LOWER_LOSS);
    int more = draw.columns().length - 1;
    if (more > 0) {
      double[] rest = new double[more * layout.d()];
      for (int c = 0; c < more; c++) {
        Vectors.copyTo(draw.columns()[1 + c], rest, c * layout.d());
      }
      BlockKernel.At point = BlockKernel.At.one(draw.theta(), outputs.predictions(), s);
      kernel.product(sample, point, rest, new int[more], sums, layout.product(1));
    }
    sums[LOWER_ROWS] += n;
  }

  private void addUpper(Block sample, IntToDoubleFunction weight, Layout layout, double[] sums) {
    int n = sample.rows();
    RowOutputs outputs = RowOutputs.allocate(n, 1, kernel.model().outputs(), false);
    RowWeights base =
        (tile, w) -> {
          for (int i = 0; i < tile.rows(); i++) {
            w[i] = weight.applyAsDouble(tile.from() + i);
          }
        };
    double[] theta = layout.draw().theta();
    kernel.evaluate(sample, theta, 1, null, base, outputs, sums, layout.upperLoss());
    sums[UPPER_ROWS] += n;
  }

  /**
   * What sums make.
   *
   * @param ofLower what sums over training rows are multiplied by
   * @param ofUpper what sums over trusted rows are multiplied by
   */
  public Sampled read(double[] sums, Draw draw, double ofLower, double ofUpper) {
    Layout layout = layout(draw);
    int d = layout.d();
    double[] lambda = draw.lambda();
    double[] gradient = null;
    double[] lambdaGradient = null;
    if (draw.lower()) {
      gradient = Vectors.scaled(ofLower, Vectors.slice(sums, layout.gradient(), d));
      problem.addPenaltyGradient(draw.theta(), lambda, gradient);
      double[] ofPenalty = problem.penaltyLambdaGradient(draw.theta(), lambda);
      lambdaGradient = shared(sums, layout.lambdaGradient(), ofLower, ofPenalty);
    }
    double[][] products = new double[draw.columns().length][];
    for (int c = 0; c < products.length; c++) {
      products[c] = Vectors.scaled(ofLower, Vectors.slice(sums, layout.product(c), d));
      problem.addPenaltyProduct(draw.columns()[c], lambda, products[c]);
    }
    double[] mixed = null;
    if (products.length > 0) {
      double[] ofPenalty = problem.penaltyMixedProduct(draw.theta(), draw.columns()[0], lambda);
      mixed = shared(sums, layout.mixed(), ofLower, ofPenalty);
    }
    double[] upper =
        draw.upper()
            ? Vectors.scaled(ofUpper, Vectors.slice(sums, layout.upperGradient(), d))
            : null;
    return new Sampled(gradient, products, mixed, lambdaGradient, upper, rows(sums));
  }

  private double[] shared(double[] sums, int at, double scale, double[] ofPenalty) {
    Vectors.addTo(ofPenalty, scale, Vectors.slice(sums, at, problem.weighingSize()));
    return ofPenalty;
  }
}

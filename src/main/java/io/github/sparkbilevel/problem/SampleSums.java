package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import java.io.Serializable;
import java.util.function.IntToDoubleFunction;

/**
 * The sums that a draw takes over the rows of a partition, and what they make.
 *
 * <p>One scan of the sampled rows: outputs at θ and along the first direction in one product, the
 * weights s_i, then gradient and product in one transposed product, and on the way
 *
 * <pre>
 *   mixed product   Σ w_i s_i(1 − s_i) ⟨∇ℓ_i, u⟩ φ_i
 *   ∇_λG            Σ w_i s_i(1 − s_i) ℓ_i φ_i
 * </pre>
 *
 * @param features φ, at any λ, or null
 * @param upperFold the fold of trusted rows that makes F, or −1 for all
 */
record SampleSums(
    BilevelProblem problem,
    BlockKernel kernel,
    RowFeatures features,
    RowSampling sampling,
    int upperFold)
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
    return new Layout(kernel.model().size(), problem.rows().size(), draw);
  }

  int length(Draw draw) {
    return layout(draw).length();
  }

  /** Rows that the sums were taken over. */
  static long rows(double[] sums) {
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
      RowFeatures at = features == null ? null : features.at(problem.rowPart(draw.lambda()));
      if (sampling.batches() == 1) {
        for (int b = 0; b < blocks.length; b++) {
          long first = Batches.entry(b, 0);
          addLower(blocks[b], new Origin(blocks, input, i -> first + i), at, layout, sums);
        }
      } else {
        long[] rows = sampling.rows(blocks, number, batch, RowSampling.LOWER);
        if (rows.length > 0) {
          Block sample = Batches.gather(blocks, rows, 0, rows.length);
          addLower(sample, new Origin(blocks, input, i -> rows[i]), at, layout, sums);
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
          Origin from = new Origin(blocks, null, i -> rows[i]);
          IntToDoubleFunction weight = i -> upperWeight(from.block(i), from.row(i));
          addUpper(Batches.gather(blocks, rows, 0, rows.length), weight, layout, sums);
        }
      }
    }
    return sums;
  }

  private double upperWeight(Block block, int row) {
    return upperFold < 0 || block.group(row) == upperFold ? block.weight(row) : 0;
  }

  /** Where the row i of a sample came from. */
  private record Origin(Block[] blocks, PartitionState state, IntToEntry entry) {
    Block block(int i) {
      return blocks[Batches.blockOf(entry.of(i))];
    }

    int row(int i) {
      return Batches.rowOf(entry.of(i));
    }

    RowScores scores(int i) {
      return state == null || state.scores() == null
          ? null
          : state.scores()[Batches.blockOf(entry.of(i))];
    }
  }

  @FunctionalInterface
  private interface IntToEntry {
    long of(int i);
  }

  private void addLower(Block sample, Origin from, RowFeatures at, Layout layout, double[] sums) {
    int n = sample.rows();
    double[] s = new double[n];
    double[] slope = new double[n];
    for (int i = 0; i < n; i++) {
      double base = from.block(i).weight(from.row(i));
      if (at == null) {
        s[i] = base;
      } else {
        double argument = at.argument(from.block(i), from.scores(i), from.row(i));
        s[i] = base * Sigmoid.value(argument);
        boolean judged = at.judges(from.block(i), from.row(i));
        slope[i] = judged ? base * Sigmoid.derivative(argument) : 0;
      }
    }
    Draw draw = layout.draw();
    double[] u = draw.columns().length > 0 ? draw.columns()[0] : null;
    RowWeights weights =
        (tile, w) -> {
          System.arraycopy(s, tile.from(), w, 0, tile.rows());
          for (int t = 0; at != null && t < tile.rows(); t++) {
            int i = tile.from() + t;
            if (slope[i] != 0) {
              Block block = from.block(i);
              RowScores scores = from.scores(i);
              double along = tile.directional() == null ? 0 : tile.directional().value(t);
              double mixed = slope[i] * along;
              double gradient = slope[i] * tile.losses().value(t);
              at.addTo(block, scores, from.row(i), mixed, sums, layout.mixed());
              at.addTo(block, scores, from.row(i), gradient, sums, layout.lambdaGradient());
            }
          }
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
  Sampled read(double[] sums, Draw draw, double ofLower, double ofUpper) {
    Layout layout = layout(draw);
    int d = layout.d();
    Penalty penalty = problem.penalty();
    double[] lambda = problem.penaltyPart(draw.lambda());
    double[] gradient = null;
    double[] lambdaGradient = null;
    if (draw.lower()) {
      gradient = Vectors.scaled(ofLower, Vectors.slice(sums, layout.gradient(), d));
      penalty.addProduct(draw.theta(), lambda, gradient);
      // R is quadratic in θ: ∇_λR is half its mixed product with θ.
      double[] ofPenalty = penalty.mixedProduct(draw.theta(), draw.theta(), lambda);
      lambdaGradient =
          shared(sums, layout.lambdaGradient(), ofLower, Vectors.scaled(0.5, ofPenalty));
    }
    double[][] products = new double[draw.columns().length][];
    for (int c = 0; c < products.length; c++) {
      products[c] = Vectors.scaled(ofLower, Vectors.slice(sums, layout.product(c), d));
      penalty.addProduct(draw.columns()[c], lambda, products[c]);
    }
    double[] mixed = null;
    if (products.length > 0) {
      double[] ofPenalty = penalty.mixedProduct(draw.theta(), draw.columns()[0], lambda);
      mixed = shared(sums, layout.mixed(), ofLower, ofPenalty);
    }
    double[] upper =
        draw.upper()
            ? Vectors.scaled(ofUpper, Vectors.slice(sums, layout.upperGradient(), d))
            : null;
    return new Sampled(gradient, products, mixed, lambdaGradient, upper, rows(sums));
  }

  private double[] shared(double[] sums, int at, double scale, double[] ofPenalty) {
    double[] values = new double[problem.sharedSize()];
    int rows = problem.rows().size();
    for (int j = 0; j < rows; j++) {
      values[j] = scale * sums[at + j];
    }
    Vectors.copyTo(ofPenalty, values, rows);
    return values;
  }
}

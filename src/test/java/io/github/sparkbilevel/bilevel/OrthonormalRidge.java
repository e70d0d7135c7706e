package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A ridge problem whose answer is known: both parts have orthonormal columns. */
final class OrthonormalRidge {
  static final int SIGNALS = 3;
  static final int FEATURES = 12;
  static final double HIGH = Math.log(10);
  static final double LOW = Math.log(1e-3);

  final Data data;
  final double[] lambda = new double[FEATURES];
  final double best;

  /** What a feature would cost Φ if it were not penalised. */
  final double[] part = new double[FEATURES];

  /**
   * With Σ a aᵀ = n I, θ_j = z_j / (1 + e^{λ_j}) for z = Σ b a / n; and where the validation rows
   * are such and their labels are ⟨t, a⟩ and what no feature has a part in, Φ = ½ Σ (θ_j − t_j)²
   * and a constant: a signal is to be shrunk to its t_j, and noise, t_j = 0, without end.
   */
  OrthonormalRidge() {
    Random random = new Random(5);
    Rows train = rows(random, 60, false);
    Rows upper = rows(random, 200, true);
    double[] z = moments(train);
    double[] t = moments(upper);
    double sum = 0;
    for (double label : upper.labels()) {
      sum += label * label / upper.count();
    }
    for (int j = 0; j < FEATURES; j++) {
      double exact = j < SIGNALS ? Math.log(z[j] / t[j] - 1) : Double.POSITIVE_INFINITY;
      // Where the training rows have less of a signal, it is not to be shrunk at all.
      lambda[j] = Math.max(LOW, Math.min(HIGH, Double.isNaN(exact) ? LOW : exact));
      double theta = z[j] / (1 + Math.exp(lambda[j]));
      part[j] = (z[j] - t[j]) * (z[j] - t[j]) / 2;
      sum += (theta - t[j]) * (theta - t[j]) - t[j] * t[j];
    }
    best = sum / 2;
    Block[] none = {};
    var partition =
        new PartitionData(
            new Block[] {TestProblems.block(train, FEATURES, 0, 60, Storage.DENSE_64)},
            new Block[] {TestProblems.block(upper, FEATURES, 0, 200, Storage.DENSE_64)},
            none,
            none);
    LinearModel model = new LinearModel(new SquaredLoss(), FEATURES, true);
    data = new Data(model, List.of(partition), train, upper, upper, upper);
  }

  private static double[] moments(Rows rows) {
    double[] z = new double[FEATURES];
    for (int i = 0; i < rows.count(); i++) {
      for (int j = 0; j < FEATURES; j++) {
        z[j] += rows.labels()[i] * rows.x()[i][j] / rows.count();
      }
    }
    return z;
  }

  private static Rows rows(Random random, int n, boolean noiseIsNoFeature) {
    double[][] columns = new double[FEATURES + 2][n];
    Arrays.fill(columns[0], 1);
    for (int c = 1; c < columns.length; c++) {
      Arrays.setAll(columns[c], i -> random.nextGaussian());
      for (int b = 0; b < c && (c <= FEATURES || noiseIsNoFeature); b++) {
        double share = Vectors.dot(columns[b], columns[c]) / n;
        columns[c] = Vectors.plus(columns[c], -share, columns[b]);
      }
      columns[c] = Vectors.scaled(Math.sqrt(n) / Vectors.norm(columns[c]), columns[c]);
    }
    double[][] x = new double[n][FEATURES];
    double[] labels = new double[n];
    long[] ids = new long[n];
    double[] noise = columns[FEATURES + 1];
    double mean = Arrays.stream(noise).average().orElseThrow();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < FEATURES; j++) {
        x[i][j] = columns[1 + j][i];
      }
      labels[i] = 1.5 * x[i][0] - x[i][1] + 0.5 * x[i][2] + noise[i] - mean;
      ids[i] = i;
    }
    return new Rows(x, labels, filled(n, 1), null, ids, labels);
  }
}

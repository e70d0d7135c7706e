package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import java.io.Serializable;
import java.util.function.IntToDoubleFunction;

/**
 * The data terms of a one-layer model over one block: every sum over rows that a pass needs.
 *
 * <p>With ā the features of a row and its constant 1, s its weight, p its prediction, r the
 * residual and C the curvature of the {@link Loss}:
 *
 * <pre>
 *   loss       Σ s ℓ
 *   gradient   Σ s ā rᵀ                       (q × K)
 *   product    Σ s ā (C Vᵀā)ᵀ                 (q × K) for a direction V of the shape of θ
 *   diagonal   Σ s C_kk ā_j²                  (q × K)
 *   Gram       A = Σ s ā āᵀ,  B = Σ s C       (q × q and K × K: the Kronecker factors)
 *   Hessian    Σ s C ⊗ ā āᵀ                   (d × d)
 * </pre>
 *
 * Nothing is divided by n and no penalty is added here. <em>Sets</em> are parameter vectors (or
 * directions) of length d lying one after the other; they share one matrix product. Rows are worked
 * on in tiles that fit the cache, so that the transposed product finds the tile still there; the
 * results are added to a flat array of sums at an offset.
 */
public record BlockKernel(LinearModel model, String backend) implements Serializable {

  /** What is done with a tile of rows. */
  @FunctionalInterface
  private interface TileWork {
    void accept(RowProducts rows, int from, double[] z);
  }

  /**
   * Forward product, weights, and transposed product of a block in one scan.
   *
   * <p>Adds at {@code at}: the weighted loss of each set; then the gradients of each set; then,
   * with a tangent u, the Hessian product with u. Needs {@code sets == 1} for a tangent.
   *
   * @param theta the sets of parameters
   * @param tangent u, or null
   * @param outputs filled with what the forward product gives
   */
  public void evaluate(
      Block block,
      double[] theta,
      int sets,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at) {
    double[] stacked = stack(theta, tangent);
    int columns = stacked.length / model.columnLength();
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, stacked, columns, z);
          keepOutputs(block, from, rows.count(), sets, z, outputs);
          weigh(block, from, rows.count(), sets, weights, outputs, z, sums, at);
          backward(rows, z, columns, sums, at + sets);
        });
  }

  /** Forward product only: fills {@code outputs}. */
  public void predict(Block block, double[] theta, int sets, double[] tangent, RowOutputs outputs) {
    double[] stacked = stack(theta, tangent);
    int columns = stacked.length / model.columnLength();
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, stacked, columns, z);
          keepOutputs(block, from, rows.count(), sets, z, outputs);
        });
  }

  /** The part of {@link #evaluate} that follows {@link #predict}: no forward product. */
  public void evaluateFrom(
      Block block, RowOutputs outputs, int sets, RowWeights weights, double[] sums, int at) {
    int columns = model.outputs() * (sets + (outputs.tangents() == null ? 0 : 1));
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          weigh(block, from, rows.count(), sets, weights, outputs, z, sums, at);
          backward(rows, z, columns, sums, at + sets);
        });
  }

  /**
   * Hessian products with several directions: adds one vector of length d for each.
   *
   * @param predictions as left in {@link RowOutputs#predictions()}
   * @param weights n × sets, row-major
   * @param directions length d each, one after the other
   * @param setOf the set at whose predictions each direction is taken
   */
  public void product(
      Block block,
      double[] predictions,
      double[] weights,
      int sets,
      double[] directions,
      int[] setOf,
      double[] sums,
      int at) {
    int outputs = model.outputs();
    int columns = setOf.length * outputs;
    Loss loss = model.loss();
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, directions, columns, z);
          int count = rows.count();
          for (int c = 0; c < setOf.length; c++) {
            for (int i = 0; i < count; i++) {
              int slot = (from + i) * sets + setOf[c];
              loss.curvatureInPlace(
                  predictions, slot * outputs, weights[slot], z, c * outputs * count + i, count);
            }
          }
          backward(rows, z, columns, sums, at);
        });
  }

  /** Adds A (q × q), B (K × K) and Σ s at {@code at}, for weights of one set. */
  public void kroneckerFactors(
      Block block, double[] predictions, double[] weights, double[] sums, int at) {
    int q = model.columnLength();
    int outputs = model.outputs();
    int second = at + q * q;
    int total = second + outputs * outputs;
    weightedGram(block, i -> weights[i], sums, at);
    for (int i = 0; i < block.rows(); i++) {
      for (int k = 0; k < outputs; k++) {
        for (int l = 0; l < outputs; l++) {
          sums[second + k + l * outputs] +=
              weights[i] * model.loss().curvature(predictions, i * outputs, k, l);
        }
      }
      sums[total] += weights[i];
    }
  }

  /** Adds the diagonal of the Hessian, Σ s C_kk ā_j² for output k and feature j, at {@code at}. */
  public void hessianDiagonal(
      Block block, double[] predictions, double[] weights, double[] sums, int at) {
    int outputs = model.outputs();
    int q = model.columnLength();
    int n = block.rows();
    double[] w = new double[n * outputs];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < outputs; k++) {
        w[i * outputs + k] = weights[i] * model.loss().curvature(predictions, i * outputs, k, k);
      }
    }
    SquaredFeatures.addTransposed(block.features(), w, outputs, sums, at, q);
    for (int k = 0; k < outputs && model.intercept(); k++) {
      double total = 0;
      for (int i = 0; i < n; i++) {
        total += w[i * outputs + k];
      }
      sums[at + k * q + model.features()] += total;
    }
  }

  /**
   * Adds Σ s ℓ at θ + (1 − t) v for each step t: outputs are linear in t, so that one forward
   * product with 2K columns serves all steps.
   *
   * @param weights s of each row
   */
  public void lossesAlong(
      Block block,
      double[] theta,
      double[] v,
      double[] steps,
      double[] weights,
      double[] sums,
      int at) {
    double[] stacked = stack(theta, v);
    int k = model.outputs();
    int columns = 2 * k;
    double[] shorter = new double[k];
    double[] prediction = new double[k];
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, stacked, columns, z);
          int count = rows.count();
          for (int i = 0; i < count; i++) {
            double s = weights[from + i];
            double label = block.labels()[from + i];
            for (int t = 0; t < steps.length && s != 0; t++) {
              for (int j = 0; j < k; j++) {
                shorter[j] = z[j * count + i] + (1 - steps[t]) * z[(k + j) * count + i];
              }
              sums[at + t] += s * model.loss().evaluate(shorter, 0, 1, label, prediction, 0);
            }
          }
        });
  }

  /** Adds the lower triangle, by blocks of one output, of the Hessian (d × d) at {@code at}. */
  public void hessian(Block block, double[] predictions, double[] weights, double[] sums, int at) {
    int q = model.columnLength();
    int outputs = model.outputs();
    int d = model.size();
    for (int l = 0; l < outputs; l++) {
      for (int k = l; k < outputs; k++) {
        int row = k;
        int column = l;
        weightedGram(
            block,
            i -> weights[i] * model.loss().curvature(predictions, i * outputs, row, column),
            sums,
            at + k * q + l * q * d,
            d);
      }
    }
  }

  private void weightedGram(Block block, IntToDoubleFunction weight, double[] sums, int at) {
    weightedGram(block, weight, sums, at, model.columnLength());
  }

  /** Σ w ā āᵀ: the features' Gram matrix, bordered by the constant of the intercept. */
  private void weightedGram(
      Block block, IntToDoubleFunction weight, double[] sums, int at, int leading) {
    int p = model.features();
    tiles(
        block,
        p,
        (rows, from, z) -> {
          int count = rows.count();
          double[] w = new double[count];
          double total = 0;
          for (int i = 0; i < count; i++) {
            w[i] = weight.applyAsDouble(from + i);
            total += w[i];
          }
          rows.addGram(w, sums, at, leading);
          if (model.intercept()) {
            double[] border = new double[p];
            rows.addTransposed(w, 1, border, 0, p);
            for (int j = 0; j < p; j++) {
              sums[at + j + p * leading] += border[j];
              sums[at + p + j * leading] += border[j];
            }
            sums[at + p + p * leading] += total;
          }
        });
  }

  private static double[] stack(double[] theta, double[] tangent) {
    if (tangent == null) {
      return theta;
    }
    double[] stacked = new double[theta.length + tangent.length];
    System.arraycopy(theta, 0, stacked, 0, theta.length);
    System.arraycopy(tangent, 0, stacked, theta.length, tangent.length);
    return stacked;
  }

  private void tiles(Block block, int columns, TileWork work) {
    int n = block.rows();
    if (n == 0) {
      return;
    }
    int tile = Math.min(n, DenseBackends.tileRows(block.features(), columns));
    double[] z = new double[tile * columns];
    try (RowProducts rows = DenseBackends.open(block.features(), columns, tile, backend)) {
      for (int from = 0; from < n; from += tile) {
        rows.load(from, Math.min(tile, n - from));
        work.accept(rows, from, z);
      }
    }
  }

  /** Z = Ā V. */
  private void forward(RowProducts rows, double[] v, int columns, double[] z) {
    int q = model.columnLength();
    int count = rows.count();
    rows.multiply(v, 0, q, columns, z);
    if (model.intercept()) {
      for (int j = 0; j < columns; j++) {
        double intercept = v[j * q + model.features()];
        for (int i = j * count; i < (j + 1) * count; i++) {
          z[i] += intercept;
        }
      }
    }
  }

  /** out += Āᵀ R. */
  private void backward(RowProducts rows, double[] r, int columns, double[] out, int at) {
    int q = model.columnLength();
    int count = rows.count();
    rows.addTransposed(r, columns, out, at, q);
    if (model.intercept()) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int i = j * count; i < (j + 1) * count; i++) {
          sum += r[i];
        }
        out[at + j * q + model.features()] += sum;
      }
    }
  }

  private void keepOutputs(
      Block block, int from, int count, int sets, double[] z, RowOutputs outputs) {
    int k = model.outputs();
    for (int i = 0; i < count; i++) {
      double label = block.labels()[from + i];
      for (int set = 0; set < sets; set++) {
        int slot = (from + i) * sets + set;
        outputs.losses()[slot] =
            model
                .loss()
                .evaluate(z, set * k * count + i, count, label, outputs.predictions(), slot * k);
      }
      if (outputs.tangents() != null) {
        for (int j = 0; j < k; j++) {
          outputs.tangents()[(from + i) * k + j] = z[(sets * k + j) * count + i];
        }
      }
    }
  }

  /** Overwrites z by the weighted residuals and, behind them, the weighted curvature of t. */
  private void weigh(
      Block block,
      int from,
      int count,
      int sets,
      RowWeights weights,
      RowOutputs outputs,
      double[] z,
      double[] sums,
      int at) {
    int k = model.outputs();
    Loss loss = model.loss();
    double[] p = outputs.predictions();
    double[] tangents = outputs.tangents();
    for (int i = 0; i < count; i++) {
      int row = from + i;
      double label = block.labels()[row];
      double s = 0;
      for (int set = 0; set < sets; set++) {
        int slot = row * sets + set;
        double directional =
            tangents == null ? 0 : loss.directional(p, slot * k, label, tangents, row * k, 1);
        s = weights.weight(row, set, outputs.losses()[slot], directional);
        sums[at + set] += s == 0 ? 0 : s * outputs.losses()[slot];
        loss.residual(p, slot * k, label, s, z, set * k * count + i, count);
      }
      if (tangents != null) {
        int tangentAt = sets * k * count + i;
        for (int j = 0; j < k; j++) {
          z[tangentAt + j * count] = tangents[row * k + j];
        }
        loss.curvatureInPlace(p, row * k, s, z, tangentAt, count);
      }
    }
  }
}

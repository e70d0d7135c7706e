package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * The sums of a one-layer model: with ā the features of a row and its constant 1,
 *
 * <pre>
 *   gradient   Σ s ā rᵀ                       (q × K)
 *   product    Σ s ā (C Vᵀā)ᵀ                 (q × K) for a direction V of the shape of θ
 *   diagonal   Σ s C_kk ā_j²                  (q × K)
 *   Gram       A = Σ s ā āᵀ,  B = Σ s C       (q × q and K × K: the Kronecker factors)
 *   Hessian    Σ s C ⊗ ā āᵀ                   (d × d)
 * </pre>
 *
 * <p>All sets share one matrix product. The transposed product finds the tile of rows still in the
 * cache.
 */
record LinearKernel(LinearModel model, String backend) implements BlockKernel {

  /** What is done with a tile of rows, and room for its outputs. */
  @FunctionalInterface
  private interface TileWork {
    void accept(RowProducts rows, int from, double[] z);
  }

  @Override
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

  @Override
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

  @Override
  public void evaluateFrom(
      Block block,
      double[] theta,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at) {
    int columns = model.outputs() * (tangent == null ? 1 : 2);
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          weigh(block, from, rows.count(), 1, weights, outputs, z, sums, at);
          backward(rows, z, columns, sums, at + 1);
        });
  }

  @Override
  public void product(
      Block block, At point, double[] directions, int[] setOf, double[] sums, int at) {
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
              int slot = (from + i) * point.sets() + setOf[c];
              loss.curvatureInPlace(
                  point.predictions(),
                  slot * outputs,
                  point.weights()[slot],
                  z,
                  c * outputs * count + i,
                  count);
            }
          }
          backward(rows, z, columns, sums, at);
        });
  }

  @Override
  public void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at) {
    double[] predictions = point.predictions();
    double[] weights = point.weights();
    int q = model.columnLength();
    int outputs = model.outputs();
    int second = at + q * q;
    int total = second + outputs * outputs;
    addGram(block, i -> weights[i], sums, at, q);
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

  // One layer is inverted with the penalty of each coefficient; eigenvalues would not improve on
  // it.
  @Override
  public void eigenScales(
      Block block, At point, List<KroneckerBasis> bases, double[] sums, int at) {
    throw new UnsupportedOperationException(
        "eigenvalue correction is for networks, got a linear model; use curvature kfac-cg");
  }

  @Override
  public void hessianDiagonal(Block block, At point, double[] sums, int at) {
    double[] predictions = point.predictions();
    double[] weights = point.weights();
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

  // Outputs are linear in t: one forward product with 2K columns serves all steps.
  @Override
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

  @Override
  public void hessian(Block block, At point, double[] sums, int at) {
    double[] predictions = point.predictions();
    double[] weights = point.weights();
    int q = model.columnLength();
    int outputs = model.outputs();
    int d = model.size();
    for (int l = 0; l < outputs; l++) {
      for (int k = l; k < outputs; k++) {
        int row = k;
        int column = l;
        addGram(
            block,
            i -> weights[i] * model.loss().curvature(predictions, i * outputs, row, column),
            sums,
            at + k * q + l * q * d,
            d);
      }
    }
  }

  private void addGram(
      Block block, IntToDoubleFunction weight, double[] sums, int at, int leading) {
    Tiles.addGram(block, model.intercept(), backend, weight, sums, at, leading);
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
    int tile = Tiles.rows(block, columns);
    double[] z = new double[tile * columns];
    Tiles.forEach(block, columns, tile, backend, (rows, from) -> work.accept(rows, from, z));
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

package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import java.util.List;

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

  @Override
  public LinearKernel with(Loss loss) {
    return new LinearKernel(model.with(loss), backend);
  }

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
          TileOutputs kept = kept(block, outputs, from, rows.count());
          keepOutputs(kept, sets, z);
          weigh(kept, sets, weights, z, sums, at);
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
          keepOutputs(kept(block, outputs, from, rows.count()), sets, z);
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
          weigh(kept(block, outputs, from, rows.count()), 1, weights, z, sums, at);
          backward(rows, z, columns, sums, at + 1);
        });
  }

  @Override
  public void product(
      Block block, At point, double[] directions, int[] setOf, double[] sums, int at) {
    int outputs = model.outputs();
    int columns = setOf.length * outputs;
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, directions, columns, z);
          int count = rows.count();
          for (int c = 0; c < setOf.length; c++) {
            model
                .loss()
                .curvatureInPlace(
                    point.predictions(setOf[c], from, count),
                    new TileColumn(block.labels(), from),
                    point.weights(setOf[c], from),
                    new OutputTile(z, c * outputs * count, count, count));
          }
          backward(rows, z, columns, sums, at);
        });
  }

  @Override
  public void product(
      Block block,
      double[] theta,
      Reals predictions,
      double[] weights,
      double[] directions,
      double[] sums,
      int at) {
    Loss.CurvatureForm form = model.loss().curvatureForm();
    boolean isThere = DenseBackends.curves(backend) && model.features() > 0;
    if (!isThere || form == Loss.CurvatureForm.GENERAL) {
      BlockKernel.super.product(block, theta, predictions, weights, directions, sums, at);
      return;
    }
    RowCurvature curvature =
        new RowCurvature(
            predictions,
            model.outputs(),
            form == Loss.CurvatureForm.OF_SHARES,
            () -> curvatures(block, At.one(theta, predictions.values(), weights)));
    int q = model.columnLength();
    int columns = directions.length / q;
    Tiles.forEach(
        block,
        columns,
        Tiles.rows(block, columns, backend),
        backend,
        (rows, from) -> rows.addCurved(curvature, directions, q, columns, sums, at));
  }

  /** W of {@link RowCurvature}: s c, or s p where predictions are shares. */
  private double[] curvatures(Block block, At point) {
    int n = block.rows();
    double[] numbers = new double[n * model.outputs()];
    double[] entries = new double[n];
    boolean ofShares = model.loss().curvatureForm() == Loss.CurvatureForm.OF_SHARES;
    for (int k = 0; k < model.outputs(); k++) {
      if (ofShares) {
        for (int i = 0; i < n; i++) {
          entries[i] = point.weights()[i] * point.predictions()[k * n + i];
        }
      } else {
        curvature(block, point, 0, n, k, k, entries);
      }
      System.arraycopy(entries, 0, numbers, k * n, n);
    }
    return numbers;
  }

  @Override
  public void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at) {
    int n = block.rows();
    double[] weights = point.weights();
    int q = model.columnLength();
    int outputs = model.outputs();
    int second = at + q * q;
    int total = second + outputs * outputs;
    addGram(block, (from, rows, w) -> System.arraycopy(weights, from, w, 0, rows), sums, at, q);
    double[] entries = new double[n];
    for (int k = 0; k < outputs; k++) {
      for (int l = 0; l < outputs; l++) {
        curvature(block, point, 0, n, k, l, entries);
        for (int i = 0; i < n; i++) {
          sums[second + k + l * outputs] += entries[i];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      sums[total] += weights[i];
    }
  }

  /** s C_kl of some rows. */
  private void curvature(Block block, At point, int from, int rows, int k, int l, double[] out) {
    TileColumn labels = new TileColumn(block.labels(), from);
    OutputTile p = point.predictions(0, from, rows);
    model.loss().curvature(p, labels, k, l, point.weights(0, from), TileColumn.of(out));
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
    int outputs = model.outputs();
    int q = model.columnLength();
    int n = block.rows();
    double[] w = new double[n * outputs];
    double[] entries = new double[n];
    for (int k = 0; k < outputs; k++) {
      curvature(block, point, 0, n, k, k, entries);
      for (int i = 0; i < n; i++) {
        w[i * outputs + k] = entries[i];
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
    tiles(
        block,
        columns,
        (rows, from, z) -> {
          forward(rows, stacked, columns, z);
          int count = rows.count();
          double[] shorter = new double[k * count];
          double[] losses = new double[count];
          OutputTile outputs = new OutputTile(shorter, 0, count, count);
          OutputTile predictions = new OutputTile(new double[k * count], 0, count, count);
          TileColumn labels = new TileColumn(block.labels(), from);
          for (int t = 0; t < steps.length; t++) {
            for (int j = 0; j < k * count; j++) {
              shorter[j] = z[j] + (1 - steps[t]) * z[k * count + j];
            }
            model.loss().evaluate(outputs, labels, predictions, TileColumn.of(losses));
            for (int i = 0; i < count; i++) {
              double s = weights[from + i];
              sums[at + t] += s == 0 ? 0 : s * losses[i];
            }
          }
        });
  }

  @Override
  public void hessian(Block block, At point, double[] sums, int at) {
    int q = model.columnLength();
    int outputs = model.outputs();
    int d = model.size();
    for (int l = 0; l < outputs; l++) {
      for (int k = l; k < outputs; k++) {
        int row = k;
        int column = l;
        addGram(
            block,
            (from, rows, w) -> curvature(block, point, from, rows, row, column, w),
            sums,
            at + k * q + l * q * d,
            d);
      }
    }
  }

  private void addGram(Block block, Tiles.Weights weights, double[] sums, int at, int leading) {
    Tiles.addGram(block, model.intercept(), backend, weights, sums, at, leading);
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
    int tile = Tiles.rows(block, columns, backend);
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
    rows.gather(r, columns, out, at, q);
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

  private TileOutputs kept(Block block, RowOutputs outputs, int from, int count) {
    return new TileOutputs(model.loss(), block, outputs, from, count);
  }

  private void keepOutputs(TileOutputs rows, int sets, double[] z) {
    int columns = model.outputs() * rows.count();
    for (int set = 0; set < sets; set++) {
      rows.keep(set, z, set * columns);
    }
    if (rows.kept().tangents() != null) {
      rows.keepTangents(z, sets * columns);
    }
  }

  /** Overwrites z by the weighted residuals and, behind them, the weighted curvature of t. */
  private void weigh(
      TileOutputs rows, int sets, RowWeights weights, double[] z, double[] sums, int at) {
    int columns = model.outputs() * rows.count();
    double[] s = new double[rows.count()];
    for (int set = 0; set < sets; set++) {
      rows.weigh(weights, set, s, sums, at + set);
      rows.residual(set, s, z, set * columns);
    }
    if (rows.kept().tangents() != null) {
      rows.curvature(s, z, sets * columns);
    }
  }
}

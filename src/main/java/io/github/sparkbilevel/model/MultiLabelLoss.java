package io.github.sparkbilevel.model;

import java.util.List;

/**
 * Several labels b_k in {0, 1} of a row, an output each: ℓ = Σ_k log(1 + e^{z_k}) − b_k z_k, the
 * sum of binary logistic losses, p_k = σ(z_k), r_k = p_k − b_k, C = diag(p_k (1 − p_k)).
 *
 * <p>With a penalty for each output of its own the objective is a sum of K logistic regressions,
 * whose passes are shared. The label of a row is the code Σ_k 2^k b_k.
 *
 * @param labels K ≥ 1
 */
public record MultiLabelLoss(int labels) implements Loss {
  /** What saved models call it. */
  public static final String NAME = "multi-label";

  private static final LogisticLoss EACH = new LogisticLoss();

  /** Whether a code has label k. */
  public static int label(double code, int k) {
    return (int) ((long) code >> k & 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int outputs() {
    return labels;
  }

  /** None: codes are no classes. */
  @Override
  public int classes() {
    return 0;
  }

  @Override
  public boolean hasAccuracy() {
    return true;
  }

  private static TileColumn labels(TileColumn codes, int k, int n) {
    double[] labels = new double[n];
    for (int i = 0; i < n; i++) {
      labels[i] = label(codes.value(i), k);
    }
    return TileColumn.of(labels);
  }

  private static OutputTile output(OutputTile tile, int k) {
    return new OutputTile(tile.values(), tile.column(k), tile.rows(), tile.rows());
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return graph.node("Sigmoid", List.of(z));
  }

  @Override
  public void evaluate(OutputTile z, TileColumn codes, OutputTile p, TileColumn losses) {
    int n = z.rows();
    double[] sum = new double[n];
    TileColumn own = TileColumn.of(new double[n]);
    for (int k = 0; k < labels; k++) {
      EACH.evaluate(output(z, k), labels(codes, k, n), output(p, k), own);
      for (int i = 0; i < n; i++) {
        sum[i] += own.value(i);
      }
    }
    System.arraycopy(sum, 0, losses.values(), losses.at(), n);
  }

  @Override
  public void residual(OutputTile p, TileColumn codes, TileColumn s, OutputTile out) {
    for (int k = 0; k < labels; k++) {
      EACH.residual(output(p, k), labels(codes, k, p.rows()), s, output(out, k));
    }
  }

  @Override
  public CurvatureForm curvatureForm() {
    return CurvatureForm.DIAGONAL;
  }

  @Override
  public void curvatureInPlace(OutputTile p, TileColumn codes, TileColumn s, OutputTile t) {
    for (int k = 0; k < labels; k++) {
      EACH.curvatureInPlace(output(p, k), codes, s, output(t, k));
    }
  }

  @Override
  public void directional(OutputTile p, TileColumn codes, OutputTile t, TileColumn out) {
    int n = p.rows();
    double[] sum = new double[n];
    for (int k = 0; k < labels; k++) {
      for (int i = 0; i < n; i++) {
        sum[i] += (p.value(k, i) - label(codes.value(i), k)) * t.value(k, i);
      }
    }
    System.arraycopy(sum, 0, out.values(), out.at(), n);
  }

  @Override
  public void curvature(
      OutputTile p, TileColumn codes, int k, int l, TileColumn s, TileColumn out) {
    for (int i = 0; i < p.rows(); i++) {
      double mean = p.value(k, i);
      out.values()[out.at() + i] = k == l ? s.value(i) * mean * (1 - mean) : 0;
    }
  }

  /** The code of the labels that are likelier than not. */
  @Override
  public double predict(OutputTile p, int row) {
    long code = 0;
    for (int k = 0; k < labels; k++) {
      code |= p.value(k, row) > 0.5 ? 1L << k : 0;
    }
    return code;
  }

  /** The share of the labels that are predicted. */
  @Override
  public double accuracy(OutputTile p, int row, double code) {
    long wrong = (long) predict(p, row) ^ (long) code;
    return 1 - (double) Long.bitCount(wrong) / labels;
  }

  /** The probability of all labels together. */
  @Override
  public double probability(OutputTile p, int row, double code) {
    double product = 1;
    for (int k = 0; k < labels; k++) {
      product *= label(code, k) == 1 ? p.value(k, row) : 1 - p.value(k, row);
    }
    return product;
  }

  @Override
  public int rootColumns() {
    return labels;
  }

  @Override
  public void curvatureRoot(OutputTile p, TileColumn codes, int k, TileColumn s, OutputTile out) {
    for (int l = 0; l < labels; l++) {
      for (int i = 0; i < p.rows(); i++) {
        double mean = p.value(l, i);
        out.values()[out.column(l) + i] = l == k ? s.value(i) * Math.sqrt(mean * (1 - mean)) : 0;
      }
    }
  }

  /** Of labels that are drawn one by one, each from what is left of u. */
  @Override
  public void drawnResidual(
      OutputTile p, TileColumn codes, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    double[] left = new double[p.rows()];
    for (int i = 0; i < left.length; i++) {
      left[i] = u.value(i);
    }
    for (int k = 0; k < labels; k++) {
      for (int i = 0; i < left.length; i++) {
        double mean = p.value(k, i);
        boolean drawn = left[i] < mean;
        // A uniform number, given the side that it is on, is uniform on that side.
        left[i] = drawn ? left[i] / mean : (left[i] - mean) / (1 - mean);
        out.values()[out.column(k) + i] = s.value(i) * (mean - (drawn ? 1 : 0));
      }
    }
  }
}

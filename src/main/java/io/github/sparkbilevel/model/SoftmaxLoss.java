package io.github.sparkbilevel.model;

import io.github.sparkbilevel.linalg.Elementary;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Cross entropy of softmax outputs: p = softmax(z), ℓ = −log p_b, r = p − e_b, C = diag(p) − ppᵀ.
 *
 * @param classes K ≥ 2
 */
public record SoftmaxLoss(int classes) implements Loss {
  /** What saved models call it. */
  public static final String NAME = "softmax";

  /** Checks the number of classes. */
  public SoftmaxLoss {
    if (classes < 2) {
      throw new IllegalArgumentException("got " + classes + " classes, expected 2 or more");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int outputs() {
    return classes;
  }

  @Override
  public boolean hasFreeShift() {
    return true;
  }

  /** K/2: from 1/K − 1/K² to at most 1/2 in the norm. */
  @Override
  public double mostCurvatureOverStart() {
    return classes / 2.0;
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return graph.node("Softmax", List.of(z), Map.of("axis", 1));
  }

  @Override
  public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
    int n = z.rows();
    double[] most = new double[n];
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    for (int k = 0; k < classes; k++) {
      int from = z.column(k);
      for (int i = 0; i < n; i++) {
        most[i] = Math.max(most[i], z.values()[from + i]);
      }
    }
    double[] sum = new double[n];
    for (int k = 0; k < classes; k++) {
      int from = z.column(k);
      int to = p.column(k);
      for (int i = 0; i < n; i++) {
        p.values()[to + i] = z.values()[from + i] - most[i];
      }
      Elementary.exp(p.values(), to, n);
      for (int i = 0; i < n; i++) {
        sum[i] += p.values()[to + i];
      }
    }
    for (int k = 0; k < classes; k++) {
      int to = p.column(k);
      for (int i = 0; i < n; i++) {
        p.values()[to + i] /= sum[i];
      }
    }
    Elementary.log(sum, 0, n);
    for (int i = 0; i < n; i++) {
      losses.values()[losses.at() + i] = sum[i] - (z.value((int) labels.value(i), i) - most[i]);
    }
  }

  @Override
  public CurvatureForm curvatureForm() {
    return CurvatureForm.OF_SHARES;
  }

  @Override
  public void residual(OutputTile p, TileColumn labels, TileColumn s, OutputTile out) {
    int n = p.rows();
    for (int k = 0; k < classes; k++) {
      int from = p.column(k);
      int to = out.column(k);
      for (int i = 0; i < n; i++) {
        out.values()[to + i] = s.values()[s.at() + i] * p.values()[from + i];
      }
    }
    for (int i = 0; i < n; i++) {
      out.values()[out.column((int) labels.value(i)) + i] -= s.value(i);
    }
  }

  @Override
  public void curvatureInPlace(OutputTile p, TileColumn labels, TileColumn s, OutputTile t) {
    int n = p.rows();
    double[] mean = new double[n];
    for (int k = 0; k < classes; k++) {
      int at = p.column(k);
      int to = t.column(k);
      for (int i = 0; i < n; i++) {
        mean[i] += p.values()[at + i] * t.values()[to + i];
      }
    }
    for (int k = 0; k < classes; k++) {
      int at = p.column(k);
      int to = t.column(k);
      for (int i = 0; i < n; i++) {
        t.values()[to + i] =
            s.values()[s.at() + i] * p.values()[at + i] * (t.values()[to + i] - mean[i]);
      }
    }
  }

  @Override
  public void directional(OutputTile p, TileColumn labels, OutputTile t, TileColumn out) {
    int n = p.rows();
    double[] sum = new double[n];
    for (int i = 0; i < n; i++) {
      sum[i] = -t.value((int) labels.value(i), i);
    }
    for (int k = 0; k < classes; k++) {
      int at = p.column(k);
      int along = t.column(k);
      for (int i = 0; i < n; i++) {
        sum[i] += p.values()[at + i] * t.values()[along + i];
      }
    }
    System.arraycopy(sum, 0, out.values(), out.at(), n);
  }

  @Override
  public void curvature(
      OutputTile p, TileColumn labels, int k, int l, TileColumn s, TileColumn out) {
    int ofK = p.column(k);
    int ofL = p.column(l);
    for (int i = 0; i < p.rows(); i++) {
      double square = p.values()[ofK + i] * p.values()[ofL + i];
      double entry = (k == l ? p.values()[ofK + i] : 0) - square;
      out.values()[out.at() + i] = s.values()[s.at() + i] * entry;
    }
  }

  @Override
  public double predict(OutputTile p, int row) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      if (p.value(k, row) > p.value(best, row)) {
        best = k;
      }
    }
    return best;
  }

  @Override
  public double probability(OutputTile p, int row, double label) {
    return p.value((int) label, row);
  }

  @Override
  public int rootColumns() {
    return classes;
  }

  /** √p_k (e_k − p). */
  @Override
  public void curvatureRoot(OutputTile p, TileColumn labels, int k, TileColumn s, OutputTile out) {
    int n = p.rows();
    double[] factor = new double[n];
    for (int i = 0; i < n; i++) {
      factor[i] = s.value(i) * Math.sqrt(p.value(k, i));
    }
    for (int l = 0; l < classes; l++) {
      int own = l == k ? 1 : 0;
      int from = p.column(l);
      int to = out.column(l);
      for (int i = 0; i < n; i++) {
        out.values()[to + i] = factor[i] * (own - p.values()[from + i]);
      }
    }
  }

  @Override
  public void drawnResidual(
      OutputTile p, TileColumn labels, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    double[] drawn = new double[p.rows()];
    for (int i = 0; i < drawn.length; i++) {
      int label = 0;
      double sum = p.value(0, i);
      while (label < classes - 1 && u.value(i) >= sum) {
        sum += p.value(++label, i);
      }
      drawn[i] = label;
    }
    residual(p, TileColumn.of(drawn), s, out);
  }
}

package io.github.sparkbilevel.model;

import io.github.sparkbilevel.linalg.Elementary;
import java.util.List;

/**
 * Binary logistic loss of one output: p = σ(z), ℓ = log(1 + e^z) − b z for b in {0, 1}, r = p − b,
 * C = p(1 − p).
 */
public record LogisticLoss() implements ScalarLoss {
  /** What saved models call it. */
  public static final String NAME = "logistic";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double curvature(double p, double label) {
    return p * (1 - p);
  }

  @Override
  public int classes() {
    return 2;
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return graph.node("Sigmoid", List.of(graph.margins(z)));
  }

  /**
   * With e = e^−|z| and u = 1 + e as rounded, log(1 + e) = log u + (e − (u − 1)) / u but for terms
   * of second order in the rounding.
   */
  @Override
  public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
    int n = z.rows();
    double[] e = new double[n];
    double[] log = new double[n];
    for (int i = 0; i < n; i++) {
      e[i] = -Math.abs(z.values()[z.at() + i]);
    }
    Elementary.exp(e, 0, n);
    for (int i = 0; i < n; i++) {
      log[i] = 1 + e[i];
    }
    Elementary.log(log, 0, n);
    for (int i = 0; i < n; i++) {
      double margin = z.values()[z.at() + i];
      double u = 1 + e[i];
      p.values()[p.at() + i] = (margin >= 0 ? 1 : e[i]) / u;
      double log1p = log[i] + (e[i] - (u - 1)) / u;
      losses.values()[losses.at() + i] = log1p + Math.max(margin, 0) - labels.value(i) * margin;
    }
  }

  @Override
  public void curvatureInPlace(OutputTile p, TileColumn labels, TileColumn s, OutputTile t) {
    for (int i = 0; i < p.rows(); i++) {
      double mean = p.values()[p.at() + i];
      t.values()[t.at() + i] *= s.value(i) * mean * (1 - mean);
    }
  }

  @Override
  public double predict(OutputTile p, int row) {
    return p.value(0, row) > 0.5 ? 1 : 0;
  }

  @Override
  public double probability(OutputTile p, int row, double label) {
    return label == 1 ? p.value(0, row) : 1 - p.value(0, row);
  }

  @Override
  public void drawnResidual(
      OutputTile p, TileColumn labels, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      double mean = p.values()[p.at() + i];
      out.values()[out.at() + i] = s.value(i) * (mean - (u.value(i) < mean ? 1 : 0));
    }
  }
}

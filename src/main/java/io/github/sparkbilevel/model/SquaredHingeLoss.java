package io.github.sparkbilevel.model;

import java.util.List;

/**
 * Squared hinge of one margin for two classes: p = z, and with y = 2b − 1 for b in {0, 1} and h =
 * max(0, 1 − y z),
 *
 * <pre>
 *   ℓ = h²     r = −2 y h     C = 2 where y z &lt; 1, otherwise 0
 * </pre>
 *
 * <p>There is no ½ before it, as in liblinear's classifier with the L2 loss: its constant c, which
 * stands before the sum of losses, is 1/(n · l2). C is the second derivative but at y z = 1, where
 * the slope has a kink and a generalised one is taken (Mangasarian, Optimization Methods and
 * Software, 2002): rows lie exactly there by chance alone.
 *
 * <p>The mean of ℓ over rows that are alike is least at z = 2 η − 1, η the share of class 1 among
 * them (Zhang, Annals of Statistics, 2004). Its inverse, η = (1 + z)/2 with z cut at ±1, is what
 * {@link #probability} tells; ℓ is not its logarithm.
 */
public record SquaredHingeLoss() implements ScalarLoss {
  /** Its name. */
  public static final String NAME = "squared-hinge";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int classes() {
    return 2;
  }

  private static double sign(double label) {
    return 2 * label - 1;
  }

  private static double shortfall(double margin, double label) {
    return Math.max(0, 1 - sign(label) * margin);
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    String cut = graph.node("Clip", List.of(graph.margins(z), graph.number(-1), graph.number(1)));
    String half = graph.number(0.5);
    return graph.node("Add", List.of(graph.node("Mul", List.of(cut, half)), half));
  }

  @Override
  public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
    for (int i = 0; i < z.rows(); i++) {
      double margin = z.values()[z.at() + i];
      double h = shortfall(margin, labels.value(i));
      p.values()[p.at() + i] = margin;
      losses.values()[losses.at() + i] = h * h;
    }
  }

  @Override
  public double residual(double p, double label) {
    return -2 * sign(label) * shortfall(p, label);
  }

  @Override
  public double curvature(double p, double label) {
    return shortfall(p, label) > 0 ? 2 : 0;
  }

  @Override
  public double predict(OutputTile p, int row) {
    return p.value(0, row) > 0 ? 1 : 0;
  }

  @Override
  public double probability(OutputTile p, int row, double label) {
    double cut = Math.max(-1, Math.min(1, p.value(0, row)));
    return (1 + sign(label) * cut) / 2;
  }
}

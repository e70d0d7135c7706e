package io.github.sparkbilevel.model;

/** Squared loss of one output: p = z, ℓ = ½(z − b)², r = z − b, C = 1. */
public record SquaredLoss() implements ScalarLoss {
  /** Its name. */
  public static final String NAME = "squared";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double variance(double p) {
    return 1;
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
    for (int i = 0; i < z.rows(); i++) {
      double value = z.values()[z.at() + i];
      double error = value - labels.value(i);
      p.values()[p.at() + i] = value;
      losses.values()[losses.at() + i] = 0.5 * error * error;
    }
  }

  @Override
  public double predict(OutputTile p, int row) {
    return p.value(0, row);
  }

  @Override
  public double probability(OutputTile p, int row, double label) {
    double error = p.value(0, row) - label;
    return Math.exp(-0.5 * error * error);
  }

  /** A standard normal number by Box and Muller: ℓ is −log of the density of N(p, 1). */
  @Override
  public void drawnResidual(
      OutputTile p, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      double length = Math.sqrt(-2 * Math.log(u.value(i)));
      out.values()[out.at() + i] = s.value(i) * length * Math.cos(2 * Math.PI * w.value(i));
    }
  }
}

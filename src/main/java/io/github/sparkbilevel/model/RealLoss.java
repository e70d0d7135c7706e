package io.github.sparkbilevel.model;

/** The loss of a real label, as functions of one row. */
public interface RealLoss extends ScalarLoss {

  /** p for an output; the output itself unless overridden. */
  default double link(double z) {
    return z;
  }

  /** ℓ at a prediction, 0 or more. */
  double value(double p, double label);

  @Override
  default int classes() {
    return 0;
  }

  @Override
  default double mostCurvatureOverStart() {
    return Double.POSITIVE_INFINITY;
  }

  @Override
  default void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
    for (int i = 0; i < z.rows(); i++) {
      double prediction = link(z.values()[z.at() + i]);
      p.values()[p.at() + i] = prediction;
      losses.values()[losses.at() + i] = value(prediction, labels.value(i));
    }
  }

  @Override
  default double predict(OutputTile p, int row) {
    return p.value(0, row);
  }

  /** Not known without the scale of right labels' errors, which {@link ScaledLoss} has. */
  @Override
  default double logOdds(double loss) {
    throw new IllegalStateException(
        "the loss " + name() + " does not know how large the errors of right labels are");
  }

  @Override
  default double probability(OutputTile p, int row, double label) {
    return Math.exp(-value(p.value(0, row), label));
  }
}

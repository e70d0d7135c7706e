package io.github.sparkbilevel.model;

/**
 * The loss of one output, where p estimates the label and r = p − b: that of a generalised linear
 * model with its canonical link. C is the variance that the model gives to the label.
 */
public interface ScalarLoss extends Loss {

  /** C at a prediction. */
  double variance(double p);

  @Override
  default int outputs() {
    return 1;
  }

  @Override
  default void residual(OutputTile p, TileColumn labels, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      out.values()[out.at() + i] = s.value(i) * (p.values()[p.at() + i] - labels.value(i));
    }
  }

  @Override
  default void directional(OutputTile p, TileColumn labels, OutputTile t, TileColumn out) {
    for (int i = 0; i < p.rows(); i++) {
      out.values()[out.at() + i] =
          (p.values()[p.at() + i] - labels.value(i)) * t.values()[t.at() + i];
    }
  }

  @Override
  default void curvatureInPlace(OutputTile p, TileColumn s, OutputTile t) {
    for (int i = 0; i < p.rows(); i++) {
      t.values()[t.at() + i] *= s.value(i) * variance(p.values()[p.at() + i]);
    }
  }

  @Override
  default void curvature(OutputTile p, int k, int l, TileColumn s, TileColumn out) {
    for (int i = 0; i < p.rows(); i++) {
      out.values()[out.at() + i] = s.value(i) * variance(p.values()[p.at() + i]);
    }
  }

  @Override
  default int rootColumns() {
    return 1;
  }

  @Override
  default void curvatureRoot(OutputTile p, int k, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      out.values()[out.at() + i] = s.value(i) * Math.sqrt(variance(p.values()[p.at() + i]));
    }
  }
}

package io.github.sparkbilevel.model;

/**
 * The loss of one output. Unless it says otherwise, p estimates the label and r = p − b: that of a
 * generalised linear model with its canonical link, where C is the variance that the model gives to
 * the label.
 */
public interface ScalarLoss extends Loss {

  /** C at a prediction. */
  double curvature(double p, double label);

  /** r at a prediction. */
  default double residual(double p, double label) {
    return p - label;
  }

  @Override
  default int outputs() {
    return 1;
  }

  @Override
  default CurvatureForm curvatureForm() {
    return CurvatureForm.DIAGONAL;
  }

  @Override
  default void residual(OutputTile p, TileColumn labels, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      double r = residual(p.values()[p.at() + i], labels.value(i));
      out.values()[out.at() + i] = s.value(i) * r;
    }
  }

  @Override
  default void directional(OutputTile p, TileColumn labels, OutputTile t, TileColumn out) {
    for (int i = 0; i < p.rows(); i++) {
      double r = residual(p.values()[p.at() + i], labels.value(i));
      out.values()[out.at() + i] = r * t.values()[t.at() + i];
    }
  }

  @Override
  default void curvatureInPlace(OutputTile p, TileColumn labels, TileColumn s, OutputTile t) {
    for (int i = 0; i < p.rows(); i++) {
      double c = curvature(p.values()[p.at() + i], labels.value(i));
      t.values()[t.at() + i] *= s.value(i) * c;
    }
  }

  @Override
  default void curvature(
      OutputTile p, TileColumn labels, int k, int l, TileColumn s, TileColumn out) {
    for (int i = 0; i < p.rows(); i++) {
      double c = curvature(p.values()[p.at() + i], labels.value(i));
      out.values()[out.at() + i] = s.value(i) * c;
    }
  }

  @Override
  default int rootColumns() {
    return 1;
  }

  @Override
  default void curvatureRoot(OutputTile p, TileColumn labels, int k, TileColumn s, OutputTile out) {
    for (int i = 0; i < p.rows(); i++) {
      double c = curvature(p.values()[p.at() + i], labels.value(i));
      out.values()[out.at() + i] = s.value(i) * Math.sqrt(c);
    }
  }

  /** √C times a standard normal number by Box and Muller. */
  @Override
  default void drawnResidual(
      OutputTile p, TileColumn labels, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    curvatureRoot(p, labels, 0, s, out);
    for (int i = 0; i < p.rows(); i++) {
      double length = Math.sqrt(-2 * Math.log(u.value(i)));
      double root = out.values()[out.at() + i];
      out.values()[out.at() + i] = root * length * Math.cos(2 * Math.PI * w.value(i));
    }
  }
}

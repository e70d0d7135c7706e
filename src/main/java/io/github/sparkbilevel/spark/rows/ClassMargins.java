package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;

/** The class that a linear classifier gives to a row, by the plainest computation. */
final class ClassMargins {
  private final LinearModel model;
  private final double[] theta;
  private final double[] row;

  /** With anything but a linear classifier of finite parameters it does not apply. */
  ClassMargins(Model model, double[] theta) {
    boolean fits =
        model instanceof LinearModel
            && model.loss().classes() > 0
            && theta.length == model.size()
            && Vectors.isFinite(theta);
    this.model = fits ? (LinearModel) model : null;
    this.theta = theta;
    this.row = new double[fits ? model.features() : 0];
  }

  boolean apply() {
    return model != null;
  }

  int classOf(Features features, int i) {
    features.copyRow(i, row);
    int best = 0;
    double most = model.outputs() == 1 ? 0 : margin(0);
    for (int k = 1; k < model.loss().classes(); k++) {
      double z = margin(model.outputs() == 1 ? 0 : k);
      if (z > most) {
        best = k;
        most = z;
      }
    }
    return best;
  }

  private double margin(int output) {
    int at = output * model.columnLength();
    double z = model.intercept() ? theta[at + model.features()] : 0;
    for (int j = 0; j < row.length; j++) {
      z += theta[at + j] * row[j];
    }
    return z;
  }
}

package io.github.sparkbilevel.problem.fit;

/**
 * Errors of several classifiers on the held-out rows, of which each row has a part: 0 or 1 by
 * whether the label is preferred, or the share of rows of the other class that are ranked wrongly
 * beside it.
 *
 * <p>With v_i the part of row i in the measure and d_i the difference of two models' errors there,
 * the variance of Σ v_i d_i is Σ v_i² d_i². That supposes that the models are equally good, which
 * is what a winner has to refute: for errors of 0 and 1 the ratio is that of McNemar's test
 * (Psychometrika, 1947), and for ranks it is DeLong's (Biometrics, 1988) but for the mean. So one
 * row of a rare class has a standard error as well, which a variance about the mean lacks.
 *
 * @param means 1 − the metric, of each model
 * @param products for each pair of models Σ v_i² e_ai e_bi
 */
record HeldOutErrors(double[] means, double[][] products) implements HeldOutFigures {

  @Override
  public double standardErrorOfDifference(int a, int b) {
    return Math.sqrt(Math.max(0, products[a][a] - 2 * products[a][b] + products[b][b]));
  }

  @Override
  public double effectiveRows(int model) {
    double mean = means[model];
    return mean == 0 ? 0 : mean * mean / products[model][model];
  }

  /**
   * From the sums of a {@link HeldOutErrorsPass}.
   *
   * @throws IllegalArgumentException for the loss, which is no error
   */
  static HeldOutErrors of(HeldOutErrorsPass pass, double[] sums, SelectionMetric metric) {
    int models = pass.theta().length;
    int classes = pass.kernel().model().loss().classes();
    double all = 0;
    int present = 0;
    for (int k = 0; k < classes; k++) {
      all += sums[pass.weight(k)];
      present += sums[pass.weight(k)] > 0 ? 1 : 0;
    }
    double[] means = new double[models];
    double[][] products = new double[models][models];
    for (int k = 0; k < classes; k++) {
      double weight = sums[pass.weight(k)];
      if (weight == 0) {
        continue;
      }
      double part =
          switch (metric) {
            case LOSS -> throw new IllegalArgumentException("got the loss, expected errors");
            case ACCURACY -> 1 / all;
            case BALANCED_ACCURACY -> 1 / (weight * present);
            // The mean over either class is the same number, and both vary.
            case AUC -> 1 / weight;
          };
      double share = metric == SelectionMetric.AUC ? part / classes : part;
      for (int a = 0; a < models; a++) {
        means[a] += share * sums[pass.error(k, a)];
        for (int b = 0; b < models; b++) {
          products[a][b] += part * part * sums[pass.product(k, a, b)];
        }
      }
    }
    return new HeldOutErrors(means, products);
  }
}

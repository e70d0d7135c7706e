package io.github.sparkbilevel.data;

/**
 * The probabilities of the classes that a model of the user gives to a row.
 *
 * @param values as they stand in the row, in the order of the columns; null where they are wrong
 * @param wrong what was found, what was expected and what to try; null for a good row
 */
record GivenProbabilities(double[] values, String wrong) {
  /** Those of a row without. */
  static final float[] NONE = {};

  /** Probabilities that were written with two decimals are off by so much. */
  private static final double MOST_OFF = 0.05;

  /** What float32 and six decimals leave, and nobody needs to hear of. */
  private static final double ROUNDING = 1e-4;

  /**
   * Reads those of a row.
   *
   * @param texts in the order of {@link Columns#at}
   */
  static GivenProbabilities of(TableSpec spec, String[] texts) {
    int classes = spec.probabilities().size();
    int from = ColumnRole.values().length + spec.votes().size();
    double[] values = new double[classes];
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      String text = texts[from + k] == null ? "" : texts[from + k].trim();
      if (!Numbers.isFinite(text) || Numbers.parse(text) < 0) {
        return new GivenProbabilities(
            null,
            "the column '%s' of the probabilities has %s, expected a number from 0 to 1; fill it in, or remove the row"
                .formatted(spec.probabilities().get(k), Names.quote(text)));
      }
      values[k] = Numbers.parse(text);
      sum += values[k];
    }
    return Math.abs(sum - 1) <= MOST_OFF
        ? new GivenProbabilities(values, null)
        : new GivenProbabilities(
            null,
            "the columns of the probabilities (%s) sum to %s, expected 1; name one column for each class, with probabilities and not scores"
                .formatted(Names.shortList(spec.probabilities()), (float) sum));
  }

  /** Whether those of a row sum to 1 but for more than rounding. */
  static boolean isUneven(float[] values) {
    return values.length > 0 && Math.abs(sum(values) - 1) > ROUNDING;
  }

  /** The same in proportion, so that they sum to 1. */
  static float[] normalized(float[] values) {
    double sum = sum(values);
    float[] normalized = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      normalized[k] = (float) (values[k] / sum);
    }
    return normalized;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}

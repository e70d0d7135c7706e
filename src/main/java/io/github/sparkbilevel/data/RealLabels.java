package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;

/** Real labels, as regression has them: any finite number, seen in the training rows or not. */
public record RealLabels() implements Labels {

  /** What to try when a label is no number. */
  static final String ADVICE =
      "correct the label, or choose model.family = softmax if labels are classes";

  @Override
  public int size() {
    return 0;
  }

  @Override
  public double encode(String label) {
    if (!Numbers.isFinite(label)) {
      throw new DataException(
          "the label is " + Names.quote(label) + ", expected a finite number; " + ADVICE);
    }
    return Numbers.parse(label);
  }

  @Override
  public double encodeOrNone(String label) {
    return Numbers.isFinite(label) ? Numbers.parse(label) : Double.NaN;
  }

  @Override
  public String spelled(double label) {
    return Double.toString(label);
  }
}

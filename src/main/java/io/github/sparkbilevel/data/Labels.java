package io.github.sparkbilevel.data;

import java.io.Serializable;

/**
 * How the labels of a job become numbers: classes by their index, real labels by their value,
 * several labels by their code.
 */
public sealed interface Labels extends Serializable permits ClassIndex, RealLabels, SeveralLabels {

  /** Number of classes; 0 for real and for several labels. */
  int size();

  /** The spelling of a label: whole numbers without a fraction, no blanks around it. */
  static String canonical(String text) {
    return Numbers.canonical(text);
  }

  /** The number of a label; an error for one that is none of these labels. */
  double encode(String label);

  /**
   * The number of a label that nothing rests on: −1 or NaN for one that is none of these labels.
   */
  double encodeOrNone(String label);

  /** What rows have as the label of a number. */
  String spelled(double label);
}

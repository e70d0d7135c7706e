package io.github.sparkbilevel.model;

/**
 * Which steps of the rows of a tile are padding.
 *
 * @param shares steps × rows: 0 for padding, and for each of the n other steps of a row 1/n
 */
public record StepMask(double[][] shares) {

  /**
   * Of marks.
   *
   * @param marks steps × rows: 0 for padding, 1 for others; they become the shares
   */
  static StepMask of(double[][] marks) {
    for (int i = 0; i < marks[0].length; i++) {
      double steps = 0;
      for (double[] step : marks) {
        steps += step[i];
      }
      for (double[] step : marks) {
        step[i] = step[i] > 0 ? 1 / steps : 0;
      }
    }
    return new StepMask(marks);
  }

  /** Whether a step of a row is padding. */
  public boolean isPadding(int step, int row) {
    return shares[step][row] == 0;
  }
}

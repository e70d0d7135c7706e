package io.github.sparkbilevel.model;

/** Random numbers that belong to rows, the same wherever and whenever they are asked for. */
@FunctionalInterface
public interface LabelDraws {

  /**
   * A number uniform in (0, 1).
   *
   * @param id of the row
   * @param number which of the row's numbers
   */
  double uniform(long id, int number);
}

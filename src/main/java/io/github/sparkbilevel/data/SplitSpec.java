package io.github.sparkbilevel.data;

/** Where validation or test rows come from. */
public sealed interface SplitSpec {

  /**
   * A table of their own.
   *
   * @param spec where it lies and which of its columns has which role
   */
  record Own(TableSpec spec) implements SplitSpec {}

  /**
   * Drawn from the training table, and taken out of it.
   *
   * @param fraction of its rows, between 0 and 1
   */
  record Share(double fraction) implements SplitSpec {}

  /**
   * Drawn from the training table, and taken out of it.
   *
   * @param rows how many
   */
  record Count(long rows) implements SplitSpec {}

  /**
   * The rows of the training table that a column marks; they are taken out of it.
   *
   * @param column true or false in each row; nothing means false
   */
  record Marked(String column) implements SplitSpec {}

  /**
   * The rows of the training table whose labels somebody has checked; they are taken out of it, and
   * have the labels that were found.
   *
   * @param path of a CSV file with the columns {@code id} and {@code label}
   */
  record Answered(String path) implements SplitSpec {}

  /** Rows of their own table. */
  static SplitSpec table(TableSpec table) {
    return new Own(table);
  }

  /** A share of the training table. */
  static SplitSpec fraction(double fraction) {
    return new Share(fraction);
  }

  /** So many rows of the training table. */
  static SplitSpec rows(long rows) {
    return new Count(rows);
  }

  /** Their own table, or null where the training table holds them. */
  default TableSpec table() {
    return this instanceof Own own ? own.spec() : null;
  }

  /** How many rows are drawn from a table of {@code all}. */
  default long count(String role, long all) {
    if (this instanceof Count count) {
      if (count.rows() < 1) {
        throw new IllegalArgumentException(
            "data." + role + ".rows = " + count.rows() + ", expected at least 1");
      }
      return count.rows();
    }
    if (!(this instanceof Share share)) {
      return 0;
    }
    if (!(share.fraction() > 0 && share.fraction() < 1)) {
      throw new IllegalArgumentException(
          "data."
              + role
              + ".fraction = "
              + share.fraction()
              + ", expected a number between 0 and 1");
    }
    return Math.max(1, Math.round(share.fraction() * all));
  }
}

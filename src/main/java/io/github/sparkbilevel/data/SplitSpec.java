package io.github.sparkbilevel.data;

/**
 * Where validation or test rows come from: a table of their own, or rows drawn from the training
 * table. Exactly one of the components is not null.
 *
 * @param table their own table
 * @param fraction share of the training table's rows, between 0 and 1
 * @param rows how many of the training table's rows
 */
public record SplitSpec(TableSpec table, Double fraction, Long rows) {

  /** Checks that there is exactly one. */
  public SplitSpec {
    int given = (table != null ? 1 : 0) + (fraction != null ? 1 : 0) + (rows != null ? 1 : 0);
    if (given != 1) {
      throw new IllegalArgumentException(
          "path, fraction and rows: found "
              + given
              + " of them, expected exactly one in each of"
              + " data.validation and data.test");
    }
  }

  /** Rows of their own table. */
  public static SplitSpec table(TableSpec table) {
    return new SplitSpec(table, null, null);
  }

  /** A share of the training table. */
  public static SplitSpec fraction(double fraction) {
    return new SplitSpec(null, fraction, null);
  }

  /** So many rows of the training table. */
  public static SplitSpec rows(long rows) {
    return new SplitSpec(null, null, rows);
  }

  /** How many rows are drawn from a table of {@code all}. */
  long count(String role, long all) {
    if (rows != null) {
      if (rows < 1) {
        throw new IllegalArgumentException(
            "data." + role + ".rows = " + rows + ", expected at least 1");
      }
      return rows;
    }
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "data." + role + ".fraction = " + fraction + ", expected a number between 0 and 1");
    }
    return Math.max(1, Math.round(fraction * all));
  }
}

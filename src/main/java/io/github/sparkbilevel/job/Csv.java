package io.github.sparkbilevel.job;

/** Cells of the small CSV files that the driver writes. */
final class Csv {
  private Csv() {}

  /** The cell, in quotes where it needs them. */
  static String quoted(String cell) {
    return cell.matches("[^\",\r\n]*") ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
  }
}

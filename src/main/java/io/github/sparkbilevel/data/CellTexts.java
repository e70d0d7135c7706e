package io.github.sparkbilevel.data;

import java.util.List;

/**
 * How texts in the cells of a table are to be understood.
 *
 * @param missing the texts beside blanks that mean that a cell has nothing
 * @param decimal the decimal mark of numbers; a decimal point is one in any case
 */
public record CellTexts(List<String> missing, char decimal) {
  /** Texts of numbers with a decimal point. */
  public static CellTexts of(List<String> missing) {
    return new CellTexts(List.copyOf(missing), CsvDialect.PLAIN.decimal());
  }

  /** Those of the options of a table. */
  static CellTexts of(TableSpec spec) {
    List<String> given = spec.options().nullValue();
    return of(given == null ? MissingValues.DEFAULT : given);
  }

  CellTexts withDecimal(char other) {
    return new CellTexts(missing, other);
  }

  /** Whether numbers may have another decimal mark than a point. */
  public boolean hasDecimalMark() {
    return decimal != CsvDialect.PLAIN.decimal();
  }
}

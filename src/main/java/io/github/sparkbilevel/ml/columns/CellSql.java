package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.RawRows;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * What cells mean, as expressions of Spark SQL: a saved plan needs no code of ours to read them.
 */
final class CellSql {
  private static final String YES = "('true', 't', 'yes', 'y')";
  private static final String NO = "('false', 'f', 'no', 'n')";
  private static final double DAYS_OF_YEAR = 365.2425;

  private CellSql() {}

  static String name(StructField column) {
    return DatasetRows.quote(column.name());
  }

  /** The cell, or null where it is blank or a word that means so. */
  static String filled(StructField column) {
    String name = name(column);
    if (!(column.dataType() instanceof StringType)) {
      return name;
    }
    String missing =
        RawRows.MISSING.stream().map(word -> "'" + word + "'").collect(Collectors.joining(", "));
    return "if(trim(%s) in ('', %s), null, trim(%s))".formatted(name, missing, name);
  }

  /** The cell as text, or null where it is blank. */
  static String text(StructField column) {
    return "cast(%s as string)".formatted(filled(column));
  }

  /** The cell as a number. */
  static String number(StructField column) {
    return "cast(%s as double)".formatted(filled(column));
  }

  /** 1 for yes, 0 for no, null for anything else. */
  static String bool(StructField column) {
    String word = "lower(" + text(column) + ")";
    return "case when %s in %s then 1D when %s in %s then 0D end".formatted(word, YES, word, NO);
  }

  /** Days since 1970. */
  static String days(StructField column) {
    return "cast(unix_date(cast(%s as date)) as double)".formatted(filled(column));
  }

  /** Where in the year a day is, as an angle's sine or cosine. */
  static String ofYear(StructField column, String function) {
    return "%s(2 * pi() * (%s) / %s)".formatted(function, days(column), DAYS_OF_YEAR);
  }

  /** Where in the week a day is, as an angle's sine or cosine. */
  static String ofWeek(StructField column, String function) {
    return "%s(2 * pi() * (%s) / 7)".formatted(function, days(column));
  }

  /** 1 where the cell is blank, else 0. */
  static String isBlank(StructField column) {
    return "if(%s is null, 1.0D, 0.0D)".formatted(filled(column));
  }

  /** The value of a category; blank is one. */
  static String value(StructField column) {
    return "coalesce(%s, '(blank)')".formatted(text(column));
  }

  /** The text, or the empty one where the cell is blank. */
  static String textOrEmpty(StructField column) {
    return "coalesce(%s, '')".formatted(text(column));
  }
}

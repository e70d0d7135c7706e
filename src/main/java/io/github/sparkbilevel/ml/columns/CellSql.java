package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.CellTexts;
import io.github.sparkbilevel.data.DatasetRows;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * What cells mean, as expressions of Spark SQL: a saved plan needs no code of ours to read them.
 *
 * @param texts what texts mean
 */
record CellSql(CellTexts texts) {
  /** A cast to a number would take more: 1d, 0x1p3. */
  static final String NUMBER = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$";

  private static final String DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}";

  private static final String YES = "('true', 't', 'yes', 'y')";
  private static final String NO = "('false', 'f', 'no', 'n')";
  private static final double DAYS_OF_YEAR = 365.2425;

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  static String name(StructField column) {
    return DatasetRows.quote(column.name());
  }

  /** The cell, or null where it is blank or a word that means so. */
  String filled(StructField column) {
    String name = name(column);
    if (column.dataType() instanceof DoubleType || column.dataType() instanceof FloatType) {
      return "if(isnan(%s), null, %s)".formatted(name, name);
    }
    if (!(column.dataType() instanceof StringType)) {
      return name;
    }
    String blank =
        Stream.concat(Stream.of(""), texts.missing().stream())
            .map(CellSql::literal)
            .collect(Collectors.joining(", "));
    return "if(trim(%s) in (%s), null, %s)".formatted(name, blank, pointed("trim(" + name + ")"));
  }

  /** A number with a decimal point, any other text as it is; as the rows of training were read. */
  private String pointed(String text) {
    if (!texts.hasDecimalMark()) {
      return text;
    }
    String mark = literal(String.valueOf(texts.decimal()));
    String plain = "translate(%s, %s, '.')".formatted(text, mark);
    return "if(%s rlike %s, %s, %s)".formatted(plain, literal(NUMBER), plain, text);
  }

  /** The cell as text, or null where it is blank. */
  String text(StructField column) {
    return "cast(%s as string)".formatted(filled(column));
  }

  /** The cell as a number; a text that is none is an error. */
  String number(StructField column) {
    String number = "cast(%s as double)".formatted(filled(column));
    return column.dataType() instanceof StringType
        ? checked(column, text(column) + " rlike " + literal(NUMBER), number, "a number")
        : number;
  }

  /** 1 for yes, 0 for no; any other text is an error. */
  String bool(StructField column) {
    String said = yesOrNo(column);
    return checked(column, said + " is not null", said, "true or false");
  }

  /** 1 for yes, 0 for no, null for anything else. */
  String yesOrNo(StructField column) {
    String word = "lower(" + text(column) + ")";
    return "case when %s in %s then 1D when %s in %s then 0D end".formatted(word, YES, word, NO);
  }

  /** Days since 1970; a text that is no date is an error. */
  String days(StructField column) {
    String days = "cast(unix_date(try_cast(%s as date)) as double)".formatted(filled(column));
    return checked(column, days + " is not null", days, "a date");
  }

  /** Whether a text begins with a date. */
  String isDate(StructField column) {
    return "%s rlike %s and try_cast(%s as date) is not null"
        .formatted(text(column), literal(DATE), text(column));
  }

  /** The number of elements of an array, or null where the cell is blank. */
  String length(StructField column) {
    return "if(%s is null, null, size(%s))".formatted(name(column), name(column));
  }

  /** Whether an array has elements, all of them numbers; null where the cell is blank. */
  String holdsNumbers(StructField column) {
    String array = name(column);
    return "size(%s) > 0 and forall(%s, x -> x is not null and not isnan(x))"
        .formatted(array, array);
  }

  /** The vector beside an array; an array of another length is an error. */
  String vector(StructField column, int length) {
    String array = name(column);
    String error =
        "concat(%s, cast(size(%s) as string), %s)"
            .formatted(
                literal("the column '" + column.name() + "' has an array of "),
                array,
                literal(" numbers, expected " + length + " as in the training rows"));
    String vector = DatasetRows.quote(ArrayColumns.nameOfVectors(column.name()));
    return "case when size(%s) = %d or %s is null then %s else raise_error(%s) end"
        .formatted(array, length, array, vector, error);
  }

  /** A value, null where the cell is blank; a cell that does not fit is an error. */
  private String checked(StructField column, String fits, String value, String expected) {
    String error =
        "concat(%s, %s, %s)"
            .formatted(
                literal("the column '" + column.name() + "' has '"),
                text(column),
                literal("', expected " + expected));
    return "case when %s is null then null when %s then %s else raise_error(%s) end"
        .formatted(filled(column), fits, value, error);
  }

  /** Where in the year a day is, as an angle's sine or cosine. */
  String ofYear(StructField column, String function) {
    return "%s(2 * pi() * (%s) / %s)".formatted(function, days(column), DAYS_OF_YEAR);
  }

  /** Where in the week a day is, as an angle's sine or cosine. */
  String ofWeek(StructField column, String function) {
    return "%s(2 * pi() * (%s) / 7)".formatted(function, days(column));
  }

  /** 1 where the cell is blank, else 0. */
  String isBlank(StructField column) {
    return "if(%s is null, 1.0D, 0.0D)".formatted(filled(column));
  }

  /** The value of a category; blank is one. */
  String value(StructField column) {
    return "coalesce(%s, '(blank)')".formatted(text(column));
  }

  /** The text, or the empty one where the cell is blank. */
  String textOrEmpty(StructField column) {
    return "coalesce(%s, '')".formatted(text(column));
  }
}

package io.github.sparkbilevel.ml.columns;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.RawRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What a scan of a table finds out about one of its columns.
 *
 * @param name of the column
 * @param type of the column
 * @param rows of the table
 * @param cells what the cells hold
 * @param values what the values are like
 */
record ColumnProfile(String name, DataType type, long rows, Cells cells, Values values) {
  /** A text column with at least this share of numbers is a column of numbers with mistakes. */
  private static final double MOSTLY = 0.99;

  private static final long LEAST_UNIQUE = 20;
  private static final double UNIQUE = 0.9;

  /**
   * How many cells hold what.
   *
   * @param filled those that are not blank
   * @param numbers texts that are numbers; vectors, and arrays of numbers alone
   * @param booleans texts that say yes or no
   * @param dates texts that begin with a date, as in 2026-11-30
   */
  record Cells(long filled, long numbers, long booleans, long dates) {}

  /**
   * What the values are like.
   *
   * @param distinct about how many there are
   * @param least number, or length of an array or a vector; NaN where there is none
   * @param greatest number, or length of an array or a vector; NaN where there is none
   * @param words in a text, on average
   * @param other a text that is no number, or null
   */
  record Values(long distinct, double least, double greatest, double words, String other) {}

  private static final UserDefinedFunction LENGTH =
      udf((UDF1<Vector, Double>) v -> v == null ? null : (double) v.size(), DataTypes.DoubleType);

  /** Looks at columns in one Spark job. */
  static List<ColumnProfile> of(Dataset<Row> table, List<StructField> columns, CellSql sql) {
    List<Column> figures = new ArrayList<>(List.of(count(lit(1))));
    columns.forEach(column -> figures.addAll(figures(column, sql)));
    Row found =
        table
            .agg(figures.get(0), figures.subList(1, figures.size()).toArray(new Column[0]))
            .first();
    List<ColumnProfile> profiles = new ArrayList<>();
    int at = 1;
    for (StructField column : columns) {
      profiles.add(profile(column, found, at));
      at += figures(column, sql).size();
    }
    return profiles;
  }

  private static List<Column> figures(StructField column, CellSql sql) {
    Column filled = expr(sql.filled(column) + " is not null");
    if (ArrayColumns.isArray(column.dataType())) {
      Column length = expr(sql.length(column)).cast("double");
      Column fits = expr(sql.holdsNumbers(column));
      return List.of(count(when(filled, 1)), count(when(fits, 1)), min(length), max(length));
    }
    if (ArrayColumns.isPacked(column.dataType())) {
      Column length = LENGTH.apply(expr(CellSql.name(column)));
      return List.of(count(when(filled, 1)), count(when(filled, 1)), min(length), max(length));
    }
    if (!isPlain(column.dataType())) {
      return List.of(count(when(filled, 1)));
    }
    Column text = expr(sql.text(column));
    Column isNumber =
        column.dataType() instanceof StringType
            ? text.rlike(CellSql.NUMBER)
            : lit(column.dataType() instanceof NumericType);
    Column number = when(filled.and(isNumber), text.cast("double"));
    return List.of(
        count(when(filled, 1)),
        count(number),
        count(when(expr(sql.yesOrNo(column) + " is not null"), 1)),
        count(when(expr(sql.isDate(column)), 1)),
        approx_count_distinct(when(filled, text)),
        min(number),
        max(number),
        avg(when(filled, expr("size(split(" + sql.text(column) + ", '\\\\s+'))"))),
        min(when(filled.and(isNumber.unary_$bang()), text)));
  }

  private static ColumnProfile profile(StructField column, Row found, int at) {
    long rows = found.getLong(0);
    long filled = found.getLong(at);
    if (!isPlain(column.dataType())) {
      boolean packed = ArrayColumns.isPacked(column.dataType());
      return new ColumnProfile(
          column.name(),
          column.dataType(),
          rows,
          new Cells(filled, packed ? found.getLong(at + 1) : filled, 0, 0),
          new Values(
              filled,
              packed ? number(found, at + 2) : Double.NaN,
              packed ? number(found, at + 3) : Double.NaN,
              0,
              null));
    }
    return new ColumnProfile(
        column.name(),
        column.dataType(),
        rows,
        new Cells(filled, found.getLong(at + 1), found.getLong(at + 2), found.getLong(at + 3)),
        new Values(
            found.getLong(at + 4),
            number(found, at + 5),
            number(found, at + 6),
            number(found, at + 7),
            found.getString(at + 8)));
  }

  private static double number(Row row, int at) {
    return row.isNullAt(at) ? Double.NaN : row.getDouble(at);
  }

  /** Whether cells hold several numbers. */
  boolean isPacked() {
    return ArrayColumns.isPacked(type);
  }

  /** Whether arrays or vectors differ in their length. */
  boolean isUneven() {
    return isPacked() && values.least < values.greatest;
  }

  /** Whether arrays or vectors have no element in any row. */
  boolean isEmpty() {
    return isPacked() && values.greatest == 0;
  }

  /** Whether the type alone says that there are dates. */
  boolean isDate() {
    return isDate(type);
  }

  private static boolean isDate(DataType type) {
    return type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType;
  }

  /** Whether cells are single values. */
  boolean isPlain() {
    return isPlain(type);
  }

  private static boolean isPlain(DataType type) {
    return type instanceof StringType
        || type instanceof NumericType
        || type instanceof BooleanType
        || isDate(type);
  }

  /**
   * Whether cells count the rows: whole numbers, one after the other, or under a name that columns
   * of row numbers have.
   */
  boolean countsRows(List<String> header) {
    boolean whole = Math.rint(values.least) == values.least;
    boolean consecutive = values.greatest - values.least + 1 == rows;
    return whole
        && isNearlyUnique()
        && (consecutive
            || RawRows.areRowNumbers(name, header, rows, values.least, values.greatest));
  }

  /** Whether all cells but a few are numbers, so that those are mistakes. */
  boolean isMostlyNumbers() {
    return type instanceof StringType
        && cells.numbers < cells.filled
        && cells.numbers > MOSTLY * cells.filled;
  }

  /** Whether nearly every row has a value of its own, as far as an estimate can say. */
  boolean isNearlyUnique() {
    return cells.filled >= LEAST_UNIQUE && values.distinct >= UNIQUE * cells.filled;
  }

  /** The share of the rows that have nothing in the column. */
  double blank() {
    return rows == 0 ? 0 : 1 - (double) cells.filled / rows;
  }
}

package io.github.sparkbilevel.ml.param;

import io.github.sparkbilevel.ml.score.RawFeatures;
import java.util.Arrays;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Checks of the columns of a Dataset by its schema, before any job. */
public final class InputColumns {
  private final StructType schema;

  public InputColumns(StructType schema) {
    this.schema = schema;
  }

  /** A column of vectors. */
  public void requireVector(String param, String column) {
    require(param, column, type -> type.equals(SQLDataTypes.VectorType()), "a vector");
  }

  /** A column of numbers; none when the param is empty, but for labels. */
  public void requireNumber(String param, String column) {
    if (isWanted(param, column)) {
      require(param, column, type -> type instanceof NumericType, "a number");
    }
  }

  /** A column of true and false, or of 0 and others. */
  public void requireIndicator(String param, String column) {
    require(
        param,
        column,
        type -> type instanceof BooleanType || type instanceof NumericType,
        "true or false");
  }

  /** A column of numbers or text; none when the param is empty, but for labels. */
  public void requireScalar(String param, String column) {
    if (isWanted(param, column)) {
      require(
          param,
          column,
          type ->
              type instanceof NumericType
                  || type instanceof StringType
                  || type instanceof BooleanType,
          "a number or text");
    }
  }

  private static boolean isWanted(String param, String column) {
    return param.equals("labelCol") || !column.isEmpty();
  }

  private interface Fits {
    boolean test(DataType type);
  }

  private void require(String param, String column, Fits fits, String expected) {
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw new IllegalArgumentException(
          "%s = '%s' is no column, expected one of %s"
              .formatted(param, column, RawFeatures.shortList(Arrays.asList(schema.fieldNames()))));
    }
    DataType type = schema.apply(column).dataType();
    if (!fits.test(type)) {
      throw new IllegalArgumentException(
          "%s: the column '%s' has the type %s, expected %s"
              .formatted(param, column, type.catalogString(), expected));
    }
  }

  /** The schema with another column, which must not be there yet; the same for an empty name. */
  public static StructType append(
      StructType schema, String param, String name, DataType type, boolean nullable) {
    return name.isEmpty()
        ? schema
        : append(schema, param, DataTypes.createStructField(name, type, nullable));
  }

  /** The schema with another column, which must not be there yet. */
  public static StructType append(StructType schema, String param, StructField field) {
    if (Arrays.asList(schema.fieldNames()).contains(field.name())) {
      throw new IllegalArgumentException(
          "%s = '%s' is a column of the rows already, expected a new name; set %<s to another"
              .formatted(param, field.name()));
    }
    return schema.add(field);
  }
}

package io.github.sparkbilevel.data;

import static org.apache.spark.ml.functions.array_to_vector;

import java.util.Arrays;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns whose cells are arrays of numbers, which Spark ML's transformers do not take. */
public final class ArrayColumns {
  private ArrayColumns() {}

  /** Whether a cell holds an array of numbers. */
  public static boolean isArray(DataType type) {
    return type instanceof ArrayType array && array.elementType() instanceof NumericType;
  }

  /** Whether a cell holds several numbers: a vector, or an array of numbers. */
  public static boolean isPacked(DataType type) {
    return type.equals(SQLDataTypes.VectorType()) || isArray(type);
  }

  /** An array of numbers as one of float64 numbers. */
  static Column doubles(Column array) {
    return array.cast(DataTypes.createArrayType(DataTypes.DoubleType, true));
  }

  /** The arrays of a column as vectors; a blank in one is an error when rows are read. */
  public static Column vectors(String name) {
    Column array = functions.col(DatasetRows.quote(name));
    Column filled = array.isNotNull().and(functions.forall(array, Column::isNotNull));
    String error =
        "the column '" + name + "' has a blank in an array, expected numbers; fill it in";
    return functions
        .when(filled, array_to_vector(doubles(array)))
        .otherwise(functions.raise_error(functions.lit(error)));
  }

  /** What the vectors beside a column of arrays are called. */
  public static String nameOfVectors(String name) {
    return name + " vector";
  }

  /**
   * The rows with a column of vectors beside each one of arrays; what nobody reads costs nothing.
   */
  public static Dataset<Row> withVectors(Dataset<Row> rows) {
    Dataset<Row> with = rows;
    for (StructField field : rows.schema().fields()) {
      if (isArray(field.dataType())) {
        with = with.withColumn(nameOfVectors(field.name()), vectors(field.name()));
      }
    }
    return with;
  }

  /** The schema of {@link #withVectors(Dataset)}. */
  public static StructType withVectors(StructType schema) {
    return Arrays.stream(schema.fields())
        .filter(field -> isArray(field.dataType()))
        .reduce(
            schema,
            (all, field) -> all.add(nameOfVectors(field.name()), SQLDataTypes.VectorType()),
            (a, b) -> b);
  }
}

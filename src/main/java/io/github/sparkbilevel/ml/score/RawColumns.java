package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.FileSystems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What makes the features of a model from the columns of a raw table, where the model was trained
 * on such a one; it is saved beside the model.
 *
 * @param pipeline Spark ML's transformers
 */
public record RawColumns(PipelineModel pipeline) {
  /** The folder below the one of a saved model. */
  public static final String FOLDER = "columns";

  /** A model that may make its features of raw tables. */
  public interface Taker {
    /** Takes what makes the features. */
    void takeColumns(RawColumns columns);
  }

  /** What was saved beside the model at a path, if anything was. */
  static Optional<RawColumns> load(String path, SparkSession session) {
    Path folder = new Path(path, FOLDER);
    try {
      boolean there =
          FileSystems.of(folder, session.sparkContext().hadoopConfiguration()).exists(folder);
      return there
          ? Optional.of(new RawColumns(PipelineModel.load(folder.toString())))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Saves it beside the model at a path. */
  public void save(String path) {
    try {
      pipeline.write().save(new Path(path, FOLDER).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The rows with a column of features, which is made where they lack it and it is known how. An
   * array of numbers becomes a vector; a blank in one is an error when the rows are read.
   */
  public static Dataset<Row> features(RawColumns columns, Dataset<?> rows, String featuresCol) {
    boolean there = Arrays.asList(rows.columns()).contains(featuresCol);
    if (there && ArrayColumns.isArray(rows.schema().apply(featuresCol).dataType())) {
      return rows.toDF().withColumn(featuresCol, ArrayColumns.vectors(featuresCol));
    }
    if (columns == null || there) {
      return rows.toDF();
    }
    Column[] kept =
        Stream.concat(Arrays.stream(rows.columns()), Stream.of(featuresCol))
            .map(name -> functions.col(DatasetRows.quote(name)))
            .toArray(Column[]::new);
    return columns.pipeline.transform(ArrayColumns.withVectors(rows.toDF())).select(kept);
  }

  /** The schema of {@link #features}. */
  public static StructType schema(RawColumns columns, StructType schema, String featuresCol) {
    boolean there = Arrays.asList(schema.fieldNames()).contains(featuresCol);
    if (there && ArrayColumns.isArray(schema.apply(featuresCol).dataType())) {
      StructField[] fields = schema.fields().clone();
      fields[schema.fieldIndex(featuresCol)] =
          new StructField(featuresCol, SQLDataTypes.VectorType(), true, Metadata.empty());
      return new StructType(fields);
    }
    return columns == null || there
        ? schema
        : schema.add(
            columns.pipeline.transformSchema(ArrayColumns.withVectors(schema)).apply(featuresCol));
  }
}

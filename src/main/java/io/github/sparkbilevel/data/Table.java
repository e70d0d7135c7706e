package io.github.sparkbilevel.data;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table of examples on the executors, with what is known about its columns.
 *
 * <p>{@code examples} is computed from the parsed rows, which are cached under a name until {@link
 * #close()}; tables that were split from one file share that cache.
 *
 * @param session the session that holds the rows
 * @param examples the rows
 * @param parsed the cached rows behind {@code examples}
 * @param featureNames one name per feature; lists of made-up names take no memory
 * @param inputColumns every column of the input, empty where the format has no column names
 * @param columns number of features
 * @param vectorColumn whether the features came as one vector and not as named columns
 * @param sparse whether compressed rows take less memory than dense float32 rows
 * @param ids what the ids of the rows are
 * @param stats row count, labels and groups
 * @param origin what messages call the table
 * @param notices what the user should know of how it was read
 * @param indexBase the first index of a libsvm file, 0 or 1; null for other formats
 * @param partitionColumns the columns whose values come from the names of folders
 */
public record Table(
    SparkSession session,
    JavaRDD<Example> examples,
    JavaRDD<?> parsed,
    List<String> featureNames,
    List<String> inputColumns,
    int columns,
    boolean vectorColumn,
    boolean sparse,
    Ids ids,
    TableStats stats,
    String origin,
    List<Notice> notices,
    Integer indexBase,
    List<String> partitionColumns)
    implements AutoCloseable {

  /** What the ids of the rows are. */
  public enum Ids {
    /** Row numbers. */
    NUMBERED,
    /** Whole numbers of a column. */
    LONGS,
    /** Texts of a column; within a run rows go by their numbers. */
    TEXTS
  }

  /** Whether the ids come from a column of the input. */
  public boolean hasIds() {
    return ids != Ids.NUMBERED;
  }

  /** The rows with the columns of {@link Example#SCHEMA}. */
  public Dataset<Row> rows() {
    return session.createDataFrame(examples.map(Example::toRow), Example.SCHEMA);
  }

  /** Number of rows. */
  public long rowCount() {
    return stats.rows();
  }

  Table with(JavaRDD<Example> otherExamples, TableStats otherStats) {
    return new Table(
        session,
        otherExamples,
        parsed,
        featureNames,
        inputColumns,
        columns,
        vectorColumn,
        sparse,
        ids,
        otherStats,
        origin,
        notices,
        indexBase,
        partitionColumns);
  }

  /** Frees the cached rows; the table can still be read, from its files. */
  @Override
  public void close() {
    if (parsed.getStorageLevel().useMemory()) {
      parsed.unpersist(false);
    }
  }
}

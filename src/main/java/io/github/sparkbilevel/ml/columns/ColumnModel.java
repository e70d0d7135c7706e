package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.DatasetRows;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Turns a table into one with a vector column of features.
 *
 * @param pipeline Spark ML's transformers; a saved one needs nothing of this library
 * @param columns what becomes of each column
 * @param output the name of the vector column
 */
public record ColumnModel(PipelineModel pipeline, List<PlannedColumn> columns, String output) {

  /** The columns of some roles, those that the table has, and the features. */
  public Dataset<Row> transform(Dataset<Row> table, Collection<String> roles) {
    List<String> there = List.of(table.columns());
    Column[] kept =
        Stream.concat(roles.stream().distinct().filter(there::contains), Stream.of(output))
            .map(name -> functions.col(DatasetRows.quote(name)))
            .toArray(Column[]::new);
    return pipeline.transform(table).select(kept);
  }
}

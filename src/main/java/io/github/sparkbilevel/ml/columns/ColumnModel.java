package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.DatasetRows;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/**
 * Turns a table into one with a vector column of features.
 *
 * @param pipeline Spark ML's transformers; a saved one needs nothing of this library, but {@link
 *     ArrayColumns#withVectors vectors} beside arrays
 * @param columns what becomes of each column
 * @param output the name of the vector column
 */
public record ColumnModel(PipelineModel pipeline, List<PlannedColumn> columns, String output) {

  /** The columns of some roles, those that the table has, and the features. */
  public Dataset<Row> transform(Dataset<Row> table, Collection<String> roles) {
    List<String> there = List.of(table.columns());
    Dataset<Row> made = pipeline.transform(ArrayColumns.withVectors(table));
    Column features =
        functions.col(DatasetRows.quote(output)).as(output, names(made.schema().apply(output)));
    Column[] kept =
        Stream.concat(
                roles.stream()
                    .distinct()
                    .filter(there::contains)
                    .map(name -> functions.col(DatasetRows.quote(name))),
                Stream.of(features))
            .toArray(Column[]::new);
    return made.select(kept);
  }

  /** What the features are called: age, town = Ulm, comment #17. */
  private static Metadata names(StructField features) {
    Attribute[] named =
        Arrays.stream(AttributeGroup.fromStructField(features).attributes().get())
            .map(feature -> feature.withName(name(feature.name().get())))
            .toArray(Attribute[]::new);
    return new AttributeGroup(features.name(), named).toMetadata();
  }

  private static String name(String made) {
    return made.replaceFirst(" =_", " = ").replaceFirst(" #_", " #").replaceFirst(" =$", "");
  }
}

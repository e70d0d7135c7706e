package io.github.sparkbilevel.data;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads Parquet files and catalog tables: numeric columns, or one vector or array column.
 *
 * <p>Spark packs files into partitions by size, so the order of its rows is not that of the files:
 * row numbers come from the hidden columns with file path and row index instead. A table that has
 * no such columns is numbered in the order of its partitions.
 */
final class ColumnarReader {
  private ColumnarReader() {}

  static Parsed read(String role, TableSpec asked, ColumnarInput input, Table reference) {
    StructType schema = input.schema();
    List<String> header = List.of(schema.fieldNames());
    TableSpec spec = asked.within(header);
    Columns columns = Columns.resolve(role, spec, header, spec.path());
    ColumnarFeatures features = ColumnarFeatures.choose(role, spec, input, columns, reference);
    List<Notice> notices = new ArrayList<>(features.notices());
    notices.addAll(input.checkUse(role, spec, columns, features.names()));
    StructField first = schema.apply(features.names().get(0));
    boolean packed = ArrayColumns.isPacked(first.dataType());
    if (packed && features.names().size() > 1) {
      throw new IllegalArgumentException(
          spec.key(role, "features")
              + " lists the vector column '"
              + first.name()
              + "' beside others, expected numeric columns or one vector column");
    }
    Map<String, Integer> sources = new HashMap<>();
    Dataset<Row> wanted =
        input.select(part -> selected(part, header, columns, features.names()), sources);
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    boolean vector = packed && !(first.dataType() instanceof ArrayType);
    ColumnarRows.Shape shape =
        new ColumnarRows.Shape(spec, features.names(), packed, vector, sources, limit);
    JavaRDD<ParsedRow> rows =
        wanted
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitionsWithIndex((source, in) -> new ColumnarRows(source, in, shape), true);
    List<String> names = packed ? attributeNames(first) : List.copyOf(features.names());
    return new Parsed(
        rows, names, header, packed, false, List.copyOf(notices), null, input.partitionColumns());
  }

  /** The columns that {@link ColumnarRows} reads: the roles as text, then the features. */
  private static List<Column> selected(
      StructType part, List<String> header, Columns columns, List<String> features) {
    List<Column> selected = new ArrayList<>();
    for (int at : columns.at()) {
      selected.add(
          at < 0
              ? functions.lit(null).cast(DataTypes.StringType)
              : DatasetRows.text(part.apply(header.get(at))));
    }
    for (String name : features) {
      Column column = functions.col(DatasetRows.quote(name));
      DataType type = part.apply(name).dataType();
      selected.add(
          ArrayColumns.isPacked(type) ? packed(column, type) : column.cast(DataTypes.DoubleType));
    }
    return selected;
  }

  /** One spelling for a file: Spark writes file:/ and file:///, with blanks as %20 or not. */
  static String plainName(String file) {
    try {
      return new Path(new URI(file)).toString();
    } catch (URISyntaxException e) {
      return new Path(file).toString();
    }
  }

  private static Column packed(Column column, DataType type) {
    return type instanceof ArrayType ? ArrayColumns.doubles(column) : column;
  }

  private static List<String> attributeNames(StructField field) {
    if (!field.metadata().contains("ml_attr")) {
      return null;
    }
    AttributeGroup group = AttributeGroup.fromStructField(field);
    if (group.attributes().isEmpty()) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (Attribute attribute : group.attributes().get()) {
      names.add(attribute.name().isDefined() ? attribute.name().get() : "f" + names.size());
    }
    return names;
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads Parquet files and catalog tables: numeric columns, or one vector or array column.
 *
 * <p>Spark packs files into partitions by size, so the order of its rows is not that of the files:
 * row numbers come from the hidden columns with file path and row index instead. A table that has
 * no such columns is numbered in the order of its partitions.
 */
final class ColumnarReader {
  private ColumnarReader() {}

  static Parsed read(
      SparkSession spark, String role, TableSpec spec, Dataset<Row> data, Table reference) {
    String origin = spec.path();
    List<String> header = Arrays.asList(data.columns());
    Columns columns = Columns.resolve(role, spec, header, origin);
    List<Notice> notices = new ArrayList<>();
    List<String> features = chooseFeatures(role, spec, data, columns, reference, notices);
    StructField first = data.schema().apply(features.get(0));
    boolean packed = isPacked(first.dataType());
    if (packed && features.size() > 1) {
      throw new IllegalArgumentException(
          spec.key(role, "features")
              + " lists the vector column '"
              + first.name()
              + "' beside others, expected numeric columns or one vector column");
    }

    List<Column> selected = new ArrayList<>();
    int[] ordered = {
      columns.id(), columns.label(), columns.group(), columns.weight(), columns.truth()
    };
    for (int at : ordered) {
      selected.add(
          at < 0 ? functions.lit(null).cast("string") : DatasetRows.text(data.schema().apply(at)));
    }
    for (String name : features) {
      Column column = functions.col(DatasetRows.quote(name));
      selected.add(packed ? packed(column, first.dataType()) : column.cast(DataTypes.DoubleType));
    }
    boolean vector = packed && !(first.dataType() instanceof ArrayType);
    Map<String, Integer> sources = new HashMap<>();
    Dataset<Row> wanted =
        isFileScan(spec, data)
            ? withPosition(data, selected, sources)
            : data.select(selected.toArray(new Column[0]));
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    Shape shape = new Shape(spec, features, packed, vector, sources, limit);
    JavaRDD<ParsedRow> rows =
        wanted
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitionsWithIndex((source, in) -> new Rows(source, in, shape), true);
    List<String> names = packed ? attributeNames(first) : List.copyOf(features);
    return new Parsed(rows, names, header, packed, false, List.copyOf(notices));
  }

  /**
   * Whether the rows have positions in files. Those of a Dataset have them where it only filters
   * and picks columns of files; one that the caller cached is read from the cache, which has none.
   */
  private static boolean isFileScan(TableSpec spec, Dataset<Row> data) {
    if (!spec.format().equals(TableSpec.DATASET)) {
      return true;
    }
    return !DatasetRows.isCached(data) && scansOnly(data.queryExecution().analyzed());
  }

  private static boolean scansOnly(LogicalPlan plan) {
    boolean plain =
        plan instanceof LogicalRelation
            || plan instanceof Filter
            || plan instanceof Project
            || plan instanceof SubqueryAlias;
    return plain
        && CollectionConverters.asJava(plan.children()).stream()
            .allMatch(ColumnarReader::scansOnly);
  }

  /** Adds file path and row index where the source has them, and numbers the files by name. */
  private static Dataset<Row> withPosition(
      Dataset<Row> data, List<Column> selected, Map<String, Integer> sources) {
    List<Column> all = new ArrayList<>(selected);
    try {
      all.add(functions.col("_metadata.file_path"));
      all.add(functions.col("_metadata.row_index"));
      Dataset<Row> positioned = data.select(all.toArray(new Column[0]));
      TreeSet<String> files = new TreeSet<>();
      for (String file : data.inputFiles()) {
        files.add(plainName(file));
      }
      files.forEach(file -> sources.put(file, sources.size()));
      return positioned;
    } catch (Exception e) {
      if (e instanceof AnalysisException) {
        return data.select(selected.toArray(new Column[0]));
      }
      throw e;
    }
  }

  /** One spelling for a file: Spark writes file:/ and file:///, with blanks as %20 or not. */
  private static String plainName(String file) {
    try {
      return new Path(new URI(file)).toString();
    } catch (URISyntaxException e) {
      return new Path(file).toString();
    }
  }

  private static Column packed(Column column, DataType type) {
    return type instanceof ArrayType
        ? column.cast(DataTypes.createArrayType(DataTypes.DoubleType, true))
        : column;
  }

  private static boolean isPacked(DataType type) {
    return type.equals(SQLDataTypes.VectorType())
        || type instanceof ArrayType array && array.elementType() instanceof NumericType;
  }

  private static boolean isNumeric(DataType type) {
    return type instanceof NumericType || type instanceof BooleanType;
  }

  private static List<String> chooseFeatures(
      String role,
      TableSpec spec,
      Dataset<Row> data,
      Columns columns,
      Table reference,
      List<Notice> notices) {
    StructField[] fields = data.schema().fields();
    if (spec.features() != null) {
      for (String name : spec.features()) {
        DataType type = data.schema().apply(name).dataType();
        if (!isNumeric(type) && !isPacked(type)) {
          throw new DataException(
              spec.path()
                  + ": the feature column '"
                  + name
                  + "' has the type "
                  + type.catalogString()
                  + ", expected numbers, a vector or an array of numbers;"
                  + " take it out of "
                  + spec.key(role, "features"));
        }
      }
      return spec.features();
    }
    Set<String> index =
        IndexColumns.leftOut(
            data,
            j -> !columns.hasRole(j) && isNumeric(fields[j].dataType()),
            reference,
            new IndexColumns.Teller(spec.path(), spec.key(role, "features"), notices));
    if (reference != null && !reference.inputColumns().isEmpty() && !reference.vectorColumn()) {
      return Columns.like(
          reference,
          Arrays.asList(data.columns()),
          j ->
              !columns.hasRole(j)
                  && !index.contains(fields[j].name())
                  && isNumeric(fields[j].dataType()),
          spec.path());
    }
    List<String> numeric = new ArrayList<>();
    List<String> packed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (int j = 0; j < fields.length; j++) {
      if (!columns.hasRole(j) && !index.contains(fields[j].name())) {
        DataType type = fields[j].dataType();
        (isNumeric(type) ? numeric : isPacked(type) ? packed : left).add(fields[j].name());
      }
    }
    // Spark ML's own name for its vector column goes before loose numbers beside it.
    boolean vector = packed.contains("features") || numeric.isEmpty() && packed.size() == 1;
    List<String> chosen =
        vector ? List.of(packed.contains("features") ? "features" : packed.get(0)) : numeric;
    if (chosen.isEmpty()) {
      throw new DataException(
          spec.path()
              + " has "
              + (packed.isEmpty() ? "no" : "more than one vector and no")
              + " numeric column besides the label '"
              + spec.label()
              + "', expected features; "
              + "name them in "
              + spec.key(role, "features"));
    }
    left.addAll(vector ? numeric : packed);
    left.addAll(vector ? packed : List.of());
    left.removeAll(chosen);
    if (!left.isEmpty()) {
      notices.add(
          new Notice(
              Notice.Code.COLUMNS_LEFT_OUT,
              spec.path() + ": left out as features: " + Names.shortList(left),
              left.size()));
    }
    return chosen;
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

  /** What a task needs to read rows. */
  private static final class Shape implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TableSpec spec;
    private final String[] names;
    private final boolean packed;
    private final boolean vector;
    private final HashMap<String, Integer> sources;
    private final long limit;

    Shape(
        TableSpec spec,
        List<String> features,
        boolean packed,
        boolean vector,
        Map<String, Integer> sources,
        long limit) {
      this.spec = spec;
      this.names = features.toArray(new String[0]);
      this.packed = packed;
      this.vector = vector;
      this.sources = new HashMap<>(sources);
      this.limit = limit;
    }
  }

  /** Reads Spark's internal rows, which are used again for the next row. */
  private static final class Rows implements Iterator<ParsedRow> {
    private static final int FEATURES = 5;
    private final int partition;
    private final Iterator<InternalRow> in;
    private final Shape shape;
    private final UserDefinedType<?> vectorType = (UserDefinedType<?>) SQLDataTypes.VectorType();
    private long local;
    private ParsedRow next;
    private UTF8String file;
    private int fileNumber;

    Rows(int partition, Iterator<InternalRow> in, Shape shape) {
      this.partition = partition;
      this.in = in;
      this.shape = shape;
    }

    @Override
    public boolean hasNext() {
      while (next == null && in.hasNext()) {
        next = read(in.next());
      }
      return next != null;
    }

    @Override
    public ParsedRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ParsedRow row = next;
      next = null;
      return row;
    }

    private ParsedRow read(InternalRow row) {
      int after = FEATURES + shape.names.length;
      boolean positioned = row.numFields() > after;
      int source = positioned ? source(row.getUTF8String(after)) : partition;
      long number = positioned ? row.getLong(after + 1) : local++;
      if (number >= shape.limit) {
        return null;
      }
      ParsedRow.Roles roles = new ParsedRow.Roles();
      String wrong =
          roles.read(
              shape.spec, text(row, 0), text(row, 1), text(row, 2), text(row, 3), text(row, 4));
      double[] values = null;
      Vector vector = null;
      if (wrong == null) {
        if (!shape.packed) {
          values = new double[shape.names.length];
          for (int j = 0; wrong == null && j < values.length; j++) {
            if (row.isNullAt(FEATURES + j)) {
              wrong = isNull(shape.names[j], "");
            } else {
              values[j] = row.getDouble(FEATURES + j);
            }
          }
        } else if (row.isNullAt(FEATURES)) {
          wrong = isNull(shape.names[0], "");
        } else if (shape.vector) {
          vector = (Vector) vectorType.deserialize(row.get(FEATURES, vectorType));
        } else {
          ArrayData array = row.getArray(FEATURES);
          values = new double[array.numElements()];
          for (int j = 0; wrong == null && j < values.length; j++) {
            if (array.isNullAt(j)) {
              wrong = isNull(shape.names[0], " in element " + j);
            } else {
              values[j] = array.getDouble(j);
            }
          }
        }
      }
      if (wrong == null) {
        vector = vector == null ? Vectors.dense(values) : vector;
        wrong = notFinite(vector);
      }
      return wrong == null
          ? ParsedRow.good(source, number, roles, vector)
          : ParsedRow.bad(source, number, roles, wrong);
    }

    /** The number of the file; the rows of a file follow each other. */
    private int source(UTF8String path) {
      if (!path.equals(file)) {
        file = path.clone();
        Integer number = shape.sources.get(plainName(path.toString()));
        if (number == null) {
          throw new DataException(
              shape.spec.path()
                  + " changed while it was read: the new file "
                  + path
                  + " appeared; run again when nobody writes to it");
        }
        fileNumber = number;
      }
      return fileNumber;
    }

    private static String text(InternalRow row, int at) {
      return row.isNullAt(at) ? null : row.getUTF8String(at).toString();
    }

    private static String isNull(String column, String where) {
      return "the feature column '"
          + column
          + "' is null"
          + where
          + ", expected a number; fill it in or remove the row";
    }

    private String notFinite(Vector vector) {
      double[] values = Entries.values(vector);
      for (int j = 0; j < values.length; j++) {
        if (!Double.isFinite(values[j])) {
          return "the feature column '"
              + shape.names[shape.packed ? 0 : j]
              + "' has "
              + values[j]
              + (shape.packed ? " at position " + Entries.column(vector, j) : "")
              + ", expected a finite number; fill it in or remove the row";
        }
      }
      return null;
    }
  }
}

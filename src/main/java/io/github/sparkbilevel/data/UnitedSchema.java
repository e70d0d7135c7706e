package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of files that differ in their schemas, in the order in which they are first met. */
final class UnitedSchema {
  private final Path base;
  private final boolean caseSensitive;
  private final Map<String, Merged> columns = new LinkedHashMap<>();

  /** The first file of each schema, and how many files have it. */
  private final Map<Path, Integer> schemas = new LinkedHashMap<>();

  private boolean widened;

  UnitedSchema(Path base, boolean caseSensitive) {
    this.base = base;
    this.caseSensitive = caseSensitive;
  }

  /** A column of some or all files. */
  private static final class Merged {
    private StructField field;
    private String conflict;
    private final Map<Path, DataType> types = new HashMap<>();
    private final Path first;

    Merged(StructField field, Path first) {
      this.field = field;
      this.first = first;
    }
  }

  /**
   * Adds the schema of files.
   *
   * @return the schema with the names spelled as in the files before
   */
  StructType add(StructType schema, List<Path> files) {
    Path file = files.get(0);
    schemas.put(file, files.size());
    StructType spelled = new StructType();
    for (StructField field : schema.fields()) {
      String key = caseSensitive ? field.name() : field.name().toLowerCase(Locale.ROOT);
      Merged column = columns.computeIfAbsent(key, name -> new Merged(field, file));
      merge(column, field.dataType(), file);
      column.types.put(file, field.dataType());
      spelled =
          spelled.add(
              new StructField(
                  column.field.name(), field.dataType(), field.nullable(), field.metadata()));
    }
    return spelled;
  }

  private void merge(Merged column, DataType type, Path file) {
    DataType known = column.field.dataType();
    if (known.equals(type) || column.conflict != null) {
      return;
    }
    DataType wide = widened(known, type);
    if (wide == null) {
      column.conflict =
          "is "
              + column.types.get(column.first).catalogString()
              + " in "
              + PartitionFolders.relative(base, column.first)
              + " and "
              + type.catalogString()
              + " in "
              + PartitionFolders.relative(base, file);
      // Where one side could be a feature the column counts as one: not to be left out as a text.
      wide = ColumnarFeatures.isNumeric(type) || ArrayColumns.isPacked(type) ? type : known;
    } else {
      widened = true;
    }
    column.field = new StructField(column.field.name(), wide, true, column.field.metadata());
  }

  private static DataType widened(DataType a, DataType b) {
    if (a instanceof NumericType && b instanceof NumericType) {
      return DataTypes.DoubleType;
    }
    boolean arrays =
        a instanceof ArrayType x
            && b instanceof ArrayType y
            && x.elementType() instanceof NumericType
            && y.elementType() instanceof NumericType;
    return arrays ? DataTypes.createArrayType(DataTypes.DoubleType, true) : null;
  }

  /** Whether numbers have different types in different files. */
  boolean isWidened() {
    return widened;
  }

  StructType schema() {
    List<StructField> fields = new ArrayList<>();
    columns.values().forEach(column -> fields.add(column.field));
    return DataTypes.createStructType(fields);
  }

  /** What is wrong with columns, by their names; those of {@code folders} are right everywhere. */
  Map<String, String> faults(List<String> folders) {
    int all = schemas.values().stream().mapToInt(Integer::intValue).sum();
    Map<String, String> faults = new HashMap<>();
    for (Merged column : columns.values()) {
      String name = column.field.name();
      int lack = 0;
      Path lacking = null;
      for (Map.Entry<Path, Integer> schema : schemas.entrySet()) {
        if (!column.types.containsKey(schema.getKey())) {
          lack += schema.getValue();
          lacking = lacking == null ? schema.getKey() : lacking;
        }
      }
      if (folders.contains(name)) {
        continue;
      }
      if (column.conflict != null) {
        faults.put(name, column.conflict);
      } else if (lacking != null) {
        faults.put(
            name,
            "is in "
                + PartitionFolders.relative(base, column.first)
                + " but not in "
                + PartitionFolders.relative(base, lacking)
                + " ("
                + lack
                + " of "
                + all
                + " files lack it)");
      }
    }
    return Map.copyOf(faults);
  }
}

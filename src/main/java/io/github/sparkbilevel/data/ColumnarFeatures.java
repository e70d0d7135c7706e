package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a table that become features.
 *
 * @param names the numeric columns, or one vector or array column
 * @param notices what was left out, and what comes from the names of folders
 */
record ColumnarFeatures(List<String> names, List<Notice> notices) {

  /** Those that the spec lists, those of the training table, or every numeric column. */
  static ColumnarFeatures choose(
      String role, TableSpec spec, ColumnarInput input, Columns columns, Table reference) {
    StructField[] fields = input.schema().fields();
    if (spec.features() != null) {
      requireNumbers(role, spec, input);
      return new ColumnarFeatures(spec.features(), List.of());
    }
    List<Notice> notices = new ArrayList<>();
    Set<String> index =
        IndexColumns.leftOut(
            input.numbers(),
            name -> !columns.hasRole(input.schema().fieldIndex(name)),
            reference,
            new IndexColumns.Teller(spec.path(), spec.key(role, "features"), notices));
    IntPredicate free = j -> !columns.hasRole(j) && !index.contains(fields[j].name());
    if (reference != null && !reference.inputColumns().isEmpty() && !reference.vectorColumn()) {
      List<String> like =
          Columns.like(
              reference,
              Arrays.asList(input.schema().fieldNames()),
              j -> free.test(j) && isNumeric(fields[j].dataType()),
              spec.path());
      return new ColumnarFeatures(like, notices);
    }
    List<String> numeric = new ArrayList<>();
    List<String> packed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (int j = 0; j < fields.length; j++) {
      if (free.test(j)) {
        DataType type = fields[j].dataType();
        (isNumeric(type) ? numeric : ArrayColumns.isPacked(type) ? packed : left)
            .add(fields[j].name());
      }
    }
    // Spark ML's own name for its vector column goes before loose numbers beside it.
    boolean vector = packed.contains("features") || numeric.isEmpty() && packed.size() == 1;
    List<String> chosen =
        vector ? List.of(packed.contains("features") ? "features" : packed.get(0)) : numeric;
    if (spec.refusesMixed() && chosen.isEmpty()) {
      if (!packed.isEmpty()) {
        throw new MixedColumnsException(spec.path(), packed.get(0));
      }
      requireMade(spec, input, left);
    }
    if (chosen.isEmpty()) {
      throw none(role, spec, packed);
    }
    left.addAll(vector ? numeric : packed);
    left.addAll(vector ? packed : List.of());
    left.removeAll(chosen);
    notices.addAll(notices(role, spec, input, chosen, left));
    return new ColumnarFeatures(chosen, notices);
  }

  private static void requireNumbers(String role, TableSpec spec, ColumnarInput input) {
    for (String name : spec.features()) {
      DataType type = input.schema().apply(name).dataType();
      if (!isNumeric(type) && !ArrayColumns.isPacked(type)) {
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
  }

  /** Features may have to be made of the columns first, if that can be. */
  private static void requireMade(TableSpec spec, ColumnarInput input, List<String> left) {
    for (String name : left) {
      DataType type = input.schema().apply(name).dataType();
      boolean nested = type instanceof StructType || type instanceof MapType;
      boolean closed = nested || type instanceof ArrayType || type instanceof BinaryType;
      if (!closed && !input.faults().containsKey(name)) {
        throw new MixedColumnsException(spec.path(), name);
      }
    }
  }

  private static DataException none(String role, TableSpec spec, List<String> packed) {
    return new DataException(
        spec.path()
            + " has "
            + (packed.isEmpty() ? "no" : "more than one vector and no")
            + " numeric column besides the label '"
            + spec.label()
            + "', expected features; "
            + "name them in "
            + spec.key(role, "features"));
  }

  private static List<Notice> notices(
      String role, TableSpec spec, ColumnarInput input, List<String> chosen, List<String> left) {
    List<Notice> notices = new ArrayList<>();
    if (!left.isEmpty()) {
      List<String> told =
          left.stream()
              .map(name -> input.isPartition(name) ? name + " (a partition column)" : name)
              .toList();
      notices.add(
          new Notice(
              Notice.Code.COLUMNS_LEFT_OUT,
              spec.path()
                  + ": left out as features: "
                  + Names.shortList(told)
                  + "; data.columns can say what they are, such as category or text",
              left.size()));
    }
    List<String> folders = chosen.stream().filter(input::isPartition).toList();
    if (!folders.isEmpty()) {
      notices.add(
          new Notice(
              Notice.Code.PARTITION_COLUMNS,
              spec.path()
                  + ": features from the names of folders (partition columns): "
                  + Names.shortList(folders)
                  + "; list the features in "
                  + spec.key(role, "features")
                  + " to leave them out",
              folders.size()));
    }
    return notices;
  }

  static boolean isNumeric(DataType type) {
    return type instanceof NumericType || type instanceof BooleanType;
  }
}

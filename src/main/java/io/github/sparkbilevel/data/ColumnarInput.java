package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Rows of named columns: a Dataset, or several that hold files of different schemas.
 *
 * @param schema all columns
 * @param parts the rows; each part has its own types, and may lack columns
 * @param inFiles whether the rows may have positions in files
 * @param partitionColumns the columns whose values come from the names of folders
 * @param faults what is wrong with a column, by its name: files lack it, or disagree on its type
 * @param notices what the user should know
 */
record ColumnarInput(
    StructType schema,
    List<Dataset<Row>> parts,
    boolean inFiles,
    List<String> partitionColumns,
    Map<String, String> faults,
    List<Notice> notices) {

  /** Rows of a table. */
  static ColumnarInput of(Dataset<Row> rows) {
    return new ColumnarInput(rows.schema(), List.of(rows), true, List.of(), Map.of(), List.of());
  }

  /**
   * Rows that a program hands over. They have positions where the Dataset only filters and picks
   * columns of files; one that the caller cached is read from the cache, which has none.
   */
  static ColumnarInput ofDataset(Dataset<Row> rows) {
    boolean inFiles = !DatasetRows.isCached(rows) && scansOnly(rows.queryExecution().analyzed());
    return new ColumnarInput(rows.schema(), List.of(rows), inFiles, List.of(), Map.of(), List.of());
  }

  /** The numeric columns of all parts, as float64 numbers; null where a part lacks one. */
  Dataset<Row> numbers() {
    List<String> numeric =
        Arrays.stream(schema.fields())
            .filter(f -> ColumnarFeatures.isNumeric(f.dataType()) && !faults.containsKey(f.name()))
            .map(StructField::name)
            .toList();
    return parts.stream()
        .map(part -> numbers(part, numeric))
        .reduce((a, b) -> a.unionByName(b, true))
        .orElseThrow();
  }

  private static Dataset<Row> numbers(Dataset<Row> part, List<String> names) {
    Set<String> there = Set.of(part.columns());
    return part.select(
        names.stream()
            .filter(there::contains)
            .map(n -> functions.col(DatasetRows.quote(n)).cast(DataTypes.DoubleType).as(n))
            .toArray(Column[]::new));
  }

  private static boolean scansOnly(LogicalPlan plan) {
    boolean plain =
        plan instanceof LogicalRelation
            || plan instanceof Filter
            || plan instanceof Project
            || plan instanceof SubqueryAlias;
    return plain
        && CollectionConverters.asJava(plan.children()).stream().allMatch(ColumnarInput::scansOnly);
  }

  ColumnarInput withPartitionColumns(List<String> names) {
    return new ColumnarInput(schema, parts, inFiles, List.copyOf(names), faults, notices);
  }

  boolean isPartition(String column) {
    return partitionColumns.contains(column);
  }

  /** Refuses columns in use that files lack or disagree on; tells of the others. */
  List<Notice> checkUse(String role, TableSpec spec, Columns columns, List<String> features) {
    List<Notice> told = new ArrayList<>(notices);
    List<String> unused = new ArrayList<>();
    String[] names = schema.fieldNames();
    for (int j = 0; j < names.length; j++) {
      String fault = faults.get(names[j]);
      if (fault == null) {
        continue;
      }
      boolean feature = features.contains(names[j]);
      if (feature || columns.hasRole(j)) {
        throw new DataException(
            spec.path()
                + ": the column '"
                + names[j]
                + "' "
                + fault
                + "; write the files alike"
                + (feature
                    ? ", or list the features without it in " + spec.key(role, "features")
                    : ""));
      }
      unused.add(names[j]);
    }
    if (!unused.isEmpty()) {
      told.add(
          new Notice(
              Notice.Code.COLUMNS_OF_LATER_FILES,
              spec.path()
                  + ": left out, because the files do not agree on them: "
                  + Names.shortList(unused),
              unused.size()));
    }
    return told;
  }

  /**
   * Columns of all rows, with the path of the file and the row in it where there are files.
   *
   * @param selected the columns by the schema of a part
   * @param sources receives the number of each file by its name; stays empty where there are none
   */
  Dataset<Row> select(Function<StructType, List<Column>> selected, Map<String, Integer> sources) {
    if (!inFiles) {
      return union(selected, List.of());
    }
    try {
      Dataset<Row> positioned =
          union(
              selected,
              List.of(functions.col("_metadata.file_path"), functions.col("_metadata.row_index")));
      TreeSet<String> files = new TreeSet<>();
      for (Dataset<Row> part : parts) {
        for (String file : part.inputFiles()) {
          files.add(ColumnarReader.plainName(file));
        }
      }
      files.forEach(file -> sources.put(file, sources.size()));
      return positioned;
    } catch (Exception e) {
      // Sources other than files have no such columns; the exception is not declared.
      if (e instanceof AnalysisException) {
        return union(selected, List.of());
      }
      throw e;
    }
  }

  private Dataset<Row> union(Function<StructType, List<Column>> selected, List<Column> position) {
    Dataset<Row> all = null;
    for (Dataset<Row> part : parts) {
      List<Column> columns = new ArrayList<>(selected.apply(part.schema()));
      columns.addAll(position);
      Dataset<Row> rows = part.select(columns.toArray(new Column[0]));
      all = all == null ? rows : all.union(rows);
    }
    return all;
  }
}

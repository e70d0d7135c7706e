package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads Parquet files of one or several schemas, with the columns in the names of their folders.
 *
 * <p>Spark takes the schema of one file for that of all, and leaves out what only others have. Here
 * every footer is read: columns of the same name are one column, numbers of different types are
 * doubles, and whatever files lack or disagree on is known to {@link ColumnarInput}.
 */
final class ParquetFiles {
  private final SparkSession spark;
  private final DataFiles files;

  private ParquetFiles(SparkSession spark, DataFiles files) {
    this.spark = spark;
    this.files = files;
  }

  static ColumnarInput open(SparkSession spark, DataFiles files) {
    return new ParquetFiles(spark, files).open();
  }

  private ColumnarInput open() {
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<List<Path>> bySchema = ParquetFooters.bySchema(sc, files);
    boolean caseSensitive =
        Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive", "false"));
    UnitedSchema united = new UnitedSchema(files.base(), caseSensitive);
    List<StructType> schemas = new ArrayList<>();
    for (List<Path> alike : bySchema) {
      Path first = alike.get(0);
      StructType schema =
          translated(first, () -> spark.read().parquet(Globs.literal(first).toString())).schema();
      schemas.add(united.add(schema, alike));
    }
    List<String> folders = folderColumns();
    List<Path> all = bySchema.stream().flatMap(List::stream).sorted().toList();
    Dataset<Row> whole = read(united.schema(), all, folders);
    List<Dataset<Row>> parts = new ArrayList<>();
    if (united.isWidened()) {
      for (int k = 0; k < schemas.size(); k++) {
        parts.add(
            read(withFolders(schemas.get(k), whole.schema(), folders), bySchema.get(k), folders));
      }
    } else {
      parts.add(whole);
    }
    return new ColumnarInput(
        whole.schema(),
        List.copyOf(parts),
        true,
        folders,
        united.faults(folders),
        overlap(united.schema(), folders));
  }

  /** The types of partition columns are those that all files together have. */
  private static StructType withFolders(StructType own, StructType whole, List<String> folders) {
    StructType schema = new StructType();
    for (StructField field : own.fields()) {
      schema = folders.contains(field.name()) ? schema : schema.add(field);
    }
    for (String name : folders) {
      schema = schema.add(whole.apply(name));
    }
    return schema;
  }

  /** The partition columns, the same for every file. */
  private List<String> folderColumns() {
    List<String> names = null;
    Path first = null;
    for (Path file : files.paths()) {
      List<String> own = PartitionFolders.partitionColumns(files.base(), file);
      if (names != null && !names.equals(own)) {
        throw new DataException(
            files.origin()
                + ": the folders of "
                + PartitionFolders.relative(files.base(), first)
                + " and "
                + PartitionFolders.relative(files.base(), file)
                + " name different columns; expected folders NAME=VALUE of the same names above"
                + " every file, give the path of those that belong together");
      }
      first = first == null ? file : first;
      names = own;
    }
    Set<String> distinct = new HashSet<>(names);
    if (distinct.size() < names.size()) {
      throw new DataException(
          files.origin()
              + ": "
              + PartitionFolders.relative(files.base(), first)
              + " names a partition column twice; rename one of the folders");
    }
    return names;
  }

  private List<Notice> overlap(StructType schema, List<String> folders) {
    List<String> both = new ArrayList<>(folders);
    both.retainAll(List.of(schema.fieldNames()));
    return both.isEmpty()
        ? List.of()
        : List.of(
            new Notice(
                Notice.Code.PARTITION_COLUMNS,
                files.origin()
                    + ": in the files and in the names of their folders, which count: "
                    + Names.shortList(both),
                both.size()));
  }

  private Dataset<Row> read(StructType schema, List<Path> paths, List<String> folders) {
    String[] literal =
        paths.stream().map(path -> Globs.literal(path).toString()).toArray(String[]::new);
    return translated(
        paths.get(0),
        () ->
            folders.isEmpty()
                ? spark.read().schema(schema).parquet(literal)
                : spark
                    .read()
                    .option("basePath", files.base().toString())
                    .schema(schema)
                    .parquet(literal));
  }

  private Dataset<Row> translated(Path first, Supplier<Dataset<Row>> reading) {
    return Tasks.run(
        files.origin(),
        () -> {
          try {
            return reading.get();
          } catch (Exception e) {
            // Spark's checked exceptions are not declared.
            if (Tasks.isOfMachines(e) || e instanceof DataException) {
              throw e;
            }
            throw new DataException(
                files.origin()
                    + ": the file "
                    + PartitionFolders.relative(files.base(), first)
                    + " "
                    + whatIsWrong(e),
                e);
          }
        });
  }

  private static String whatIsWrong(Exception e) {
    for (Throwable t : Tasks.chain(e)) {
      String condition =
          t instanceof SparkThrowable spark ? String.valueOf(spark.getCondition()) : "";
      if (condition.startsWith("PARQUET_TYPE_")) {
        Map<String, String> parameters =
            new LinkedHashMap<>(((SparkThrowable) t).getMessageParameters());
        return "has a column of the Parquet type "
            + parameters.getOrDefault("parquetType", "that its footer names")
            + ", which Spark does not read; write the column with another type, or leave it out"
            + (String.valueOf(parameters.get("parquetType"))
                    .toUpperCase(Locale.ROOT)
                    .contains("NANOS")
                ? " (timestamps of microseconds are read)"
                : "");
      }
      if (condition.startsWith("COLUMN_ALREADY_EXISTS")) {
        return "has two columns whose names differ at most in upper and lower case; rename one, or"
            + " add -- --conf spark.sql.caseSensitive=true";
      }
    }
    return "cannot be understood by Spark's Parquet reader ("
        + Tasks.firstLine(Tasks.root(e))
        + "); write it again, as by Spark or pandas";
  }
}

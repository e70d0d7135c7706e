package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalog.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * Reads a table of examples from a file, a folder or the catalog, and checks every row.
 *
 * <p>Two Spark jobs over the rows (CSV and libsvm: three, and the text is read twice): the first
 * fills the cache, the other reads it.
 */
public final class TableReader {
  /** A parameter, two gradients, two columns of two products, mean and scale: 8 numbers. */
  private static final long LEAST_BYTES_OF_FEATURE = 8L * Double.BYTES;

  /**
   * The share of entries that are not 0 below which rows are compressed. An entry takes 12 bytes
   * then, in place of 4 bytes a cell, and is multiplied many times slower.
   */
  private static final double DENSEST_SPARSE = 0.1;

  private TableReader() {}

  /** Reads a table on its own; {@code role} (train, validation, test) is for messages. */
  public static Table read(SparkSession spark, String role, TableSpec spec) {
    return read(spark, role, spec, null);
  }

  /**
   * Reads a table whose features have to fit another one's.
   *
   * @param reference the training table, or null: its columns are looked for, and a libsvm file is
   *     given its width
   */
  public static Table read(SparkSession spark, String role, TableSpec spec, Table reference) {
    Table table = open(spark, role, spec, reference);
    try {
      return table.with(table.examples(), TableStats.of(table.examples(), true));
    } catch (Throwable e) {
      table.close();
      throw e;
    }
  }

  /** Reads a table without its labels and groups: only the number of rows is known. */
  static Table open(SparkSession spark, String role, TableSpec spec, Table reference) {
    return open(spark, role, spec, reference, null);
  }

  /**
   * The same for rows that a program hands over.
   *
   * @param given the rows, for the format {@link TableSpec#DATASET}, or null to read them
   */
  static Table open(
      SparkSession spark, String role, TableSpec spec, Table reference, Dataset<Row> given) {
    if (spec.limit() != null && spec.limit() < 1) {
      throw new IllegalArgumentException(
          "data." + role + ".limit = " + spec.limit() + ", expected at least 1, or null for all");
    }
    Parsed parsed =
        given == null
            ? parse(spark, role, spec, reference)
            : ColumnarReader.read(role, spec, ColumnarInput.ofDataset(given), reference);
    String origin = spec.path();
    JavaRDD<RowChunk> rows =
        parsed
            .rows()
            .mapPartitions(RowChunk::pack, true)
            .setName("spark-bilevel: " + role + " rows of " + origin);
    if (given == null || !DatasetRows.isCached(given)) {
      rows.persist(StorageLevel.MEMORY_AND_DISK());
    }
    try {
      return Tasks.run(origin, () -> table(spark, role, spec, parsed, rows, reference));
    } catch (Throwable e) {
      rows.unpersist(false);
      throw e;
    }
  }

  private static Parsed parse(SparkSession spark, String role, TableSpec spec, Table reference) {
    String format = spec.format().toLowerCase(Locale.ROOT);
    if (format.equals(TableSpec.QUERY) || !Formats.ALL.contains(format)) {
      requireNone(role, spec, format, false);
      spec.options().requireUsable(role, format);
      Dataset<Row> rows =
          format.equals(TableSpec.QUERY)
              ? SparkSource.query(spark, role, spec)
              : SparkSource.read(spark, role, spec);
      return ColumnarReader.read(role, spec, ColumnarInput.ofDataset(rows), reference);
    }
    if (format.equals("table")) {
      requireNone(role, spec, format, false);
      spec.options().requireUsable(role, format);
      return ColumnarReader.read(role, spec, catalogTable(spark, role, spec), reference);
    }
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    Location place = Location.of(conf, "data." + role + ".path", spec.path());
    Optional<LakeTable> lake = LakeTable.at(place);
    if (lake.isPresent()) {
      requireNone(role, spec, format, false);
      Dataset<Row> rows = lake.get().read(spark, place, format);
      return ColumnarReader.read(role, spec, ColumnarInput.of(rows), reference);
    }
    DataFiles files = MixedFiles.ofOneFormat(role, spec, DataFiles.list(place));
    format = Formats.resolve(role, spec, files);
    requireNone(role, spec, format, format.equals("libsvm") || format.equals("idx"));
    spec.options().requireUsable(role, format);
    Parsed parsed =
        switch (format) {
          case "csv" -> CsvReader.read(sc, role, spec, files, reference);
          case "libsvm" -> LibsvmReader.read(sc, role, spec, files, reference);
          case "idx" -> IdxReader.read(sc, role, spec, files);
          default -> ColumnarReader.read(role, spec, ParquetFiles.open(spark, files), reference);
        };
    return parsed.with(files.notices()).with(PartitionFolders.columnsLeft(format, files));
  }

  private static ColumnarInput catalogTable(SparkSession spark, String role, TableSpec spec) {
    boolean exists;
    try {
      exists = spark.catalog().tableExists(spec.path());
    } catch (Exception e) {
      exists = false;
    }
    if (!exists) {
      throw new DataException(
          "data."
              + role
              + ".path = '"
              + spec.path()
              + "' is no table of the catalog, expected one "
              + "for format table; check its name and database");
    }
    return ColumnarInput.of(spark.table(spec.path()))
        .withPartitionColumns(partitionColumns(spark, spec.path()));
  }

  private static List<String> partitionColumns(SparkSession spark, String table) {
    try {
      return spark
          .catalog()
          .listColumns(table)
          .filter(functions.col("isPartition"))
          .collectAsList()
          .stream()
          .map(Column::name)
          .toList();
    } catch (AnalysisException e) {
      // A catalog that cannot list columns: they are columns like others then.
      return List.of();
    }
  }

  /** The first thing that a column is named for, but the label; null for nothing. */
  private static String firstOfColumns(TableSpec spec) {
    Map<String, Boolean> named = new LinkedHashMap<>();
    named.put("id", spec.id() != null);
    named.put("features", spec.features() != null);
    TableSpec.SHARED.forEach(role -> named.put(role, !spec.columnsOf(role).isEmpty()));
    named.put("truth", spec.truth() != null);
    named.put("group", spec.group() != null);
    named.put("weight", spec.within(List.of()).weight() != null);
    return named.keySet().stream().filter(named::get).findFirst().orElse(null);
  }

  /** Roles that a format cannot hold are contradictions in the job file, not wrong data. */
  private static void requireNone(
      String role, TableSpec spec, String format, boolean withoutColumns) {
    String key = withoutColumns ? firstOfColumns(spec) : null;
    if (key != null) {
      throw new IllegalArgumentException(
          "data."
              + role
              + "."
              + key
              + " names a column, but format "
              + format
              + " has no named columns; remove the key or use csv or parquet");
    }
    if (spec.labels() != null && !format.equals("idx")) {
      throw new IllegalArgumentException(
          "data."
              + role
              + ".labels is for format idx, but the format is "
              + format
              + "; remove the key");
    }
  }

  private static Table table(
      SparkSession spark,
      String role,
      TableSpec spec,
      Parsed parsed,
      JavaRDD<RowChunk> rows,
      Table reference) {
    String origin = spec.path();
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    RowSummary summary = RowSummary.of(rows, limit);
    check(role, spec, parsed, summary);
    int width = width(origin, parsed, summary, reference);
    boolean sparse = reference == null ? isSparse(summary, width) : reference.sparse();
    boolean longIds = spec.id() != null && summary.longIds;
    ExampleIterator.Numbering numbering =
        new ExampleIterator.Numbering(summary.offsets(), limit, longIds, width);
    JavaRDD<Example> examples =
        rows.mapPartitions(chunks -> new ExampleIterator(chunks, numbering), true);
    List<String> names =
        parsed.featureNames() == null ? Names.numbered(width) : parsed.featureNames();
    return new Table(
        spark,
        examples,
        rows,
        names,
        parsed.inputColumns(),
        width,
        parsed.vectorColumn(),
        sparse,
        spec.id() == null ? Table.Ids.NUMBERED : longIds ? Table.Ids.LONGS : Table.Ids.TEXTS,
        TableStats.ofRows(summary.rows),
        origin,
        notices(parsed, spec, summary),
        parsed.indexBase(),
        parsed.partitionColumns());
  }

  private static void check(String role, TableSpec spec, Parsed parsed, RowSummary summary) {
    String origin = spec.path();
    if (summary.rows + summary.rowsOfWeightZero == 0 && summary.wrong == null) {
      throw new DataException(origin + " has no rows, expected at least one");
    }
    if (summary.wrong != null && summary.wrong.roles.blank != null && spec.refusesMixed()) {
      throw new MixedColumnsException(origin, summary.wrong.roles.blank);
    }
    if (summary.wrong != null) {
      String row =
          summary.wrong.roles.id == null
              ? "row " + summary.wrongRow() + " (counted from 0)"
              : "row with id " + Names.quote(summary.wrong.roles.id);
      throw new DataException(
          origin + ", " + row + ": " + summary.wrong.error + missing(role, spec, summary));
    }
    if (summary.rows == 0) {
      throw new DataException(
          origin
              + ": the weight column '"
              + spec.weight()
              + "' is 0 in every row, expected a weight above 0 in some; correct it or leave "
              + spec.key(role, "weight")
              + " out");
    }
    if (!parsed.openWidth() && summary.minWidth != summary.maxWidth) {
      throw new DataException(
          origin
              + " has rows of different width: "
              + summary.minWidth
              + " features in row "
              + summary.narrowest()
              + " and "
              + summary.maxWidth
              + " in row "
              + summary.widest()
              + ", expected the same in every row");
    }
    if (summary.maxWidth == 0) {
      throw new DataException(
          origin
              + " has no features in any row, expected at least one; check data."
              + role
              + ".format");
    }
  }

  /** What more can be said where a label is missing. */
  private static String missing(String role, TableSpec spec, RowSummary summary) {
    if (!summary.wrong.roles.missingLabel) {
      return "";
    }
    String rows =
        summary.unlabelled == 1
            ? " (no other row lacks a label)"
            : " (" + summary.unlabelled + " rows lack a label)";
    return spec.format().equals(TableSpec.DATASET)
        ? rows
        : rows + ", or set data." + role + ".options.nullValue to the texts that mean missing";
  }

  private static int width(String origin, Parsed parsed, RowSummary summary, Table reference) {
    if (reference == null) {
      requireRoom(origin, summary, Runtime.getRuntime().maxMemory());
      return summary.maxWidth;
    }
    boolean fits =
        parsed.openWidth()
            ? summary.maxWidth <= reference.columns()
            : summary.maxWidth == reference.columns();
    if (!fits) {
      throw new DataException(
          origin
              + " has "
              + summary.maxWidth
              + " features (row "
              + summary.widest()
              + "), expected "
              + reference.columns()
              + " as in "
              + reference.origin()
              + "; make both from the same columns");
    }
    return reference.columns();
  }

  /** One index in one row of a sparse file decides how long every vector on the driver is. */
  static void requireRoom(String origin, RowSummary summary, long memory) {
    long needed = LEAST_BYTES_OF_FEATURE * summary.maxWidth;
    if (needed > memory) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s has %,d features (row %s), for which the driver needs %,d MiB at least and has"
                  + " %,d; is the index in that row right? If so, try -- --driver-memory %dg",
              origin,
              summary.maxWidth,
              summary.widest(),
              needed >> 20,
              memory >> 20,
              (2 * needed >> 30) + 1));
    }
  }

  /** By the entries alone: equal rows are kept in the same way, whatever they came in. */
  private static boolean isSparse(RowSummary summary, int width) {
    return summary.nonZeros < DENSEST_SPARSE * summary.rows * width;
  }

  private static List<Notice> notices(Parsed parsed, TableSpec spec, RowSummary summary) {
    List<Notice> notices = new ArrayList<>(parsed.notices());
    if (summary.rowsOfWeightZero > 0) {
      notices.add(
          new Notice(
              Notice.Code.ROWS_OF_WEIGHT_ZERO,
              "%s: %,d rows are left out because their weight in the column '%s' is 0"
                  .formatted(spec.path(), summary.rowsOfWeightZero, spec.weight()),
              summary.rowsOfWeightZero));
    }
    if (summary.unevenRows > 0) {
      notices.add(
          new Notice(
              Notice.Code.PROBABILITIES_SCALED,
              "%s: the probabilities (%s) of %,d rows do not sum to 1; they are scaled so that they do"
                  .formatted(
                      spec.path(), Names.shortList(spec.probabilities()), summary.unevenRows),
              summary.unevenRows));
    }
    return notices;
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import scala.Tuple2;

/**
 * A table with all its columns, of whatever types, before anything is made of them.
 *
 * @param table all rows, whatever the limit; the cells of a CSV file are texts, blank where there
 *     is nothing
 * @param texts what the texts of its source mean; those of the table have decimal points
 * @param notices what the user should know of how it was read
 */
public record RawRows(Dataset<Row> table, CellTexts texts, List<Notice> notices) {

  /** What pandas calls a column without a name, which Spark SQL cannot name. */
  private static final String NAMELESS = "Unnamed: 0";

  private static final int MOST_CELLS = 60;
  private static final int LONGEST_CELL = 4000;

  /** Whether a column of distinct whole numbers only numbers the rows, by its name. */
  public static boolean areRowNumbers(
      String name, List<String> header, long rows, double least, double greatest) {
    return IndexColumns.mayBe(name, header)
        && IndexColumns.Cells.of(rows, (long) least, (long) greatest).areRowNumbers(name);
  }

  /**
   * Reads a table.
   *
   * @param role train, validation or test, for messages
   * @throws IllegalArgumentException for a format without named columns
   */
  public static RawRows of(SparkSession spark, String role, TableSpec spec) {
    return Tasks.run(spec.path(), () -> read(spark, role, spec));
  }

  private static RawRows of(TableSpec spec, Dataset<Row> table) {
    return new RawRows(table, CellTexts.of(spec), List.of());
  }

  private static RawRows read(SparkSession spark, String role, TableSpec spec) {
    String format = spec.format().toLowerCase(Locale.ROOT);
    if (format.equals(TableSpec.QUERY)) {
      return of(spec, SparkSource.query(spark, role, spec));
    }
    if (format.equals("table")) {
      return of(spec, spark.table(spec.path()));
    }
    if (!Formats.ALL.contains(format)) {
      return of(spec, SparkSource.read(spark, role, spec));
    }
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    Location place = Location.of(conf, "data." + role + ".path", spec.path());
    var lake = LakeTable.at(place);
    if (lake.isPresent()) {
      return of(spec, lake.get().read(spark, place, format));
    }
    DataFiles files = MixedFiles.ofOneFormat(role, spec, DataFiles.list(place));
    String resolved = Formats.resolve(role, spec, files);
    RawRows rows = read(spark, role, spec, files, resolved);
    return new RawRows(
        rows.table,
        rows.texts,
        Stream.of(files.notices(), rows.notices, PartitionFolders.columnsLeft(resolved, files))
            .flatMap(List::stream)
            .toList());
  }

  private static RawRows read(
      SparkSession spark, String role, TableSpec spec, DataFiles files, String format) {
    return switch (format) {
      case "csv" -> csv(spark, role, spec, files);
      case "parquet" ->
          of(
              spec,
              ParquetFiles.open(spark, files).parts().stream()
                  .reduce((a, b) -> a.unionByName(b, true))
                  .orElseThrow());
      default ->
          throw new IllegalArgumentException(
              "data.columns says what columns become, but the rows of '"
                  + spec.path()
                  + "' have no named columns; remove data.columns");
    };
  }

  /**
   * The cells of some rows as texts, by what the rows are called; one scan, or two where rows are
   * numbered. Empty where it is not known which rows those are: files that Spark cuts up number
   * theirs in another order.
   *
   * @param hidden columns that are not wanted, such as the label
   */
  public Map<String, Map<String, String>> cells(
      TableSpec spec, Set<String> ids, Collection<String> hidden) {
    if (spec.id() == null && ColumnarInput.ofDataset(table).inFiles()) {
      return Map.of();
    }
    List<String> names = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    columns.add(
        spec.id() == null ? functions.lit("") : DatasetRows.text(table.schema().apply(spec.id())));
    for (StructField field : table.schema().fields()) {
      DataType type = field.dataType();
      boolean single = ColumnarFeatures.isNumeric(type) || isTextOrTime(type);
      if (single && !hidden.contains(field.name()) && names.size() < MOST_CELLS) {
        names.add(field.name());
        columns.add(functions.substring(DatasetRows.text(field), 1, LONGEST_CELL));
      }
    }
    JavaRDD<Row> rows = table.select(columns.toArray(Column[]::new)).toJavaRDD();
    JavaPairRDD<String, Row> named =
        spec.id() == null
            ? rows.zipWithIndex().mapToPair(row -> new Tuple2<>(row._2().toString(), row._1()))
            : rows.filter(row -> !row.isNullAt(0))
                .mapToPair(row -> new Tuple2<>(Numbers.canonical(row.getString(0)), row));
    Map<String, Map<String, String>> cells = new HashMap<>();
    for (Tuple2<String, Row> row :
        Tasks.run(spec.path(), () -> named.filter(pair -> ids.contains(pair._1())).collect())) {
      Map<String, String> texts = new LinkedHashMap<>();
      for (int j = 0; j < names.size(); j++) {
        texts.put(names.get(j), row._2().isNullAt(j + 1) ? "" : row._2().getString(j + 1));
      }
      cells.put(row._1(), texts);
    }
    return cells;
  }

  /**
   * All rows by the ids that {@link PreparedTables} gives them where features were made of this
   * table; one scan, or two where rows go by their numbers. Their cells have no schema with them.
   */
  public JavaPairRDD<Long, Row> byId(TableSpec spec, Table.Ids ids) {
    if (ids != Table.Ids.LONGS) {
      return table
          .toJavaRDD()
          .zipWithIndex()
          .mapToPair(row -> new Tuple2<>(row._2(), withoutSchema(row._1(), 0)));
    }
    List<Column> columns = new ArrayList<>();
    columns.add(DatasetRows.text(table.schema().apply(spec.id())));
    for (String name : table.columns()) {
      columns.add(functions.col(DatasetRows.quote(name)));
    }
    return table
        .select(columns.toArray(Column[]::new))
        .toJavaRDD()
        .filter(row -> !row.isNullAt(0) && Numbers.isLong(Numbers.canonical(row.getString(0))))
        .mapToPair(
            row ->
                new Tuple2<>(
                    Long.parseLong(Numbers.canonical(row.getString(0))), withoutSchema(row, 1)));
  }

  /** The cells from one on; a row of a Dataset would bring its schema into every shuffle. */
  private static Row withoutSchema(Row row, int from) {
    Object[] cells = new Object[row.size() - from];
    Arrays.setAll(cells, j -> row.get(from + j));
    return RowFactory.create(cells);
  }

  private static boolean isTextOrTime(DataType type) {
    return type instanceof StringType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType;
  }

  /** The columns of a CSV file are those of its header, in the dialect that its text shows. */
  private static RawRows csv(SparkSession spark, String role, TableSpec spec, DataFiles files) {
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    CsvFiles source = CsvFiles.open(sc, role, spec, files);
    List<String> header = source.header();
    CsvReader.check(header, spec, files);
    CsvScan scan = CsvScan.of(role, spec, source, new boolean[header.size()]);
    StructType schema = new StructType();
    for (String name : header) {
      schema = schema.add(name.isEmpty() ? NAMELESS : name, DataTypes.StringType, true);
    }
    CsvDialect dialect = scan.dialect();
    int width = header.size();
    JavaRDD<Row> rows = scan.records().mapPartitions(in -> new Cells(in, dialect, width), true);
    return new RawRows(
        spark.createDataFrame(rows, schema),
        CellTexts.of(spec).withDecimal(dialect.decimal()),
        CsvReader.told(role, spec, source, scan));
  }

  /** The cells of records, numbers with a decimal point. */
  private static final class Cells implements Iterator<Row> {
    private final Iterator<TextRecord> records;
    private final CsvDialect dialect;
    private final CsvLine line;
    private final int width;

    Cells(Iterator<TextRecord> records, CsvDialect dialect, int width) {
      this.records = records;
      this.dialect = dialect;
      this.line = new CsvLine(dialect);
      this.width = width;
    }

    @Override
    public boolean hasNext() {
      return records.hasNext();
    }

    @Override
    public Row next() {
      TextRecord record = records.next();
      String[] cells = record.arranged(line.split(record.text()));
      if (record.fault() != null || !line.isWell() || cells.length != width) {
        throw new DataException(
            "%s: a row has %d cells, expected %d as in the header; it begins %s, correct it"
                .formatted(record.file(), cells.length, width, Names.quote(record.text())));
      }
      Object[] plain = Arrays.stream(cells).map(dialect::plain).toArray();
      return RowFactory.create(plain);
    }
  }
}

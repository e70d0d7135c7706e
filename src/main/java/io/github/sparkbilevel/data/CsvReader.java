package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vectors;

/** Reads CSV files with a header row. */
final class CsvReader {
  private CsvReader() {}

  static Parsed read(
      JavaSparkContext sc, String role, TableSpec asked, DataFiles files, Table reference) {
    CsvFiles source = CsvFiles.open(sc, role, asked, files);
    List<String> header = source.header();
    TableSpec spec = asked.within(header);
    check(header, spec, files);
    Columns columns = Columns.resolve(role, spec, header, files.origin());
    boolean[] candidate = new boolean[header.size()];
    if (spec.features() == null) {
      for (int j = 0; j < candidate.length; j++) {
        candidate[j] = !columns.hasRole(j);
      }
    }
    CsvScan scan = CsvScan.of(role, spec, source, candidate);
    if (scan.columns().rows == 0) {
      throw new DataException(
          files.origin() + " has a header row but no rows below it, expected at least one row");
    }
    List<Notice> notices = new ArrayList<>(told(role, spec, source, scan));
    List<String> features =
        spec.features() != null
            ? spec.features()
            : new CsvFeatures(role, spec, source, scan, notices).choose(candidate, reference);
    Shape shape = new Shape(spec, scan.dialect(), header, columns, features);
    JavaRDD<ParsedRow> rows =
        scan.records().mapPartitionsWithIndex((part, in) -> parse(part, in, shape), true);
    return new Parsed(rows, List.copyOf(features), header, false, false, List.copyOf(notices));
  }

  static void check(List<String> header, TableSpec spec, DataFiles files) {
    Set<String> seen = new HashSet<>();
    for (String name : header) {
      if (!seen.add(name)) {
        throw new DataException(
            files.origin()
                + " has the column "
                + Names.quote(name)
                + " twice in its header, expected distinct names; rename one of them");
      }
    }
    if (spec.label() != null
        && !header.contains(spec.label())
        && header.stream().allMatch(Numbers::isNumber)) {
      throw new DataException(
          files.origin()
              + " begins with a row of numbers ("
              + Names.quote(String.join(",", header))
              + "), expected a header row with the column names; put one in front");
    }
  }

  /** What is unusual about the text. */
  static List<Notice> told(String role, TableSpec spec, CsvFiles source, CsvScan scan) {
    List<String> told = new ArrayList<>(source.told());
    if (!scan.dialect().doublesQuotes()) {
      told.add(
          "a quote inside quotes is written as "
              + scan.dialect().escape()
              + scan.dialect().quote());
    }
    return told.isEmpty()
        ? List.of()
        : List.of(
            Notice.of(
                Notice.Code.TEXT_DIALECT,
                spec.path()
                    + ": "
                    + String.join("; ", told)
                    + "; to read it in another way, set data."
                    + role
                    + ".options"));
  }

  /** What a task needs to parse rows. */
  private static final class Shape implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TableSpec spec;
    private final CsvDialect dialect;
    private final Columns columns;
    private final int width;
    private final int[] features;
    private final String[] names;

    Shape(
        TableSpec spec,
        CsvDialect dialect,
        List<String> header,
        Columns columns,
        List<String> features) {
      this.spec = spec;
      this.dialect = dialect;
      this.columns = columns;
      this.width = header.size();
      this.names = features.toArray(new String[0]);
      this.features = new int[names.length];
      for (int j = 0; j < names.length; j++) {
        this.features[j] = header.indexOf(names[j]);
      }
    }

    /** The name of a row's file where there are several. */
    String where(TextRecord record) {
      return spec.path().endsWith(record.file()) ? "" : "in " + record.file() + ": ";
    }

    long limit() {
      return spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    }
  }

  private static Iterator<ParsedRow> parse(int source, Iterator<TextRecord> records, Shape shape) {
    CsvLine line = new CsvLine(shape.dialect);
    return new RowIterator<>(
        records, shape.limit(), (local, record) -> parse(source, local, record, line, shape));
  }

  private static ParsedRow parse(
      int source, long local, TextRecord record, CsvLine line, Shape shape) {
    String[] cells = record.arranged(line.split(record.text()));
    if (record.fault() != null || !line.isWell() || cells.length != shape.width) {
      return ParsedRow.bad(
          source,
          local,
          shape.where(record)
              + "found "
              + cells.length
              + " cells, expected "
              + shape.width
              + " as in the header; the line begins "
              + Names.quote(record.text())
              + ", correct it");
    }
    CsvDialect dialect = shape.dialect;
    ParsedRow.Roles roles = new ParsedRow.Roles();
    String[] texts = shape.columns.texts(cells);
    for (int k = 0; k < texts.length; k++) {
      texts[k] = k == ColumnRole.ID.ordinal() ? texts[k] : dialect.plain(texts[k]);
    }
    String wrong = roles.read(shape.spec, texts);
    double[] values = new double[shape.features.length];
    for (int j = 0; wrong == null && j < values.length; j++) {
      String cell = cells[shape.features[j]];
      String number = cell.isEmpty() ? null : dialect.number(cell);
      values[j] = number == null ? Double.NaN : Numbers.parse(number);
      if (!Double.isFinite(values[j])) {
        wrong = "the feature column '" + shape.names[j] + "' " + wrong(cell, number);
        roles.blank = MissingValues.isMissing(shape.spec, cell) ? shape.names[j] : null;
      }
    }
    return wrong == null
        ? ParsedRow.good(source, local, roles, Vectors.dense(values))
        : ParsedRow.bad(source, local, roles, shape.where(record) + wrong);
  }

  private static String wrong(String cell, String number) {
    if (cell.isEmpty()) {
      return "is empty, expected a number; fill it in or remove the row";
    }
    return number == null
        ? "has " + Names.quote(cell) + ", expected a number; correct it or leave the column out"
        : "has " + Names.quote(cell) + ", expected a finite number; fill it in or remove the row";
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vectors;

/** Reads CSV files with a header row. */
final class CsvReader {
  /** A column with at least this share of numbers is a column of numbers with mistakes in it. */
  private static final double MOSTLY_NUMBERS = 0.99;

  private CsvReader() {}

  static Parsed read(
      JavaSparkContext sc, String role, TableSpec spec, DataFiles files, Table reference) {
    String headerRecord = TextRecords.firstRecord(files);
    if (headerRecord == null) {
      throw new DataException(
          files.origin() + " has only blank lines, expected a header row and rows below it");
    }
    List<String> header = header(headerRecord, spec, files);
    Columns columns = Columns.resolve(role, spec, header, files.origin());
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    boolean[] candidate = new boolean[header.size()];
    if (spec.features() == null) {
      for (int j = 0; j < candidate.length; j++) {
        candidate[j] = !columns.hasRole(j);
      }
    }

    JavaRDD<String> records = TextRecords.csvLines(sc, files, headerRecord);
    JavaRDD<String> scanned = records;
    ColumnScan scan = Tasks.run(files.origin(), () -> ColumnScan.of(scanned, candidate, limit));
    if (scan.openRow >= 0) {
      // A record goes on in the next line.
      records = TextRecords.csvRecords(sc, files, headerRecord);
      JavaRDD<String> whole = records;
      scan = Tasks.run(files.origin(), () -> ColumnScan.of(whole, candidate, limit));
      if (scan.openRow >= 0) {
        throw new DataException(
            files.origin()
                + ", row "
                + scan.openRow
                + " (counted from 0): a quote is never closed,"
                + " expected \"text\"; the row begins "
                + Names.quote(scan.openRecord)
                + ", correct it");
      }
    }
    if (scan.rows == 0) {
      throw new DataException(
          files.origin() + " has a header row but no rows below it, expected at least one row");
    }

    List<Notice> notices = new ArrayList<>();
    List<String> features =
        spec.features() != null
            ? spec.features()
            : chooseFeatures(
                role, spec, header, candidate, scan, files.origin(), reference, notices);
    Shape shape = new Shape(spec, header, columns, features, limit);
    JavaRDD<ParsedRow> rows =
        records.mapPartitionsWithIndex((source, lines) -> parse(source, lines, shape), true);
    return new Parsed(rows, List.copyOf(features), header, false, false, List.copyOf(notices));
  }

  private static List<String> header(String record, TableSpec spec, DataFiles files) {
    if (CsvLine.isOpen(record)) {
      throw new DataException(
          files.origin() + " has a header with a quote that is never closed, expected \"name\"");
    }
    List<String> header = List.of(CsvLine.split(record));
    if (LibsvmReader.looksLike(record)) {
      throw new DataException(
          files.origin()
              + " begins with "
              + Names.quote(record)
              + ", which is libsvm and not csv with a header row; set format = libsvm");
    }
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
    if (!header.contains(spec.label()) && header.stream().allMatch(Numbers::isNumber)) {
      throw new DataException(
          files.origin()
              + " begins with a row of numbers ("
              + Names.quote(record)
              + "), expected a header row with the column names; put one in front");
    }
    return header;
  }

  /** Every candidate column whose cells are all numbers, or those of the training table. */
  private static List<String> chooseFeatures(
      String role,
      TableSpec spec,
      List<String> header,
      boolean[] candidate,
      ColumnScan scan,
      String origin,
      Table reference,
      List<Notice> notices) {
    if (reference != null && !reference.inputColumns().isEmpty() && !reference.vectorColumn()) {
      return Columns.like(
          reference,
          header,
          j -> candidate[j] && scan.numbers[j] > 0 && scan.texts[j] == 0,
          origin);
    }
    List<String> features = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (int j = 0; j < candidate.length; j++) {
      if (!candidate[j]) {
        continue;
      }
      long numbers = scan.numbers[j];
      long texts = scan.texts[j];
      if (texts > 0 && numbers > MOSTLY_NUMBERS * (numbers + texts)) {
        throw new DataException(
            origin
                + ", row "
                + scan.firstTextRow[j]
                + " (counted from 0 below the header): column '"
                + header.get(j)
                + "' has "
                + Names.quote(scan.firstText[j])
                + ", expected a number as in the column's "
                + numbers
                + " other cells; correct it or leave the column out of data."
                + role
                + ".features");
      }
      (texts == 0 && numbers > 0 ? features : left).add(header.get(j));
    }
    if (!left.isEmpty()) {
      notices.add(
          new Notice(
              Notice.Code.COLUMNS_LEFT_OUT,
              origin
                  + ": left out as features because they are not numbers: "
                  + Names.shortList(left),
              left.size()));
    }
    if (features.isEmpty()) {
      throw new DataException(
          origin
              + " has no numeric column besides the label '"
              + spec.label()
              + "', expected at least one feature; is it separated by commas?");
    }
    return features;
  }

  /** What a task needs to parse rows. */
  private static final class Shape implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TableSpec spec;
    private final Columns columns;
    private final int width;
    private final int[] features;
    private final String[] names;
    private final long limit;

    Shape(TableSpec spec, List<String> header, Columns columns, List<String> features, long limit) {
      this.spec = spec;
      this.columns = columns;
      this.width = header.size();
      this.names = features.toArray(new String[0]);
      this.features = new int[names.length];
      for (int j = 0; j < names.length; j++) {
        this.features[j] = header.indexOf(names[j]);
      }
      this.limit = limit;
    }
  }

  private static Iterator<ParsedRow> parse(int source, Iterator<String> records, Shape shape) {
    return new RowIterator<>(records, shape.limit, (local, r) -> parse(source, local, r, shape));
  }

  private static ParsedRow parse(int source, long local, String record, Shape shape) {
    String[] cells = CsvLine.split(record);
    Columns at = shape.columns;
    if (cells.length != shape.width) {
      return ParsedRow.bad(
          source,
          local,
          null,
          "found "
              + cells.length
              + " cells, expected "
              + shape.width
              + " as in the header; the line begins "
              + Names.quote(record)
              + ", correct it");
    }
    ParsedRow.Roles roles = new ParsedRow.Roles();
    String wrong =
        roles.read(
            shape.spec,
            at.text(cells, at.id()),
            at.text(cells, at.label()),
            at.text(cells, at.group()),
            at.text(cells, at.weight()),
            at.text(cells, at.truth()));
    double[] values = new double[shape.features.length];
    for (int j = 0; wrong == null && j < values.length; j++) {
      String cell = cells[shape.features[j]];
      if (cell.isEmpty()) {
        wrong =
            "the feature column '"
                + shape.names[j]
                + "' is empty, expected a number; fill it in or remove the row";
      } else if (!Numbers.isNumber(cell)) {
        wrong =
            "the feature column '"
                + shape.names[j]
                + "' has "
                + Names.quote(cell)
                + ", expected a number; correct it or leave the column out";
      } else {
        values[j] = Numbers.parse(cell);
        if (!Double.isFinite(values[j])) {
          wrong =
              "the feature column '"
                  + shape.names[j]
                  + "' has "
                  + Names.quote(cell)
                  + ", expected a finite number; fill it in or remove the row";
        }
      }
    }
    return wrong == null
        ? ParsedRow.good(source, local, roles, Vectors.dense(values))
        : ParsedRow.bad(source, local, roles.id, wrong);
  }

  /** Bytes that show a file is not text, with what they show; null for text. */
  static String foreign(byte[] head) {
    String known = Formats.magic(head);
    if (known != null) {
      return known;
    }
    for (byte b : Arrays.copyOf(head, Math.min(head.length, 512))) {
      if (b == 0) {
        return "binary";
      }
    }
    return null;
  }
}

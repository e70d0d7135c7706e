package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;

/**
 * Chooses the feature columns of a CSV file where the user names none.
 *
 * @param notices where to add what the user should know
 */
record CsvFeatures(
    String role, TableSpec spec, CsvFiles files, CsvScan scan, List<Notice> notices) {
  /** A column with at least this share of numbers is a column of numbers with mistakes in it. */
  private static final double MOSTLY_NUMBERS = 0.99;

  /** Every candidate column whose cells are all numbers, or those of the training table. */
  List<String> choose(boolean[] candidate, Table reference) {
    boolean like =
        reference != null && !reference.inputColumns().isEmpty() && !reference.vectorColumn();
    boolean[] left = new boolean[candidate.length];
    for (int j = 0; j < candidate.length; j++) {
      boolean known = like && reference.featureNames().contains(files.header().get(j));
      left[j] = candidate[j] && !known && isIndex(j, like);
    }
    if (like) {
      return Columns.like(
          reference, files.header(), j -> candidate[j] && !left[j] && isNumeric(j), spec.path());
    }
    return numeric(candidate, left);
  }

  private boolean isNumeric(int column) {
    return scan.columns().numbers[column] > 0 && scan.columns().texts[column] == 0;
  }

  /** Whether a column holds row numbers; where the training rows lack it, its name will do. */
  private boolean isIndex(int column, boolean byName) {
    ColumnScan columns = scan.columns();
    IndexColumns.Cells cells = columns.whole[column];
    if (cells == null || !cells.isWhole(columns.counted)) {
      return false;
    }
    String name = files.header().get(column);
    boolean is =
        byName
            || cells.areRowNumbers(name)
                && (cells.isRising() || distinct(column) == columns.counted);
    if (is) {
      new IndexColumns.Teller(spec.path(), spec.key(role, "features"), notices).tell(name, cells);
    }
    return is;
  }

  /** How many different numbers a column has, by one Spark job. */
  private long distinct(int column) {
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    CsvDialect dialect = scan.dialect();
    JavaRDD<Double> numbers =
        scan.records().mapPartitions(rows -> new Numbered(rows, dialect, column, limit));
    return Tasks.run(spec.path(), () -> numbers.distinct().count());
  }

  /** The numbers of one column. */
  private static final class Numbered implements Iterator<Double> {
    private final Iterator<TextRecord> rows;
    private final CsvLine line;
    private final CsvDialect dialect;
    private final int column;
    private long left;

    Numbered(Iterator<TextRecord> rows, CsvDialect dialect, int column, long limit) {
      this.rows = rows;
      this.line = new CsvLine(dialect);
      this.dialect = dialect;
      this.column = column;
      this.left = limit;
    }

    @Override
    public boolean hasNext() {
      return left > 0 && rows.hasNext();
    }

    @Override
    public Double next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      left--;
      TextRecord row = rows.next();
      String[] cells = row.arranged(line.split(row.text()));
      // A row that is too short is refused later on.
      return column < cells.length ? Numbers.parse(dialect.number(cells[column])) : 0.0;
    }
  }

  private List<String> numeric(boolean[] candidate, boolean[] index) {
    List<String> features = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (int j = 0; j < candidate.length; j++) {
      if (!candidate[j] || index[j]) {
        continue;
      }
      requireComplete(j);
      requireNotMostly(j);
      if (isNumeric(j)) {
        features.add(files.header().get(j));
      } else {
        left.add(describe(j));
      }
    }
    if (!left.isEmpty()) {
      notices.add(
          new Notice(
              Notice.Code.COLUMNS_LEFT_OUT,
              spec.path()
                  + ": left out as features because they are not numbers: "
                  + Names.shortList(left)
                  + "; to keep a column, name what it is in data.columns, such as category or text",
              left.size()));
    }
    if (features.isEmpty() && spec.refusesMixed() && !left.isEmpty()) {
      throw new MixedColumnsException(spec.path(), left.get(0));
    }
    if (features.isEmpty()) {
      throw new DataException(
          spec.path()
              + " has no numeric column besides the label '"
              + spec.label()
              + "', expected at least one feature"
              + (left.isEmpty() ? "" : "; not numbers are " + Names.shortList(left))
              + "; its lines were split at "
              + CsvDialect.name(scan.dialect().sep())
              + ", data."
              + role
              + ".options.sep sets another separator");
    }
    return features;
  }

  /** Numbers with gaps. Rows of the wrong width are told by their numbers instead, later on. */
  private void requireComplete(int column) {
    ColumnScan columns = scan.columns();
    boolean complete = columns.numbers[column] == columns.counted;
    boolean ofNumbers = columns.numbers[column] > columns.texts[column];
    if (spec.refusesMixed() && ofNumbers && !complete && columns.ragged == 0) {
      throw new MixedColumnsException(spec.path(), files.header().get(column));
    }
  }

  /** A column that is not numeric, with what is in it. */
  private String describe(int column) {
    ColumnScan columns = scan.columns();
    String name = files.header().get(column);
    String called = name.isEmpty() ? "the column without a name" : name;
    long texts = columns.texts[column];
    if (texts == 0) {
      return called + " (empty)";
    }
    String example = Names.quote(columns.firstText[column]) + hint(column);
    return columns.numbers[column] == 0
        ? called + " (such as " + example + ")"
        : called
            + " ("
            + texts
            + " of "
            + (texts + columns.numbers[column])
            + " cells are not numbers, such as "
            + example
            + " in row "
            + columns.firstTextRow[column]
            + ")";
  }

  private String hint(int column) {
    boolean comma =
        scan.dialect().decimal() == '.' && CsvGuess.isCommaNumber(scan.columns().firstText[column]);
    return comma ? ", a number where data." + role + ".options.decimal = \",\"" : "";
  }

  /** A few mistakes in a column of numbers are no reason to leave it out. */
  private void requireNotMostly(int column) {
    ColumnScan columns = scan.columns();
    long numbers = columns.numbers[column];
    long texts = columns.texts[column];
    if (texts > 0 && numbers > MOSTLY_NUMBERS * (numbers + texts)) {
      throw new DataException(
          spec.path()
              + ", row "
              + columns.firstTextRow[column]
              + " (counted from 0 below the header): column '"
              + files.header().get(column)
              + "' has "
              + Names.quote(columns.firstText[column])
              + hint(column)
              + ", expected a number as in the column's "
              + numbers
              + " other cells; correct it or leave the column out of data."
              + role
              + ".features");
    }
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Columns of row numbers that the writer of a file added, as pandas does unless it is told not to.
 *
 * <p>A column is one if it has a name that such columns have and its cells are distinct whole
 * numbers. Under a name that real features have as well, the numbers must lie as close together as
 * distinct numbers do by chance in one of e^(n/20) columns of n rows at most.
 */
final class IndexColumns {
  /** Names that nobody gives a feature. */
  private static final Pattern SURE =
      Pattern.compile("|Unnamed: 0(\\.[0-9]+)*|__index_level_[0-9]+__");

  /** Names that features may have too. */
  private static final Pattern MAYBE = Pattern.compile("index|level_0|_c0");

  /** The columns of a file without a header, as Spark names them. */
  private static final Pattern NUMBERED = Pattern.compile("_c[1-9][0-9]*");

  private static final int CLOSE = 10;
  private static final long ENOUGH_ROWS = 100;

  private IndexColumns() {}

  /** Whether the column may be one by its name and those of the others. */
  static boolean mayBe(String name, List<String> header) {
    if (name.equals("_c0")) {
      return header.stream().noneMatch(other -> NUMBERED.matcher(other).matches());
    }
    return SURE.matcher(name).matches() || MAYBE.matcher(name).matches();
  }

  /** The whole numbers of one column. */
  static final class Cells implements Serializable {
    private static final long serialVersionUID = 1L;
    private long rows;
    private boolean whole = true;
    private boolean rising = true;
    private long first;
    private long last;
    private long least = Long.MAX_VALUE;
    private long greatest = Long.MIN_VALUE;

    /** Adds a cell; a null one is none. */
    void add(Double number) {
      whole &= number != null && number == Math.rint(number) && Math.abs(number) < 0x1p53;
      if (!whole) {
        return;
      }
      long value = number.longValue();
      rising &= rows == 0 || value > last;
      first = rows == 0 ? value : first;
      last = value;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      rows++;
    }

    /** Adds the cells of the rows that follow. */
    void append(Cells next) {
      whole &= next.whole;
      rising &= next.rising && (rows == 0 || next.rows == 0 || next.first > last);
      first = rows == 0 ? next.first : first;
      last = next.rows == 0 ? last : next.last;
      least = Math.min(least, next.least);
      greatest = Math.max(greatest, next.greatest);
      rows += next.rows;
    }

    /** The same of a column whose range and number of distinct values are known. */
    static Cells of(long rows, long least, long greatest) {
      Cells cells = new Cells();
      cells.rows = rows;
      cells.rising = false;
      cells.least = least;
      cells.greatest = greatest;
      return cells;
    }

    /** Whether every row has a whole number. */
    boolean isWhole(long ofRows) {
      return whole && rows == ofRows && rows > 0;
    }

    /** Whether the numbers rise from row to row, so that they are distinct. */
    boolean isRising() {
      return rising;
    }

    /** Whether distinct numbers with this range are row numbers, for a column of this name. */
    boolean areRowNumbers(String name) {
      boolean consecutive = (least == 0 || least == 1) && greatest - least == rows - 1;
      boolean close =
          least >= 0 && rows >= ENOUGH_ROWS && greatest < CLOSE * Math.max(rows, ENOUGH_ROWS);
      return consecutive || close || SURE.matcher(name).matches();
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%d to %d", least, greatest);
    }
  }

  /**
   * The columns of row numbers among some columns of a table, by one Spark job where the names of
   * some allow for it.
   *
   * @param wanted the columns to look at
   * @param byName those whose name is enough beside whole numbers, as where training rows lack it
   */
  static Map<String, Cells> of(Dataset<Row> data, List<String> wanted, Set<String> byName) {
    List<String> header = List.of(data.columns());
    List<String> names = wanted.stream().filter(name -> mayBe(name, header)).toList();
    Map<String, Cells> found = new LinkedHashMap<>();
    if (names.isEmpty()) {
      return found;
    }
    List<Column> sums = new ArrayList<>();
    for (String name : names) {
      Column number = functions.col(DatasetRows.quote(name)).cast(DataTypes.DoubleType);
      Column whole = number.equalTo(functions.rint(number)).and(functions.abs(number).lt(0x1p53));
      sums.add(functions.sum(functions.when(whole, 1L).otherwise(0L)));
      sums.add(functions.count_distinct(number));
      sums.add(functions.min(number));
      sums.add(functions.max(number));
    }
    sums.add(functions.count(functions.lit(1)));
    Row row = data.select(sums.toArray(new Column[0])).head();
    long rows = row.getLong(4 * names.size());
    for (int k = 0; k < names.size(); k++) {
      if (rows == 0 || row.getLong(4 * k) < rows) {
        continue;
      }
      long least = (long) row.getDouble(4 * k + 2);
      Cells cells = Cells.of(rows, least, (long) row.getDouble(4 * k + 3));
      String name = names.get(k);
      boolean numbers = row.getLong(4 * k + 1) == rows && cells.areRowNumbers(name);
      if (byName.contains(name) || numbers) {
        found.put(name, cells);
      }
    }
    return found;
  }

  /**
   * The columns of row numbers of a table, which are no features; the user is told of each.
   *
   * @param data numeric columns
   * @param free which of them have no role
   * @param train the training rows, or null: what they lack needs the name and whole numbers only
   */
  static Set<String> leftOut(
      Dataset<Row> data, Predicate<String> free, Table train, Teller teller) {
    List<String> wanted = new ArrayList<>();
    for (String name : data.columns()) {
      boolean known = train != null && train.featureNames().contains(name);
      if (!known && free.test(name)) {
        wanted.add(name);
      }
    }
    Set<String> byName = train == null ? Set.of() : Set.copyOf(wanted);
    Map<String, Cells> found = Tasks.run(teller.origin, () -> of(data, wanted, byName));
    found.forEach(teller::tell);
    return found.keySet();
  }

  /**
   * Tells the user of columns that are left out.
   *
   * @param origin what messages call the table
   * @param key the key that names features
   * @param notices where to add what is told
   */
  record Teller(String origin, String key, List<Notice> notices) {
    void tell(String name, Cells numbers) {
      String column = name.isEmpty() ? "the column without a name" : "'" + name + "'";
      notices.add(
          Notice.of(
              Notice.Code.INDEX_COLUMN,
              origin
                  + ": left out "
                  + column
                  + ", which holds row numbers ("
                  + numbers
                  + "); to keep it as a feature, "
                  + (name.isEmpty() ? "give it a name" : "list it in " + key)));
    }
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;

/**
 * The draws of test and validation rows from the training table.
 *
 * <p>Rows that are marked as trusted are validation rows. A draw takes the rows with the least
 * hashes of (seed, role, id). It never takes the last row of a class: where a draw would, the row
 * of the class with the greatest hash stays, and the next rows are drawn in its place.
 *
 * @param test which rows are drawn for the test, or null
 * @param validation which rows of the others are drawn for validation, or null
 * @param spared ids of rows that are not drawn
 */
record Draws(Splits.Cut test, Splits.Cut validation, Set<Long> spared) implements TableStats.Part {
  static final int TRAIN = 0;
  static final int TEST = 1;
  static final int VALIDATION = 2;
  private static final int PARTS = 3;

  /**
   * How many rows are drawn.
   *
   * @param test number of test rows, 0 for none
   * @param validation number of validation rows, 0 for none
   * @param marked number of validation rows that are marked as such
   */
  record Wanted(long test, long validation, long marked) {
    long rows() {
      return test + validation + marked;
    }
  }

  /** The rows of each part, and what is known of them. */
  record Drawn(Draws draws, TableStats[] stats) {}

  /**
   * Draws; a scan of the rows for each part that is drawn, one more for what is known of the parts,
   * and those again where a class would lose its last row.
   *
   * @param classification whether labels are classes
   */
  static Drawn of(Table all, Wanted wanted, long seed, boolean classification) {
    Set<Long> spared = new HashSet<>();
    while (true) {
      Draws draws = cut(all, wanted, seed, Set.copyOf(spared));
      TableStats[] stats = TableStats.of(all.examples(), PARTS, draws, classification);
      Set<String> lost = new HashSet<>();
      // Marked rows stay marked, whatever is left of their class.
      for (int part : wanted.marked() > 0 ? new int[] {TEST} : new int[] {TEST, VALIDATION}) {
        lost.addAll(stats[part].labelsMissingIn(stats[TRAIN], TableStats.MAX_LABELS));
      }
      // More classes than can be counted are refused later.
      if (lost.isEmpty() || stats[TRAIN].labels().size() > TableStats.MAX_LABELS) {
        return new Drawn(draws, stats);
      }
      spared.addAll(last(all, draws, seed, lost));
      Splits.requireRest(all, wanted.rows() + spared.size() - 1, "lower the number of drawn rows");
    }
  }

  private static Draws cut(Table all, Wanted wanted, long seed, Set<Long> spared) {
    JavaRDD<Example> rest =
        spared.isEmpty()
            ? all.examples()
            : all.examples().filter(row -> !spared.contains(row.id()));
    rest = wanted.marked() == 0 ? rest : rest.filter(row -> !row.trusted());
    long count = all.rowCount() - spared.size() - wanted.marked();
    Splits.Cut test = null;
    if (wanted.test() > 0) {
      Splits.Cut cut = Splits.cut(rest, count, seed, "test", wanted.test());
      rest = rest.filter(row -> !cut.contains(row));
      count -= wanted.test();
      test = cut;
    }
    Splits.Cut validation =
        wanted.validation() > 0
            ? Splits.cut(rest, count, seed, "validation", wanted.validation())
            : null;
    return new Draws(test, validation, spared);
  }

  /** For each of these classes, of which all rows are drawn, the row with the greatest hash. */
  private static Set<Long> last(Table all, Draws draws, long seed, Set<String> classes) {
    long purpose = RowHash.purpose("last of a class");
    List<TreeMap<String, Key>> parts =
        all.examples()
            .mapPartitions(
                rows -> {
                  TreeMap<String, Key> last = new TreeMap<>();
                  while (rows.hasNext()) {
                    Example row = rows.next();
                    if (classes.contains(row.label()) && !row.trusted() && draws.of(row) != TRAIN) {
                      Key key = new Key(RowHash.of(seed, purpose, row.id()), row.id());
                      last.merge(row.label(), key, Key::greater);
                    }
                  }
                  return List.of(last).iterator();
                })
            .collect();
    TreeMap<String, Key> last = new TreeMap<>();
    parts.forEach(part -> part.forEach((label, key) -> last.merge(label, key, Key::greater)));
    Set<Long> ids = new HashSet<>();
    last.values().forEach(key -> ids.add(key.id()));
    return ids;
  }

  private record Key(long hash, long id) implements Serializable {
    Key greater(Key other) {
      int order = Long.compareUnsigned(hash, other.hash);
      return order > 0 || order == 0 && id > other.id ? this : other;
    }
  }

  @Override
  public int of(Example row) {
    if (row.trusted()) {
      return VALIDATION;
    }
    if (spared.contains(row.id())) {
      return TRAIN;
    }
    if (test != null && test.contains(row)) {
      return TEST;
    }
    return validation != null && validation.contains(row) ? VALIDATION : TRAIN;
  }

  /** Whether a row is of a part. */
  Function<Example, Boolean> only(int part) {
    return row -> of(row) == part;
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Looks for ids that come twice in a table, and for ids that two tables share, in one Spark job.
 */
final class IdCheck implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] duplicates;
  private final String[] example;
  private final long[][] shared;

  private IdCheck(int tables) {
    duplicates = new long[tables];
    example = new String[tables];
    shared = new long[tables][tables];
  }

  /** Counts; the tables all have ids from a column. */
  static IdCheck of(List<Table> tables) {
    IdCheck sum = new IdCheck(tables.size());
    if (!tables.isEmpty()) {
      boolean longs = tables.stream().allMatch(table -> table.ids() == Table.Ids.LONGS);
      (longs ? ofNumbers(tables) : ofTexts(tables)).forEach(sum::merge);
    }
    return sum;
  }

  /** Numbers travel in arrays: nothing is kept, hashed or compared for a single id. */
  private static List<IdCheck> ofNumbers(List<Table> tables) {
    int n = tables.size();
    int buckets = tables.stream().mapToInt(t -> t.examples().getNumPartitions()).sum();
    JavaPairRDD<Integer, Ids> all = null;
    for (int k = 0; k < n; k++) {
      int table = k;
      JavaPairRDD<Integer, Ids> ids =
          tables.get(k).examples().mapPartitionsToPair(rows -> new Buckets(rows, table, buckets));
      all = all == null ? ids : all.union(ids);
    }
    JavaPairRDD<Integer, Ids> sorted = all.partitionBy(new HashPartitioner(buckets));
    JavaRDD<Tuple2<Integer, Ids>> rows = JavaRDD.fromRDD(sorted.rdd(), sorted.classTag());
    return PerPartition.collect(rows, in -> count(in, n));
  }

  private static List<IdCheck> ofTexts(List<Table> tables) {
    int n = tables.size();
    JavaPairRDD<String, Integer> all = null;
    for (int k = 0; k < n; k++) {
      int one = 1 << 2 * k;
      JavaPairRDD<String, Integer> ids =
          tables.get(k).examples().mapToPair(row -> new Tuple2<>(row.displayId(), one));
      all = all == null ? ids : all.union(ids);
    }
    JavaRDD<Tuple2<String, Integer>> counts =
        JavaRDD.fromRDD(all.reduceByKey((a, b) -> add(a, b, n)).rdd(), all.classTag());
    return PerPartition.collect(counts, in -> countTexts(in, n));
  }

  /** Some ids of a table that belong to one bucket. A class, since Kryo cannot write records. */
  private static final class Ids implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int table;
    private final long[] ids;

    Ids(int table, long[] ids) {
      this.table = table;
      this.ids = ids;
    }
  }

  /** Sorts the ids of a partition into buckets by their hashes. */
  private static final class Buckets implements Iterator<Tuple2<Integer, Ids>> {
    private static final int MOST = 1 << 20;
    private static final int LEAST = 16;

    private final Iterator<Example> rows;
    private final int table;
    private final long[][] open;
    private final int[] counts;
    private int next;
    private int held;

    Buckets(Iterator<Example> rows, int table, int buckets) {
      this.rows = rows;
      this.table = table;
      this.open = new long[buckets][];
      this.counts = new int[buckets];
      this.next = buckets;
    }

    @Override
    public boolean hasNext() {
      while (true) {
        while (next < open.length && open[next] == null) {
          next++;
        }
        if (next < open.length) {
          return true;
        }
        if (!rows.hasNext()) {
          return false;
        }
        fill();
      }
    }

    private void fill() {
      for (held = 0; held < MOST && rows.hasNext(); held++) {
        long id = rows.next().id();
        int to = (int) Long.remainderUnsigned(RowHash.of(0, 0, id), open.length);
        if (open[to] == null) {
          open[to] = new long[LEAST];
          counts[to] = 0;
        } else if (counts[to] == open[to].length) {
          open[to] = Arrays.copyOf(open[to], 2 * counts[to]);
        }
        open[to][counts[to]++] = id;
      }
      next = 0;
    }

    @Override
    public Tuple2<Integer, Ids> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      long[] ids = Arrays.copyOf(open[next], counts[next]);
      open[next] = null;
      return new Tuple2<>(next++, new Ids(table, ids));
    }
  }

  private static IdCheck count(Iterator<Tuple2<Integer, Ids>> in, int tables) {
    TreeMap<Integer, List<long[]>> byTable = new TreeMap<>();
    while (in.hasNext()) {
      Ids some = in.next()._2();
      byTable.computeIfAbsent(some.table, k -> new ArrayList<>()).add(some.ids);
    }
    IdCheck check = new IdCheck(tables);
    long[][] distinct = new long[tables][];
    for (int k = 0; k < tables; k++) {
      distinct[k] = check.distinct(k, byTable.getOrDefault(k, List.of()));
      for (int l = 0; l < k; l++) {
        check.shared[l][k] += inBoth(distinct[l], distinct[k]);
      }
    }
    return check;
  }

  /** The different ids of a table in rising order; those that come twice are counted. */
  private long[] distinct(int table, List<long[]> some) {
    long[] ids = some.stream().flatMapToLong(Arrays::stream).toArray();
    Arrays.sort(ids);
    int count = 0;
    for (int i = 0; i < ids.length; ) {
      int from = i;
      while (i < ids.length && ids[i] == ids[from]) {
        i++;
      }
      if (i - from > 1) {
        addDuplicate(table, Long.toString(ids[from]));
      }
      ids[count++] = ids[from];
    }
    return Arrays.copyOf(ids, count);
  }

  private static long inBoth(long[] a, long[] b) {
    long both = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      int order = Long.compare(a[i], b[j]);
      both += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return both;
  }

  private void addDuplicate(int table, String id) {
    duplicates[table]++;
    example[table] = smaller(example[table], id);
  }

  /** Adds counts of two bits each, which stop at 2. */
  private static int add(int a, int b, int tables) {
    int sum = 0;
    for (int k = 0; k < tables; k++) {
      int shift = 2 * k;
      sum |= Math.min(2, (a >> shift & 3) + (b >> shift & 3)) << shift;
    }
    return sum;
  }

  private static IdCheck countTexts(Iterator<Tuple2<String, Integer>> ids, int tables) {
    IdCheck check = new IdCheck(tables);
    while (ids.hasNext()) {
      Tuple2<String, Integer> id = ids.next();
      for (int k = 0; k < tables; k++) {
        int times = id._2() >> 2 * k & 3;
        if (times > 1) {
          check.addDuplicate(k, id._1());
        }
        for (int l = k + 1; l < tables; l++) {
          if (times > 0 && (id._2() >> 2 * l & 3) > 0) {
            check.shared[k][l]++;
          }
        }
      }
    }
    return check;
  }

  private static String smaller(String a, String b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.length() < b.length() || a.length() == b.length() && a.compareTo(b) < 0 ? a : b;
  }

  private void merge(IdCheck other) {
    for (int k = 0; k < duplicates.length; k++) {
      duplicates[k] += other.duplicates[k];
      example[k] = smaller(example[k], other.example[k]);
      for (int l = 0; l < duplicates.length; l++) {
        shared[k][l] += other.shared[k][l];
      }
    }
  }

  /** Throws for the first table with an id that comes twice. */
  void requireUnique(List<Table> tables) {
    for (int k = 0; k < duplicates.length; k++) {
      if (duplicates[k] > 0) {
        throw new DataException(
            tables.get(k).origin()
                + " has "
                + duplicates[k]
                + " duplicate ids, the first "
                + Names.quote(example[k])
                + ", expected a different id in every row; remove the copies or choose another id");
      }
    }
  }

  /** A notice for each pair of tables that share ids of a column. */
  List<Notice> overlaps(List<Table> tables, String column) {
    List<Notice> notices = new ArrayList<>();
    for (int k = 0; k < duplicates.length; k++) {
      for (int l = k + 1; l < duplicates.length; l++) {
        if (shared[k][l] > 0) {
          notices.add(
              new Notice(
                  Notice.Code.IDS_SHARED,
                  tables.get(k).origin()
                      + " and "
                      + tables.get(l).origin()
                      + " share "
                      + shared[k][l]
                      + " ids in the column '"
                      + column
                      + "'; a row that is trained on and trusted makes the result look too good",
                  shared[k][l]));
        }
      }
    }
    return notices;
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
    JavaPairRDD<String, Integer> all = null;
    for (int k = 0; k < tables.size(); k++) {
      int one = 1 << 2 * k;
      JavaPairRDD<String, Integer> ids =
          tables.get(k).examples().mapToPair(row -> new Tuple2<>(row.displayId(), one));
      all = all == null ? ids : all.union(ids);
    }
    int n = tables.size();
    IdCheck sum = new IdCheck(n);
    if (all != null) {
      JavaRDD<Tuple2<String, Integer>> counts =
          JavaRDD.fromRDD(all.reduceByKey((a, b) -> add(a, b, n)).rdd(), all.classTag());
      PerPartition.collect(counts, in -> count(in, n)).forEach(sum::merge);
    }
    return sum;
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

  private static IdCheck count(Iterator<Tuple2<String, Integer>> ids, int tables) {
    IdCheck check = new IdCheck(tables);
    while (ids.hasNext()) {
      Tuple2<String, Integer> id = ids.next();
      for (int k = 0; k < tables; k++) {
        int times = id._2() >> 2 * k & 3;
        if (times > 1) {
          check.duplicates[k]++;
          check.example[k] = smaller(check.example[k], id._1());
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

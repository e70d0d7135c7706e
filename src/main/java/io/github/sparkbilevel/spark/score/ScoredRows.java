package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.Iterator;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Training rows beside their scores. */
public final class ScoredRows {
  private ScoredRows() {}

  /** A row, or a part of it, and its score. */
  public record Scored<R>(R row, RowScore score) {}

  /**
   * Brings rows to their scores, in rising order of the ids within each partition: the scores stay
   * where they are, and no partition is held in memory.
   *
   * @param blocks where the scores were made
   * @param rows the row of each score, by its id; see {@link PartitionedData#beside}
   */
  public static <R> JavaRDD<Scored<R>> of(
      PartitionedData blocks, JavaPairRDD<Long, R> rows, JavaRDD<RowScore> scores) {
    return blocks.beside(rows).zipPartitions(scores, Pairs::new);
  }

  /** Both sides rise by the same ids. */
  private static final class Pairs<R> implements Iterator<Scored<R>> {
    private final Iterator<Tuple2<Long, R>> rows;
    private final Iterator<RowScore> scores;

    Pairs(Iterator<Tuple2<Long, R>> rows, Iterator<RowScore> scores) {
      this.rows = rows;
      this.scores = scores;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext() || scores.hasNext();
    }

    @Override
    public Scored<R> next() {
      Tuple2<Long, R> row = rows.next();
      RowScore score = scores.next();
      if (row._1() != score.id()) {
        throw new IllegalStateException(
            ("the rows differ from those that were scored: found the id %d, expected %d; did the"
                    + " input change during the run?")
                .formatted(row._1(), score.id()));
      }
      return new Scored<>(row._2(), score);
    }
  }
}

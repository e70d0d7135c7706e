package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.block.DataException;
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
   * <p>Reading it throws a {@link DataException} where the rows are not those that were scored.
   *
   * @param blocks where the scores were made
   * @param rows the row of each score, by its id; see {@link PartitionedData#beside}
   */
  public static <R> JavaRDD<Scored<R>> of(
      PartitionedData blocks, JavaPairRDD<Long, R> rows, JavaRDD<RowScore> scores) {
    return blocks.beside(rows).zipPartitions(scores, Pairs::new);
  }

  /**
   * The same where the rows may be more than those that were scored; the others are left out.
   *
   * @param rows as for {@link #of}; of rows with one id, the first
   */
  public static <R> JavaRDD<Scored<R>> among(
      PartitionedData blocks, JavaPairRDD<Long, R> rows, JavaRDD<RowScore> scores) {
    return blocks.beside(rows).zipPartitions(scores, Found::new);
  }

  /** Both sides rise by their ids; those of the scores are among those of the rows. */
  private record Found<R>(Iterator<Tuple2<Long, R>> rows, Iterator<RowScore> scores)
      implements Iterator<Scored<R>> {
    @Override
    public boolean hasNext() {
      return scores.hasNext();
    }

    @Override
    public Scored<R> next() {
      RowScore score = scores.next();
      while (rows.hasNext()) {
        Tuple2<Long, R> row = rows.next();
        if (row._1() == score.id()) {
          return new Scored<>(row._2(), score);
        }
      }
      throw changed("no row with the id %d, which was scored".formatted(score.id()));
    }
  }

  private static DataException changed(String found) {
    return new DataException(
        "the training rows changed during the run: found %s; run it again on data that stands still"
            .formatted(found));
  }

  /** Both sides rise by the same ids. */
  private record Pairs<R>(Iterator<Tuple2<Long, R>> rows, Iterator<RowScore> scores)
      implements Iterator<Scored<R>> {
    @Override
    public boolean hasNext() {
      return rows.hasNext() || scores.hasNext();
    }

    @Override
    public Scored<R> next() {
      if (!rows.hasNext() || !scores.hasNext()) {
        throw changed("%s rows than were scored".formatted(rows.hasNext() ? "more" : "fewer"));
      }
      Tuple2<Long, R> row = rows.next();
      RowScore score = scores.next();
      if (row._1() != score.id()) {
        throw changed("the row id %d in place of %d".formatted(row._1(), score.id()));
      }
      return new Scored<>(row._2(), score);
    }
  }
}

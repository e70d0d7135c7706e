package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ml.ReviewSample.Pick;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.score.RowScore;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class ReviewSampleTest {
  private static final int ROWS = 400;
  private static final int PICKS = 40;

  /** Every tenth row is in doubt. */
  private static final LongToDoubleFunction QUALITY = id -> id % 10 == 0 ? 0.3 : 0.99;

  private static List<Pick> picks(
      LongToDoubleFunction quality, int partitions, int rows, int seed) {
    JavaRDD<RowScore> scores =
        JavaSparkContext.fromSparkContext(TestSpark.session().sparkContext())
            .parallelize(
                LongStream.range(0, ROWS)
                    .mapToObj(id -> score(id, quality.applyAsDouble(id)))
                    .toList(),
                partitions);
    return ReviewSample.of(scores, rows, seed).picks();
  }

  private static RowScore score(long id, double quality) {
    return new RowScore(
        id,
        0,
        Double.NaN,
        new RowScore.Learned(1, Double.NaN),
        new RowScore.Judged(new double[] {quality}, new double[] {0}, false, new double[0]));
  }

  private static List<Long> ids(List<Pick> picks) {
    return picks.stream().map(pick -> pick.score().id()).toList();
  }

  @Test
  void rowsInDoubtArePickedMoreOftenAndWeighLess() {
    double doubt = 0;
    double weights = 0;
    double inDoubt = 0;
    int draws = 40;
    for (int seed = 0; seed < draws; seed++) {
      List<Pick> picks = picks(QUALITY, 2, PICKS, seed);
      assertEquals(PICKS, ids(picks).stream().distinct().count());
      for (Pick pick : picks) {
        assertTrue(pick.weight() < 2, pick::toString);
        boolean tenth = pick.score().id() % 10 == 0;
        doubt += tenth ? 1 : 0;
        weights += pick.weight();
        inDoubt += tenth ? pick.weight() : 0;
      }
    }
    // u is .77 for 40 rows and .0248 for 360: of 40 picks, ½ (4 + 31.0) are expected among the 40.
    assertEquals(0.5 * (4 + 40 * 0.77 / (0.77 + 9 * 0.0248)), doubt / draws, 0.8);
    // What the weights are for: totals over the picks are those over all rows.
    assertEquals(1, weights / draws / PICKS, 0.03);
    assertEquals(0.1, inDoubt / draws / PICKS, 0.01);
  }

  @Test
  void picksFollowFromTheSeedAndTheIdsAlone() {
    List<Long> picked = ids(picks(QUALITY, 1, PICKS, 7));
    assertEquals(picked, ids(picks(QUALITY, 5, PICKS, 7)));
    assertNotEquals(picked, ids(picks(QUALITY, 1, PICKS, 8)));
    List<Pick> picks = picks(QUALITY, 1, PICKS, 7);
    assertEquals(picks, picks.stream().sorted(Comparator.comparingDouble(Pick::order)).toList());
  }

  @Test
  void withoutDoubtEveryRowIsAsLikely() {
    picks(id -> 1, 2, PICKS, 3).forEach(pick -> assertEquals(1, pick.weight(), 1e-12));
    List<Pick> all = picks(QUALITY, 2, ROWS + 1, 3);
    assertEquals(ROWS, ids(all).stream().distinct().count());
    all.forEach(pick -> assertEquals(1, pick.weight()));
  }

  @Test
  void rowsFarMoreInDoubtThanOthersAreCertain() {
    List<Pick> picks = picks(id -> id < 3 ? 0.4 : 1, 2, PICKS, 3);
    List<Long> ids = ids(picks);
    assertTrue(ids.containsAll(List.of(0L, 1L, 2L)));
    for (Pick pick : picks) {
      // The others share 37 picks among 397 rows.
      double p = pick.score().id() < 3 ? 1 : 37 / 397.0;
      assertEquals(PICKS / (ROWS * p), pick.weight(), 1e-9);
    }
  }
}

package io.github.sparkbilevel.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Tuple2;

class TrustedSplitTest {

  private static double labelOf(long id) {
    return Math.floorMod(id * id, 7) % 4;
  }

  private static JavaPairRDD<Long, Double> labels(int rows, int partitions) {
    return TestSpark.context()
        .parallelize(LongStream.range(0, rows).mapToObj(i -> 3 * i + 5).toList(), partitions)
        .mapToPair(id -> new Tuple2<>(id, labelOf(id)));
  }

  /** Place of each row by its id. */
  private static Map<Long, Integer> places(int rows, double heldOut, int folds, long seed) {
    TrustedSplit split = TrustedSplit.of(labels(rows, 3), rows, heldOut, folds, seed);
    Map<Long, Integer> places = new TreeMap<>();
    for (int i = 0; i < rows; i++) {
      long id = 3L * i + 5;
      places.put(id, split.placeOf(id));
    }
    return places;
  }

  private static long count(Map<Long, Integer> places, int place) {
    return places.values().stream().filter(p -> p == place).count();
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 10, 30, 100, 301})
  void holdsOutTheShareAskedForToTheRow(int rows) {
    for (double share : new double[] {0, 0.1, 0.3333, 0.5}) {
      Map<Long, Integer> places = places(rows, share, 2, 42);
      assertEquals(
          (long) Math.floor(rows * share + 0.5), count(places, TrustedSplit.HELD_OUT), "" + share);
      assertTrue(Math.abs(count(places, 0) - count(places, 1)) <= 1, "even folds");
    }
  }

  @Test
  void everyClassIsSpreadEvenly() {
    Map<Long, Integer> places = places(200, 0.3, 3, 42);
    for (double label = 0; label < 4; label++) {
      double wanted = label;
      long ofClass = places.keySet().stream().filter(id -> labelOf(id) == wanted).count();
      for (int place = TrustedSplit.HELD_OUT; place < 3; place++) {
        int there = place;
        double share = place == TrustedSplit.HELD_OUT ? 0.3 : 0.7 / 3;
        long rows =
            places.entrySet().stream()
                .filter(e -> e.getValue() == there && labelOf(e.getKey()) == wanted)
                .count();
        assertTrue(Math.abs(rows - share * ofClass) <= 2, label + " in " + place + ": " + rows);
      }
    }
  }

  @Test
  void dependsOnSeedAndIdsAlone() {
    Map<Long, Integer> first = places(100, 0.3333, 2, 1);
    assertEquals(first, places(100, 0.3333, 2, 1));
    TrustedSplit other = TrustedSplit.of(labels(100, 7), 100, 0.3333, 2, 1);
    first.forEach((id, place) -> assertEquals(place, other.placeOf(id)));
    assertTrue(!first.equals(places(100, 0.3333, 2, 2)), "another seed, another cut");
  }

  @Test
  void theOrderOfTheClassesDoesNotMatter() {
    TrustedSplit other =
        TrustedSplit.of(labels(100, 3).mapValues(label -> 7 - label), 100, 0.3333, 2, 1);
    places(100, 0.3333, 2, 1).forEach((id, place) -> assertEquals(place, other.placeOf(id)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void everyFoldOfATinySetHasARowWherePossible(int rows) {
    for (double share : new double[] {0, 0.1, 0.3333, 0.5, 0.7, 0.9}) {
      for (int folds = 1; folds <= 3; folds++) {
        Map<Long, Integer> places = places(rows, share, folds, 42);
        for (int fold = 0; fold < Math.min(rows, folds); fold++) {
          assertTrue(
              count(places, fold) >= 1,
              "rows %d, share %s, fold %d of %d".formatted(rows, share, fold, folds));
        }
      }
    }
  }

  @Test
  void manyRowsAreDrawnByTheirHash() {
    long many = TrustedSplit.MOST_DEALT + 1;
    // The labels are not even looked at.
    TrustedSplit split = TrustedSplit.of(labels(0, 1), many, 0.3, 2, 42);
    TrustedSplit again = TrustedSplit.of(labels(0, 1), many, 0.3, 2, 42);
    int[] rows = new int[3];
    for (long id = 0; id < 20_000; id++) {
      rows[split.placeOf(id) + 1]++;
      assertEquals(split.placeOf(id), again.placeOf(id));
    }
    assertEquals(0.3, rows[0] / 20_000.0, 0.015);
    assertEquals(0.35, rows[1] / 20_000.0, 0.015);
    assertEquals(0.35, rows[2] / 20_000.0, 0.015);
  }

  @Test
  void figuresAreChecked() {
    for (double share : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class, () -> TrustedSplit.of(labels(3, 1), 3, share, 2, 1));
    }
    assertThrows(IllegalArgumentException.class, () -> TrustedSplit.of(labels(3, 1), 3, 0.1, 0, 1));
  }
}

package io.github.sparkbilevel.spark.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Tuple2;

class RankingTest {

  private static Ranking rank(List<Tuple2<Double, Boolean>> rows, int partitions) {
    List<Ranking> rankings =
        Ranking.of(
            TestSpark.context().parallelize(rows, partitions),
            row -> new double[] {row._1()},
            Tuple2::_2,
            1);
    assertEquals(1, rankings.size());
    return rankings.get(0);
  }

  /** Share of pairs of a bad and a good row of which the bad one scores lower; ties count half. */
  private static double auroc(List<Tuple2<Double, Boolean>> rows) {
    double won = 0;
    double pairs = 0;
    for (Tuple2<Double, Boolean> bad : rows) {
      for (Tuple2<Double, Boolean> good : rows) {
        if (bad._2() && !good._2()) {
          pairs++;
          int order = Double.compare(bad._1(), good._1());
          won += order < 0 ? 1 : order == 0 ? 0.5 : 0;
        }
      }
    }
    return won / pairs;
  }

  /** Mean over the bad rows of the share of bad rows among those that score no higher. */
  private static double averagePrecision(List<Tuple2<Double, Boolean>> rows) {
    double sum = 0;
    double bad = 0;
    for (Tuple2<Double, Boolean> row : rows) {
      if (row._2()) {
        bad++;
        double below = rows.stream().filter(other -> other._1() <= row._1()).count();
        double badBelow =
            rows.stream().filter(other -> other._2() && other._1() <= row._1()).count();
        sum += badBelow / below;
      }
    }
    return sum / bad;
  }

  @ParameterizedTest
  @CsvSource({"200, 1000000, 3", "200, 7, 4", "50, 2, 1", "90, 1, 5", "30, 40, 16"})
  void equalsTheCountOverAllPairs(int count, int distinct, int partitions) {
    Random random = new Random(count + distinct);
    List<Tuple2<Double, Boolean>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean bad = random.nextInt(3) == 0;
      int score = random.nextInt(distinct) - (bad ? distinct / 4 : 0);
      rows.add(new Tuple2<>(score / 8.0, bad));
    }
    Ranking ranking = rank(rows, partitions);
    assertEquals(auroc(rows), ranking.auroc(), 1e-13);
    assertEquals(averagePrecision(rows), ranking.averagePrecision(), 1e-13);
  }

  @Test
  void severalScoresAreRankedEachOnItsOwn() {
    Random random = new Random(9);
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(new double[] {random.nextInt(5), random.nextGaussian(), i, random.nextInt(2)});
    }
    List<Ranking> together =
        Ranking.of(
            TestSpark.context().parallelize(rows, 3),
            row -> new double[] {row[0], row[1], row[2]},
            row -> row[3] == 1,
            3);
    assertEquals(3, together.size());
    for (int r = 0; r < 3; r++) {
      List<Tuple2<Double, Boolean>> alone = new ArrayList<>();
      for (double[] row : rows) {
        alone.add(new Tuple2<>(row[r], row[3] == 1));
      }
      assertEquals(auroc(alone), together.get(r).auroc(), 1e-13);
      assertEquals(averagePrecision(alone), together.get(r).averagePrecision(), 1e-13);
    }
  }

  @Test
  void perfectAndReversedScores() {
    List<Tuple2<Double, Boolean>> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(new Tuple2<>((double) i, i < 5));
    }
    assertEquals(new Ranking(1, 1), rank(rows, 3));
    rows.replaceAll(row -> new Tuple2<>(-row._1(), row._2()));
    assertEquals(0, rank(rows, 3).auroc());
  }

  @Test
  void rowsOfOneKindHaveNoArea() {
    List<Tuple2<Double, Boolean>> bad = List.of(new Tuple2<>(1.0, true), new Tuple2<>(2.0, true));
    assertTrue(Double.isNaN(rank(bad, 2).auroc()));
    assertEquals(1, rank(bad, 2).averagePrecision());
    List<Tuple2<Double, Boolean>> good = List.of(new Tuple2<>(1.0, false));
    assertTrue(Double.isNaN(rank(good, 1).auroc()));
    assertTrue(Double.isNaN(rank(good, 1).averagePrecision()));
  }

  @Test
  void nothingStaysCached() {
    rank(List.of(new Tuple2<>(1.0, true), new Tuple2<>(2.0, false)), 2);
    assertTrue(TestSpark.context().getPersistentRDDs().isEmpty());
  }
}

package io.github.sparkbilevel.spark.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import scala.Tuple2;

class RankingTest {

  private static Ranking rank(List<Tuple2<Double, Boolean>> rows, int partitions) {
    return rank(rows, rows.size(), partitions);
  }

  private static Ranking rank(List<Tuple2<Double, Boolean>> rows, long n, int partitions) {
    List<Ranking> rankings =
        Ranking.of(
            TestSpark.context().parallelize(rows, partitions),
            n,
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
            rows.size(),
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

  /** Rows of which next to none are drawn share two or three cells, in which the bound holds. */
  @Test
  void manyRowsAreRankedByTheCellsOfThoseDrawn() {
    List<Tuple2<Double, Boolean>> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      rows.add(new Tuple2<>((double) (i % 2), i % 3 == 0));
    }
    assertEquals(auroc(rows), rank(rows, 20 * Ranking.EXACT, 3).auroc(), 0.5);
    // Two scores that fill cells are told apart however few cells there are.
    assertEquals(auroc(rows), rank(rows, Ranking.EXACT + 1, 3).auroc(), 1e-13);
  }

  /** Where scores may lie, and which rows are bad. */
  private enum Shape {
    UNIFORM((random, bad) -> Math.max(0, random.nextDouble() - (bad ? 0.1 : 0))),
    LOGITS((random, bad) -> 1 / (1 + Math.exp(-3 * random.nextGaussian() - (bad ? -2 : 4)))),
    NEAR_ONE((random, bad) -> 1 - Math.exp(-20 - 5 * random.nextDouble() - (bad ? 0 : 1))),
    NEAR_ZERO((random, bad) -> Math.pow(10, -300 * random.nextDouble() - (bad ? 1 : 0))),
    SUBNORMAL((random, bad) -> Double.MIN_VALUE * (random.nextInt(3_000_000) + (bad ? 0 : 1e6))),
    ONE_ULP((random, bad) -> 1 - Math.ulp(0.5) * random.nextInt(bad ? 3 : 4)),
    ONE_VALUE((random, bad) -> 0.25),
    HALF_TIED((random, bad) -> random.nextInt(2) == 0 ? 1 : random.nextDouble() - (bad ? 0.5 : 0)),
    TIES_OF_ALL_SIZES((random, bad) -> Math.floor(Math.log(random.nextDouble()) - (bad ? 1 : 0))),
    INFINITE((random, bad) -> 1 / (random.nextInt(bad ? 5 : 9) * (bad ? 0.0 : -1.0))),
    RARE((random, bad) -> random.nextDouble(), 1e-5),
    RARE_AND_TOGETHER((random, bad) -> bad ? 0.3 : random.nextDouble(), 1e-5),
    ALL_BAD((random, bad) -> random.nextDouble(), 1);

    private final BiFunction<Random, Boolean, Double> score;
    private final double share;

    Shape(BiFunction<Random, Boolean, Double> score) {
      this(score, 0.3);
    }

    Shape(BiFunction<Random, Boolean, Double> score, double share) {
      this.score = score;
      this.share = share;
    }
  }

  /** The cells of as many rows as are drawn, times ten, against all their scores. */
  @ParameterizedTest
  @EnumSource
  void cellsBoundTheErrorWhereverScoresCrowd(Shape shape) {
    Random random = new Random(shape.ordinal());
    int n = 10 * Ranking.DRAWN;
    double[][] scores = new double[2][n];
    int[] sizes = new int[2];
    double[] drawn = new double[n];
    int size = 0;
    for (int i = 0; i < n; i++) {
      boolean bad = i == 0 || random.nextDouble() < shape.share;
      int kind = bad ? 1 : 0;
      double score = shape.score.apply(random, bad);
      scores[kind][sizes[kind]++] = score;
      if (random.nextInt(10) == 0) {
        drawn[size++] = score;
      }
    }
    double[] bad = Arrays.copyOf(scores[1], sizes[1]);
    double[] good = Arrays.copyOf(scores[0], sizes[0]);
    double[][] all = Ranking.sum(Ranking.cells(bad, true, null), Ranking.cells(good, false, null));
    double[] bounds = Ranking.bounds(Arrays.copyOf(drawn, size));
    double[][] cells =
        Ranking.sum(Ranking.cells(bad, true, bounds), Ranking.cells(good, false, bounds));
    double[] exact = Ranking.areas(all);
    double[] found = Ranking.areas(cells);
    assertTrue(cells[0].length <= 1 << 16, "few cells");
    if (good.length == 0) {
      assertTrue(Double.isNaN(found[0]));
      assertEquals(1, found[1]);
      return;
    }
    double bound = 0;
    for (int c = 0; c < cells[0].length; c++) {
      bound += cells[1][c] * cells[2][c] / (2.0 * bad.length * good.length);
    }
    // A score of its own cell is exact, and part of the bound all the same.
    boolean tied = shape == Shape.ONE_VALUE || all[0].length < 1000 || shape == Shape.HALF_TIED;
    assertTrue(tied || bound < 1e-4, "bound " + bound);
    assertEquals(exact[0], found[0], Math.min(bound, 1e-4) + 1e-12);
    assertEquals(exact[1], found[1], 1e-3);
    if (all[0].length < 1000) {
      assertEquals(exact[0], found[0], 1e-6, "scores that fill cells are told apart");
    }
  }

  @Test
  void cellsAddUpInAnyOrder() {
    double[] bounds = Ranking.bounds(new Random(1).doubles(1000).toArray());
    double[][] a = Ranking.cells(new Random(2).doubles(500).toArray(), true, bounds);
    double[][] b = Ranking.cells(new Random(3).doubles(700).toArray(), false, bounds);
    double[][] c = Ranking.cells(new Random(4).doubles(900).toArray(), false, bounds);
    assertArrayEquals(Ranking.sum(Ranking.sum(a, b), c), Ranking.sum(a, Ranking.sum(c, b)));
  }

  @Test
  void nothingStaysCached() {
    rank(List.of(new Tuple2<>(1.0, true), new Tuple2<>(2.0, false)), 2);
    assertTrue(TestSpark.context().getPersistentRDDs().isEmpty());
  }
}

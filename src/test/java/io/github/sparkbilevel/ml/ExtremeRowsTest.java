package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.spark.score.RowScore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtremeRowsTest {
  private static RowScore row(long id, double quality, double influence) {
    double[] one = {quality};
    return new RowScore(
        id,
        0,
        0,
        new RowScore.Learned((id % 7 + 1) / 7.0, influence),
        new RowScore.Judged(one, new double[1], false, new double[0]));
  }

  private static List<Long> ids(List<RowScore> rows) {
    return rows.stream().map(RowScore::id).toList();
  }

  private static List<Long> first(List<RowScore> rows, int most, Comparator<RowScore> order) {
    return ids(rows.stream().sorted(order.thenComparingLong(RowScore::id)).limit(most).toList());
  }

  @Test
  void theFirstOfEachOrderAreKeptWhateverTheOrderTheyCameIn() {
    List<RowScore> rows = new ArrayList<>();
    Random random = new Random(5);
    for (int id = 0; id < 300; id++) {
      // Ties, as many rows have.
      rows.add(row(id, random.nextInt(40) / 40.0, (random.nextInt(60) - 30) / 30.0));
    }
    List<Long> worst = first(rows, 50, Comparator.comparingDouble(row -> row.quality()[0]));
    Comparator<RowScore> byHarm = Comparator.comparingDouble(row -> -row.influence());
    List<Long> harmful = first(rows, 20, byHarm);
    Comparator<RowScore> byEffect =
        Comparator.comparingDouble(row -> row.weight() * row.influence());
    List<Long> helpful = first(rows, 20, byEffect);
    for (int round = 0; round < 3; round++) {
      Collections.shuffle(rows, random);
      ExtremeRows.Finder left = new ExtremeRows.Finder();
      ExtremeRows.Finder right = new ExtremeRows.Finder();
      rows.forEach(row -> (row.id() % 3 == 0 ? left : right).add(row));
      left.merge(right);
      ExtremeRows found = left.found();
      assertEquals(worst, ids(found.worst()));
      assertEquals(harmful, ids(found.harmful()));
      assertEquals(helpful, ids(found.helpful()));
      assertEquals(90, found.all().count());
    }
  }

  @Test
  void rowsWithoutInfluenceAreNeitherHarmfulNorHelpful() {
    ExtremeRows.Finder finder = new ExtremeRows.Finder();
    finder.add(row(1, 0.5, Double.NaN));
    finder.add(row(2, 0.25, 0));
    ExtremeRows found = finder.found();
    assertEquals(List.of(2L, 1L), ids(found.worst()));
    assertEquals(List.of(), found.harmful());
    assertEquals(List.of(), found.helpful());
  }
}

package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Reliability;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReliabilitiesTest {
  private static final int CLASSES = 3;
  private static final int SQUARE = CLASSES * CLASSES;
  private static final int GROUPS = 10;
  private static final int DRAWS = 300;

  /** Counts of groups whose labels are right with these probabilities, else of another class. */
  private static double[] counts(Random random, double[] right, int rowsOfGroup) {
    double[] counts = new double[right.length * SQUARE];
    for (int g = 0; g < right.length; g++) {
      for (int i = 0; i < rowsOfGroup; i++) {
        int k = random.nextInt(CLASSES);
        boolean isRight = random.nextDouble() < right[g];
        int l = isRight ? k : (k + 1 + random.nextInt(CLASSES - 1)) % CLASSES;
        counts[g * SQUARE + k * CLASSES + l]++;
      }
    }
    return counts;
  }

  @ParameterizedTest
  @CsvSource({
    "0.05, 0.9, 40",
    "0.05, 0.9, 400",
    "0.8, 0.02, 40",
    "0.7, 0, 100",
    "0.75, 0.1, 40",
    "0.6, 0.35, 60"
  })
  void theTruthLiesInNearlyAllIntervals(double least, double spread, int rows) {
    Random random = new Random(5);
    int inside = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      double[] right = random.doubles(GROUPS).map(u -> least + spread * u).toArray();
      List<Reliability> all = Reliabilities.of(CLASSES, counts(random, right, rows));
      for (int g = 0; g < GROUPS; g++) {
        Reliability found = all.get(g);
        assertTrue(found.low() < found.mean() && found.mean() < found.high());
        inside += found.low() <= right[g] && right[g] <= found.high() ? 1 : 0;
      }
    }
    double share = inside / (double) (DRAWS * GROUPS);
    assertTrue(share > 0.925 && share < 0.999, "share inside " + share);
  }

  @Test
  void groupsThatAreAlikeLearnFromEachOther() {
    double[] one = {20, 5, 5, 5, 20, 5, 5, 5, 20};
    double[] four = Vectors.join(one, one, one, one);
    double[] apart = Vectors.join(one, new double[] {30, 0, 0, 0, 30, 0, 0, 0, 30});
    Reliability alike = Reliabilities.of(CLASSES, four).get(0);
    Reliability alone = Reliabilities.of(CLASSES, apart).get(0);
    assertTrue(alike.high() - alike.low() < 0.7 * (alone.high() - alone.low()));
    assertEquals(2 / 3.0, alike.mean(), 0.01);
  }

  @Test
  void matricesByGroupSayHowReliableTheGroupsAre() {
    double[] counts = counts(new Random(6), new double[] {0.9, 0.3}, 200);
    Confusion confusion = NoiseCounts.confusion(CLASSES, counts, null);
    assertEquals(Reliabilities.of(CLASSES, counts), confusion.reliabilities());
    assertEquals(List.of(), Confusion.ofMatrices(CLASSES, confusion.matrices()).reliabilities());
  }
}

package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels confused by a random sparse matrix. */
class SparseConfusionTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final int DRAWS = 20_000;

  @TempDir Path folder;

  /** The targets of a class with their shares. */
  private static Map<Integer, Double> targets(SparseConfusion confusion, int k) {
    Map<Integer, Double> shares = new TreeMap<>();
    for (int i = 0; i < DRAWS; i++) {
      shares.merge(confusion.target(k, i / (double) DRAWS), 1.0 / DRAWS, Double::sum);
    }
    return shares;
  }

  @ParameterizedTest
  @CsvSource({"2, 0.4", "3, 0.1", "10, 0.4", "10, 0.9", "100, 0.5"})
  void ratesSpreadAroundTheFraction(int classes, double fraction) {
    SparseConfusion confusion = SparseConfusion.draw(classes, fraction, 7);
    double[] rates = new double[classes];
    Arrays.setAll(rates, confusion::rate);
    assertEquals(fraction, Arrays.stream(rates).average().orElseThrow(), 1e-12);
    Arrays.sort(rates);
    double width = Math.min(fraction, 1 - fraction) / 5;
    for (int j = 0; j < classes; j++) {
      assertEquals(fraction - width + 2 * width * j / (classes - 1), rates[j], 1e-12);
    }
  }

  @Test
  void aClassGoesToOneToThreeOthersWithSharesOfItsOwn() {
    Set<Integer> counts = new HashSet<>();
    Set<Integer> reached = new HashSet<>();
    List<Double> firstShares = new ArrayList<>();
    for (int seed = 0; seed < 5; seed++) {
      SparseConfusion confusion = SparseConfusion.draw(10, 0.4, seed);
      for (int k = 0; k < 10; k++) {
        Map<Integer, Double> shares = targets(confusion, k);
        counts.add(shares.size());
        reached.addAll(shares.keySet());
        assertTrue(!shares.containsKey(k) && shares.size() <= 3, k + ": " + shares);
        firstShares.addAll(shares.values());
      }
    }
    assertEquals(Set.of(1, 2, 3), counts);
    assertEquals(10, reached.size());
    assertTrue(new HashSet<>(firstShares).size() > 50);
  }

  @Test
  void fewClassesHaveFewTargets() {
    for (int seed = 0; seed < 20; seed++) {
      SparseConfusion two = SparseConfusion.draw(2, 0.3, seed);
      assertEquals(Set.of(1), targets(two, 0).keySet());
      assertEquals(Set.of(0), targets(two, 1).keySet());
    }
  }

  private Map<Long, String> labels(List<String> rows, double fraction, long seed) {
    String path = TestFiles.text(folder, "t.csv", "id,label,x\n" + String.join("", rows));
    Map<Long, String> labels = new TreeMap<>();
    try (PreparedTables tables =
        PreparedTables.load(
            SPARK,
            new PreparedTables.Request(
                TableSpec.of(path).withId("id"),
                SplitSpec.rows(10),
                null,
                new Corruption(Corruption.Kind.CLASS_DEPENDENT, fraction, seed),
                1,
                true))) {
      for (Example row : tables.train().examples().collect()) {
        assertEquals("c" + row.id() % 4, row.truth());
        labels.put(row.id(), row.label());
      }
    }
    return labels;
  }

  @Test
  void rowsFollowTheMatrixOfTheSeedInAnyOrder() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      rows.add("%d,c%d,%d\n".formatted(i, i % 4, i * 31 % 17));
    }
    Map<Long, String> labels = labels(rows, 0.4, 7);
    SparseConfusion confusion = SparseConfusion.draw(4, 0.4, 7);
    for (int k = 0; k < 4; k++) {
      Map<Integer, Double> targets = targets(confusion, k);
      for (int l = 0; l < 4; l++) {
        int from = k;
        String to = "c" + l;
        long moved =
            labels.entrySet().stream()
                .filter(row -> row.getKey() % 4 == from && row.getValue().equals(to))
                .count();
        double rate = confusion.rate(k);
        double expected = k == l ? 1 - rate : rate * targets.getOrDefault(l, 0.0);
        // Four standard errors of a share of a thousand rows.
        assertEquals(expected, moved / 1000.0, 0.065, k + " to " + l);
      }
    }
    Collections.shuffle(rows, new Random(1));
    assertEquals(labels, labels(rows, 0.4, 7));
    assertNotEquals(labels, labels(rows, 0.4, 8));
    assertTrue(labels(rows, 1, 7).entrySet().stream().noneMatch(SparseConfusionTest::isRight));
  }

  private static boolean isRight(Map.Entry<Long, String> row) {
    return row.getValue().equals("c" + row.getKey() % 4);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.5, Double.NaN})
  void aWrongFractionIsRefused(double fraction) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Corruption(Corruption.Kind.CLASS_DEPENDENT, fraction, 7))
            .getMessage();
    assertTrue(message.startsWith("data.corrupt.fraction = " + fraction), message);
  }

  @Test
  void theKindIsFoundByItsWord() {
    assertEquals(Corruption.Kind.CLASS_DEPENDENT, Corruption.Kind.of("class-dependent"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Corruption.Kind.of("random"))
            .getMessage();
    assertTrue(message.contains("class-dependent"), message);
  }
}

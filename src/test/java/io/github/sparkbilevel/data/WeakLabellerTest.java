package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels replaced by the predictions of a model that has seen 150 rows. */
class WeakLabellerTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final int ROWS = 3000;
  private static final String HEADER = "id,label,x,y,z\n";

  @TempDir Path folder;

  /** Rows of four classes in the corners of a square, this far apart, among noise of 1. */
  private static List<String> rows(int count, double distance) {
    Random random = new Random(5);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int label = i % 4;
      rows.add(
          "%d,c%d,%s,%s,%s\n"
              .formatted(
                  i + 100,
                  label,
                  distance * (label % 2) + random.nextGaussian(),
                  1000 * (distance * (label / 2) + random.nextGaussian()),
                  7));
    }
    return rows;
  }

  private static Corruption weak(double fraction, long seed) {
    return new Corruption(Corruption.Kind.WEAK_LABELLER, fraction, seed);
  }

  private List<Example> spoiled(String path, Corruption corruption) {
    try (PreparedTables tables =
        PreparedTables.load(
            SPARK,
            new PreparedTables.Request(
                TableSpec.of(path).withId("id"),
                SplitSpec.rows(100),
                null,
                corruption,
                42,
                true))) {
      return tables.train().examples().collect();
    }
  }

  private String file(String name, List<String> rows) {
    return TestFiles.text(folder, name, HEADER + String.join("", rows));
  }

  private static double wrong(List<Example> rows) {
    return rows.stream().filter(row -> !row.label().equals(row.truth())).count()
        / (double) rows.size();
  }

  private static Map<Long, String> labels(List<Example> rows) {
    Map<Long, String> labels = new HashMap<>();
    rows.forEach(row -> labels.put(row.id(), row.label()));
    return labels;
  }

  @Test
  void theShareIsLabelledByAModelThatIsAsGoodAsItsFeatures() {
    // Features that say nothing: of 60 % of 2,750 rows three quarters are wrong.
    List<Example> blind = spoiled(file("blind.csv", rows(ROWS, 0)), weak(0.6, 7));
    assertEquals(0.6 * 0.75 * 2750 / 2900, wrong(blind), 0.03);
    // Features that say all: none is.
    List<Example> sharp = spoiled(file("sharp.csv", rows(ROWS, 20)), weak(0.6, 7));
    assertEquals(0, wrong(sharp), 0.001);
    assertTrue(sharp.stream().allMatch(row -> row.truth().equals("c" + (row.id() - 100) % 4)));
    // In between, a model of 150 rows does nearly as well as the best one could: 13 % wrong.
    List<Example> weak = spoiled(file("weak.csv", rows(ROWS, 3)), weak(1, 7));
    assertEquals(0.129, wrong(weak), 0.03);
    assertNotEquals(
        labels(weak), labels(spoiled(file("weak.csv", rows(ROWS, 3)), weak(1, 8))), "seed 8");
  }

  @Test
  void theRowsThatItIsFittedOnKeepTheirLabels() {
    String path = file("t.csv", rows(ROWS, 0));
    TableSpec spec = TableSpec.of(path).withId("id");
    List<Example> rows = spoiled(path, weak(1, 7));
    try (PreparedTables plain =
        PreparedTables.load(
            SPARK, new PreparedTables.Request(spec, SplitSpec.rows(100), null, null, 42, true))) {
      Splits.Cut fitted = WeakLabeller.draw(plain.train(), 7);
      List<Example> own = rows.stream().filter(fitted::contains).toList();
      assertEquals(WeakLabeller.ROWS, own.size());
      assertEquals(0, wrong(own));
      List<Example> others = rows.stream().filter(row -> !fitted.contains(row)).toList();
      assertEquals(0.75, wrong(others), 0.03);
    }
  }

  @Test
  void orderAndPartitionsChangeNothing() throws Exception {
    List<String> rows = rows(ROWS, 2);
    Map<Long, String> labels = labels(spoiled(file("t.csv", rows), weak(0.6, 7)));
    Collections.shuffle(rows, new Random(1));
    Path parts = Files.createDirectory(folder.resolve("parts"));
    for (int p = 0; p < 5; p++) {
      List<String> part = rows.subList(p * ROWS / 5, (p + 1) * ROWS / 5);
      Files.writeString(parts.resolve("part-" + p + ".csv"), HEADER + String.join("", part));
    }
    assertEquals(labels, labels(spoiled(parts.toString(), weak(0.6, 7))));
  }

  @Test
  void tooFewRowsAreRefused() {
    String path = file("few.csv", rows(250, 1));
    DataException e = assertThrows(DataException.class, () -> spoiled(path, weak(0.6, 7)));
    assertTrue(
        e.getMessage()
            .contains(
                "few.csv has 150 training rows, expected more than 150 for data.corrupt.kind"),
        e::getMessage);
    assertEquals(151, spoiled(file("enough.csv", rows(251, 1)), weak(0.6, 7)).size());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @Test
  void featuresThatSayNothingLeaveTheMostFrequentClass() {
    StringBuilder text = new StringBuilder("id,label,x\n");
    for (int i = 0; i < 400; i++) {
      text.append(i).append(i % 3 == 0 ? ",b," : ",a,").append(1).append('\n');
    }
    List<Example> rows = spoiled(TestFiles.text(folder, "c.csv", text.toString()), weak(1, 7));
    long other = rows.stream().filter(row -> row.label().equals("b")).count();
    assertTrue(other < 100, "only rows that it was fitted on are left: " + other);
  }
}

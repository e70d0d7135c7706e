package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training rows that bring the probabilities of their classes. */
class ProbabilityColumnsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final String TRAIN =
      """
      id,x,p_a,p_b,label
      7,1,.25,.75,a
      8,2,.5,.5,b
      9,3,1,0,a
      """;

  @TempDir Path folder;

  private TableSpec train(String text, String... columns) {
    return TableSpec.of(TestFiles.text(folder, "train" + text.hashCode() + ".csv", text))
        .withId("id")
        .withProbabilities(List.of(columns));
  }

  private static PreparedTables load(TableSpec train) {
    return PreparedTables.load(SPARK, request(train, true));
  }

  private static PreparedTables.Request request(TableSpec train, boolean classification) {
    return new PreparedTables.Request(train, null, null, null, 3, classification);
  }

  private static List<Notice> scaled(PreparedTables tables) {
    return tables.notices().stream()
        .filter(notice -> notice.code() == Notice.Code.PROBABILITIES_SCALED)
        .collect(Collectors.toList());
  }

  private static float[] of(PreparedTables tables, long id) {
    return tables.train().examples().filter(row -> row.id() == id).first().probabilities();
  }

  @Test
  void probabilitiesAreNoFeatures() {
    try (PreparedTables tables = load(train(TRAIN, "p_a", "p_b"))) {
      assertEquals(List.of("x"), tables.train().featureNames());
      assertArrayEquals(new float[] {.25f, .75f}, of(tables, 7));
      assertArrayEquals(new float[] {1, 0}, of(tables, 9));
      assertEquals(List.of(), scaled(tables));
      assertTrue(tables.haveProbabilities());
    }
    try (PreparedTables tables = load(train(TRAIN))) {
      assertEquals(0, of(tables, 7).length);
      assertFalse(tables.haveProbabilities());
    }
  }

  @Test
  void sumsThatAreSlightlyOffAreScaled() {
    try (PreparedTables tables = load(train(TRAIN.replace(".25,.75", ".24,.72"), "p_a", "p_b"))) {
      assertArrayEquals(new float[] {.25f, .75f}, of(tables, 7), 1e-6f);
      assertEquals(1, scaled(tables).get(0).count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"'',.5", "NaN,.5", "-.5,1.5", "x,.5", ".5,.4", ".9,.9"})
  void wrongRowsAreNamed(String cells) {
    String text = TRAIN.replace(".5,.5", cells.replace("''", ""));
    DataException e =
        assertThrows(DataException.class, () -> load(train(text, "p_a", "p_b")).close());
    assertTrue(e.getMessage().contains("'8'"), e.getMessage());
    assertTrue(e.getMessage().contains("p_a"), e.getMessage());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @Test
  void missingColumnsAreWrongData() {
    DataException e =
        assertThrows(DataException.class, () -> load(train(TRAIN, "p_a", "p_c")).close());
    assertTrue(e.getMessage().contains("'p_c'"), e.getMessage());
  }

  @Test
  void columnsHaveToFitTheClasses() {
    String three = TRAIN.replace("9,3,1,0,a", "9,3,1,0,c");
    for (TableSpec train :
        List.of(
            train(three, "p_a", "p_b"), train(TRAIN, "p_b", "p_a"), train(TRAIN, "p_a", "p_a"))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> load(train).close());
      assertTrue(e.getMessage().contains("data.train.probabilities"), e.getMessage());
    }
  }

  @Test
  void realLabelsHaveNoProbabilities() {
    TableSpec train = train(TRAIN.replace(",a\n", ",1\n"), "p_a", "p_b");
    assertThrows(
        IllegalArgumentException.class, () -> PreparedTables.load(SPARK, request(train, false)));
  }

  @ParameterizedTest
  @CsvSource({
    "p0 p1 p10, 0 1 10, true",
    "p1 p0 p10, 0 1 10, false",
    "p_no p_yes, no yes, true",
    "p_yes p_no, no yes, false",
    "yes no, no yes, false",
    "first second, no yes, true",
    "first yes, no yes, true",
    "piano p_yes, no yes, true"
  })
  void namesThatEndWithTheClassesHaveTheirOrder(String columns, String classes, boolean fits) {
    TableSpec train = TableSpec.of("train.csv").withProbabilities(List.of(columns.split(" ")));
    ClassIndex index = ClassIndex.of(List.of(classes.split(" ")));
    if (fits) {
      ClassColumns.requireFit(train, index);
    } else {
      assertThrows(IllegalArgumentException.class, () -> ClassColumns.requireFit(train, index));
    }
  }
}

package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trusted rows that lie among the training rows. */
class MarkedRowsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final List<String> MARKS = List.of("true", "", "no", "0", "Yes", "1.0", "NA", "F");

  @TempDir Path folder;

  private TableSpec train(String... marks) {
    StringBuilder text = new StringBuilder("id,label,x,checked\n");
    for (int i = 0; i < 40; i++) {
      String mark = marks.length == 0 ? MARKS.get(i % 8) : marks[i % marks.length];
      text.append("r%d,%d,%d,%s%n".formatted(i, i / 8 % 2, i * i % 7, mark));
    }
    return TableSpec.of(TestFiles.text(folder, "train.csv", text.toString())).withId("id");
  }

  private PreparedTables load(TableSpec train, SplitSpec validation, SplitSpec test) {
    return PreparedTables.load(
        SPARK, new PreparedTables.Request(train, validation, test, null, 3, true));
  }

  private SplitSpec answers(String text) {
    return new SplitSpec.Answered(TestFiles.text(folder, "answers.csv", text));
  }

  private static Map<String, String> labels(Table table) {
    return table.examples().collect().stream()
        .collect(Collectors.toMap(Example::displayId, Example::label));
  }

  private static void fails(Runnable load, String... parts) {
    DataException e = assertThrows(DataException.class, load::run);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @Test
  void rowsOfAColumnAreTakenOutOfTheTrainingRows() {
    SplitSpec checked = new SplitSpec.Marked("checked");
    try (PreparedTables t = load(train(), checked, SplitSpec.rows(5))) {
      Map<String, String> trusted = labels(t.validation());
      assertEquals(15, trusted.size());
      trusted.keySet().forEach(id -> assertTrue(List.of(0, 4, 5).contains(number(id) % 8), id));
      assertEquals(15, t.validation().rowCount());
      assertEquals(5, t.test().rowCount());
      assertEquals(20, t.train().rowCount());
      Map<String, String> others = labels(t.train());
      others.putAll(labels(t.test()));
      assertEquals(25, others.size());
      assertTrue(others.keySet().stream().noneMatch(trusted::containsKey));
      assertEquals(List.of("x"), t.train().featureNames());
    }
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(1));
  }

  @Test
  void answersReplaceTheLabels() {
    SplitSpec answers = answers("note,id,label\nsure,r0,1\n,r9,0\n,r17,1.0\n");
    try (PreparedTables t = load(train().withFeatures(List.of("x")), answers, null)) {
      assertEquals(Map.of("r0", "1", "r9", "0", "r17", "1"), labels(t.validation()));
      assertEquals(37, t.train().rowCount());
    }
  }

  @Test
  void answersMayHaveWeights() {
    SplitSpec answers = answers("id,label,weight\nr0,1,0.5\nr9,0,1e0\n");
    TableSpec unweighted = train().withFeatures(List.of("x"));
    try (PreparedTables t = load(unweighted, answers, null)) {
      Map<String, Double> weights =
          t.validation().examples().collect().stream()
              .collect(Collectors.toMap(Example::displayId, Example::weight));
      assertEquals(Map.of("r0", 0.5, "r9", 1.0), weights);
    }
  }

  @Test
  void answersByRowNumber() {
    TableSpec numbered = train().withId(null).withFeatures(List.of("x"));
    try (PreparedTables t = load(numbered, answers("id,label\n0,1\n39,0\n"), null)) {
      assertEquals(Map.of("0", "1", "39", "0"), labels(t.validation()));
    }
  }

  @Test
  void columnsThatMarkNothingOrEverythingOrSomethingElse() {
    SplitSpec checked = new SplitSpec.Marked("checked");
    fails(() -> load(train("false"), checked, null), "checked", "no row");
    fails(() -> load(train("true"), checked, null), "40 rows");
    fails(() -> load(train("true", "no", "maybe"), checked, null), "r2", "maybe", "true or false");
    fails(() -> load(train(), new SplitSpec.Marked("cheked"), null), "cheked", "checked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id,label;r1,1;r77,0;x,1 | (2 of 3): r77, x",
        "id,label;r1,1;r1,0 | two answers",
        "id,label;r1, | without a label",
        "id,label;,1 | without an id",
        "id,label | no answers",
        "row,label;r1,1 | id,label",
        "id,label;r1,7 | no training row has",
        "id,label,weight;r1,1,0 | the weight",
        "id,label,weight;r1,1, | above 0"
      })
  void answersThatCannotBeUsed(String text, String part) {
    TableSpec train = train().withFeatures(List.of("x"));
    fails(() -> load(train, answers(text.replace(';', '\n') + "\n"), null), part);
  }

  @Test
  void answersThatAreNotThere() {
    SplitSpec missing = new SplitSpec.Answered(folder.resolve("none.csv").toString());
    fails(() -> load(train(), missing, null), "data.validation.answers", "none.csv");
  }
}

package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training rows that annotators voted on. */
class VotedTableTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final List<String> ANNOTATORS = List.of("ann", "ben", "cid");
  private static final String TRAIN =
      """
      id,ann,x,ben,cid,checked,label
      0,a,1,,b,,
      1,b,2,b,a,,
      2,,3,NA,,,
      3,c,4,,,,
      4,a,5,a,,yes,b
      5,b,6,b,c,yes,a
      """;

  @TempDir Path folder;

  private TableSpec train(String text) {
    return TableSpec.of(TestFiles.text(folder, "train.csv", text))
        .withId("id")
        .withVotes(ANNOTATORS);
  }

  private SplitSpec trusted(String text) {
    return SplitSpec.table(
        TableSpec.of(TestFiles.text(folder, "trusted.csv", text))
            .withId("id")
            .withVotes(ANNOTATORS)
            .withOptionalVotes());
  }

  private static PreparedTables load(TableSpec train, SplitSpec validation) {
    return PreparedTables.load(
        SPARK, new PreparedTables.Request(train, validation, null, null, 3, true));
  }

  private static Map<String, String> labels(Table table) {
    return table.examples().collect().stream()
        .collect(Collectors.toMap(Example::displayId, Example::label));
  }

  private static List<String> votes(Table table) {
    List<String> votes = new ArrayList<>();
    for (Example row : table.examples().collect()) {
      Ballot.read(row.votes(), (j, vote) -> votes.add(row.id() + ":" + j + vote));
    }
    return votes;
  }

  private static void fails(Runnable load, String... parts) {
    DataException e = assertThrows(DataException.class, load::run);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @Test
  void votesStandInForLabelsAndAreNoFeatures() {
    try (PreparedTables t = load(train(TRAIN), new SplitSpec.Marked("checked"))) {
      assertEquals(List.of("x"), t.train().featureNames());
      assertEquals(ANNOTATORS, t.annotators());
      assertEquals(List.of("0:0a", "0:2b", "1:0b", "1:1b", "1:2a", "3:0c"), votes(t.train()));
      assertEquals(List.of("4:0a", "4:1a", "5:0b", "5:1b", "5:2c"), votes(t.validation()));
      // Equal votes go to the first class by its name, and row 2 to the commonest one.
      assertEquals(Map.of("0", "a", "1", "b", "2", "b", "3", "c"), labels(t.train()));
      assertEquals(Map.of("4", "b", "5", "a"), labels(t.validation()));
      assertEquals(List.of("a", "b", "c"), t.classes().names());
    }
  }

  @Test
  void aTableNeedsNoLabelColumnAndTrustedRowsNoVotes() {
    SplitSpec trusted = trusted("id,x,label,ben\n10,1,d,a\n11,2,a,\n");
    try (PreparedTables t = load(train("id,x,ann,ben,cid\n0,1,a,,b\n1,2,,b,\n"), trusted)) {
      assertEquals(List.of("10:1a"), votes(t.validation()));
      assertEquals(List.of("a", "b", "d"), t.classes().names());
      assertEquals(2, t.train().rowCount());
    }
  }

  @Test
  void whatIsWrongWithVotesIsSaid() {
    fails(() -> load(train("id,x,ann,cid\n0,1,a,b\n1,2,b,b\n"), null), "'ben'", "data.train.votes");
    fails(() -> load(train("id,x,ann,ben,cid\n0,1,,,\n1,2,,,\n"), null), "data.train.votes");
    String rows = "id,x,ann,ben,cid\n0,1,A,,B\n1,2,,B,\n";
    fails(
        () -> load(train(rows), trusted("id,x,label\n10,1,a\n11,2,b\n")),
        "data.train.votes",
        "A, B",
        "a, b");
    fails(
        () -> load(train(TRAIN.replace("yes,b", "yes,")), new SplitSpec.Marked("checked")),
        "1 trusted");
    fails(() -> load(train(rows), trusted("id,x,label\n10,1,A\n11,2,\n")), "trusted.csv");
  }

  @Test
  void spoiledLabelsContradictVotes() {
    Corruption corruption = new Corruption(Corruption.Kind.UNIFORM, 0.5, 1);
    PreparedTables.Request request =
        new PreparedTables.Request(train(TRAIN), null, null, corruption, 3, true);
    assertThrows(IllegalArgumentException.class, () -> PreparedTables.load(SPARK, request));
  }
}

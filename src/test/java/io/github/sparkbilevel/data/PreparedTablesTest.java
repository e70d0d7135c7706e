package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedTablesTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private String csv(String name, int rows) {
    StringBuilder text = new StringBuilder("id,label,x,y\n");
    for (int i = 0; i < rows; i++) {
      text.append(i + 100).append(',').append(i % 4).append(',').append(i).append(",1\n");
    }
    return TestFiles.text(folder, name, text.toString());
  }

  private static PreparedTables load(
      TableSpec train, SplitSpec validation, SplitSpec test, Corruption corruption, long seed) {
    return PreparedTables.load(
        SPARK, new PreparedTables.Request(train, validation, test, corruption, seed, true));
  }

  private static Set<Long> ids(Table table) {
    return new TreeSet<>(table.examples().map(Example::id).collect());
  }

  private static void fails(
      Class<? extends RuntimeException> type, Runnable load, String... parts) {
    RuntimeException e = assertThrows(type, load::run);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @Test
  void drawsAreExactDisjointAndDependOnTheSeedAlone() {
    TableSpec spec = TableSpec.of(csv("t.csv", 2000)).withId("id");
    Set<Long> validation;
    Set<Long> test;
    try (PreparedTables t = load(spec, SplitSpec.rows(100), SplitSpec.fraction(.25), null, 42)) {
      validation = ids(t.validation());
      test = ids(t.test());
      assertEquals(100, validation.size());
      assertEquals(500, test.size());
      assertEquals(1400, t.train().rowCount());
      Set<Long> all = new HashSet<>(ids(t.train()));
      all.addAll(validation);
      all.addAll(test);
      assertEquals(2000, all.size());
      assertEquals(100, t.validation().rowCount());
      long firstHalf = validation.stream().filter(id -> id < 1100).count();
      assertTrue(firstHalf > 30 && firstHalf < 70, "drawn from everywhere: " + firstHalf);
    }
    try (PreparedTables t = load(spec, SplitSpec.rows(100), SplitSpec.fraction(.25), null, 42)) {
      assertEquals(validation, ids(t.validation()));
      assertEquals(test, ids(t.test()));
    }
    try (PreparedTables t = load(spec, SplitSpec.rows(7), SplitSpec.fraction(.25), null, 42)) {
      assertEquals(test, ids(t.test()));
      assertTrue(validation.containsAll(ids(t.validation())));
    }
    try (PreparedTables t = load(spec, SplitSpec.rows(100), null, null, 43)) {
      assertNull(t.test());
      assertNotEquals(validation, ids(t.validation()));
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void drawsTakeTheSmallestHashes() {
    TableSpec spec = TableSpec.of(csv("t.csv", 300)).withId("id");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      long purpose = RowHash.purpose("test");
      List<Long> sorted = new ArrayList<>(ids(table));
      sorted.sort(
          (a, b) -> Long.compareUnsigned(RowHash.of(5, purpose, a), RowHash.of(5, purpose, b)));
      for (int wanted : new int[] {1, 2, 150, 299}) {
        for (long all : new long[] {300, 1_000_000}) {
          Splits.Cut cut = Splits.cut(table.examples(), all, 5, "test", wanted);
          assertEquals(
              new TreeSet<>(sorted.subList(0, wanted)),
              new TreeSet<>(table.examples().filter(cut::contains).map(Example::id).collect()));
        }
      }
    }
  }

  @Test
  void drawsThatLeaveNothing() {
    TableSpec spec = TableSpec.of(csv("t.csv", 10)).withId("id");
    fails(
        DataException.class,
        () -> load(spec, SplitSpec.rows(4), SplitSpec.rows(6), null, 1),
        "10 rows",
        "10 of them");
    fails(
        IllegalArgumentException.class,
        () -> load(spec, SplitSpec.rows(0), null, null, 1),
        "data.validation.rows");
    fails(
        IllegalArgumentException.class,
        () -> load(spec, SplitSpec.fraction(1.5), null, null, 1),
        "data.validation.fraction");
  }

  @Test
  void thereMayBeTrainingRowsAlone() {
    TableSpec spec = TableSpec.of(csv("t.csv", 10)).withId("id");
    try (PreparedTables t = load(spec, null, null, null, 1)) {
      assertEquals(10, t.train().rowCount());
      assertNull(t.validation());
    }
  }

  @Test
  void uniformCorruptionRedrawsAShare() {
    TableSpec spec = TableSpec.of(csv("t.csv", 4000)).withId("id");
    Corruption half = new Corruption(Corruption.Kind.UNIFORM, .5, 7);
    List<String> first = null;
    for (int run = 0; run < 2; run++) {
      try (PreparedTables t = load(spec, SplitSpec.rows(100), null, half, run)) {
        List<Example> rows = t.train().examples().collect();
        long wrong = rows.stream().filter(r -> !r.label().equals(r.truth())).count();
        // Half is redrawn and a quarter of that is right again: 1462 expected, deviation 30.
        assertTrue(wrong > 1340 && wrong < 1590, "wrong: " + wrong);
        assertTrue(t.validation().examples().collect().stream().allMatch(r -> r.truth() == null));
        assertTrue(rows.stream().allMatch(r -> r.truth().equals("" + (r.id() - 100) % 4)));
        Map<Long, String> labels = new HashMap<>();
        rows.forEach(r -> labels.put(r.id(), r.label()));
        List<String> now = List.of("" + labels.get(3000L), "" + labels.get(3001L));
        assertTrue(first == null || now.equals(first) || now.contains("null"));
        first = now;
      }
    }
  }

  @Test
  void nextClassAndByGroup() {
    TableSpec spec = TableSpec.of(csv("t.csv", 4000)).withId("id");
    Corruption next = new Corruption(Corruption.Kind.NEXT_CLASS, 1, 7);
    try (PreparedTables t = load(spec, SplitSpec.rows(10), null, next, 1)) {
      assertTrue(
          t.train().examples().collect().stream()
              .allMatch(r -> Integer.parseInt(r.label()) == (Integer.parseInt(r.truth()) + 1) % 4));
    }
    Corruption groups = new Corruption(Corruption.Kind.BY_GROUP, 0, 7);
    try (PreparedTables t = load(spec, SplitSpec.rows(10), null, groups, 1)) {
      assertEquals(10, t.groups().size());
      assertEquals("s9", t.groups().name(9));
      int[] rows = new int[10];
      int[] wrong = new int[10];
      for (Example row : t.train().examples().collect()) {
        int k = t.groups().index(row.group());
        rows[k]++;
        wrong[k] += row.label().equals(row.truth()) ? 0 : 1;
      }
      for (int k = 0; k < 10; k++) {
        assertTrue(rows[k] > 300 && rows[k] < 500, "rows of source " + k + ": " + rows[k]);
        assertEquals(k / 10.0, wrong[k] / (double) rows[k], .1);
      }
      assertEquals(0, wrong[0]);
    }
    fails(
        IllegalArgumentException.class,
        () -> load(spec.withGroup("y"), SplitSpec.rows(10), null, groups, 1),
        "data.train.group");
  }

  @Test
  void classesAndGroups() {
    String path =
        TestFiles.text(
            folder,
            "t.csv",
            "label,g,x\n10,b,1\n9,,2\n-1,a,3\n10,b,4\n9,a,5\n-1,a,6\n".replace("\n10", "\n10"));
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path).withGroup("g"))) {
      ClassIndex classes = ClassIndex.of(table);
      assertEquals(List.of("-1", "9", "10"), classes.names());
      assertEquals(2, classes.index("10"));
      GroupIndex groups = GroupIndex.of(table);
      assertEquals(List.of("a", "b", GroupIndex.NONE), groups.names());
      assertEquals(2, groups.index(null));
      assertEquals(-1, groups.index("zzz"));
      assertThrows(DataException.class, () -> classes.index("7"));
      assertThrows(DataException.class, () -> classes.requireTwo("t.csv"));
    }
    assertEquals(List.of("10", "9", "cat"), ClassIndex.of(List.of("cat", "9", "10")).names());
  }

  @Test
  void tablesThatDoNotFit() {
    TableSpec train = TableSpec.of(csv("t.csv", 50)).withId("id");
    String narrow = TestFiles.text(folder, "n.csv", "id,label,x\n1,0,2\n");
    fails(
        DataException.class,
        () -> load(train, SplitSpec.table(TableSpec.of(narrow).withId("id")), null, null, 1),
        "n.csv has 1 feature",
        "the 2 of",
        "missing: y");
    String wide = TestFiles.text(folder, "w.csv", "id,label,x,y,z\n1,0,2,3,4\n");
    fails(
        DataException.class,
        () -> load(train, SplitSpec.table(TableSpec.of(wide).withId("id")), null, null, 1),
        "w.csv has 3 feature",
        "the 2 of",
        "too many: z");
    String unseen = TestFiles.text(folder, "u.csv", "id,label,x,y\n1,zebra,2,3\n");
    fails(
        DataException.class,
        () -> load(train, SplitSpec.table(TableSpec.of(unseen).withId("id")), null, null, 1),
        "validation labels",
        "zebra",
        "0, 1, 2, 3");
    String one = TestFiles.text(folder, "o.csv", "label,x\n5,1\n5,2\n5,3\n");
    fails(
        DataException.class,
        () -> load(TableSpec.of(one), SplitSpec.rows(1), null, null, 1),
        "one class only (5)");
    String twice = TestFiles.text(folder, "d.csv", "id,label,x\na,0,1\nb,1,2\na,1,3\n");
    fails(
        DataException.class,
        () -> load(TableSpec.of(twice).withId("id"), SplitSpec.rows(1), null, null, 1),
        "1 duplicate ids",
        "'a'");
  }

  @Test
  void libsvmRowsMayHaveFeaturesThatTrainingRowsLack() {
    String a = TestFiles.text(folder, "a.libsvm", "0 3:1\n1 2:1\n");
    String b = TestFiles.text(folder, "b.libsvm", "0 4:1\n");
    SplitSpec other = SplitSpec.table(TableSpec.of(b));
    try (PreparedTables tables = load(TableSpec.of(a), other, null, null, 1)) {
      assertEquals(3, tables.validation().columns());
      assertEquals(0, tables.validation().examples().first().features().numNonzeros());
      assertEquals(
          List.of(Notice.Code.FEATURES_UNSEEN),
          tables.notices().stream().map(Notice::code).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aDrawNeverTakesTheLastRowOfAClass(long seed) {
    StringBuilder text = new StringBuilder("id,label,x\n");
    for (int i = 0; i < 60; i++) {
      // Classes of 48 rows, of 10, and two of a single one.
      int label = i < 48 ? 0 : i < 58 ? 1 : i - 56;
      text.append(i).append(',').append(label).append(',').append(i % 7).append('\n');
    }
    TableSpec spec = TableSpec.of(TestFiles.text(folder, "rare.csv", text.toString())).withId("id");
    try (PreparedTables t = load(spec, SplitSpec.rows(20), SplitSpec.rows(25), null, seed)) {
      assertEquals(4, t.train().stats().labels().size());
      assertEquals(20, ids(t.validation()).size());
      assertEquals(25, ids(t.test()).size());
      assertEquals(15, ids(t.train()).size());
      assertTrue(ids(t.train()).containsAll(Set.of(58L, 59L)));
      assertEquals(1, t.train().stats().count("2"));
    }
  }

  @Test
  void rowsOfWeightZeroAreNoRows() {
    StringBuilder text = new StringBuilder("id,w,x,label,group\n");
    for (int i = 0; i < 40; i++) {
      boolean out = i % 4 == 3;
      text.append(out ? "none" + i : "" + i).append(',').append(out ? 0 : 2).append(',');
      text.append(out ? 1e6 : i % 5).append(',').append(out ? 9 : i % 2);
      text.append(out ? ",ghost\n" : ",real\n");
    }
    TableSpec spec =
        TableSpec.of(TestFiles.text(folder, "w.csv", text.toString()))
            .withId("id")
            .withWeight("w")
            .withGroup("group");
    try (PreparedTables t = load(spec, SplitSpec.rows(5), null, null, 1)) {
      Notice notice = t.notices().get(0);
      assertEquals(Notice.Code.ROWS_OF_WEIGHT_ZERO, notice.code());
      assertEquals(10, notice.count());
      assertEquals(25, t.train().rowCount());
      assertEquals(List.of("0", "1"), t.classes().names());
      assertEquals(List.of("real"), t.groups().names());
      assertEquals(2, t.train().stats().meanWeight());
      assertTrue(ids(t.train()).stream().allMatch(id -> id % 4 != 3), "ids stay numbers");
    }
  }

  @Test
  void weightsThatAreAllZeroLeaveNothingToTrainOn() {
    StringBuilder text = new StringBuilder("w,x,label\n");
    for (int i = 0; i < 20; i++) {
      text.append("0,").append(i).append(',').append(i % 2).append('\n');
    }
    TableSpec spec =
        TableSpec.of(TestFiles.text(folder, "zero.csv", text.toString())).withWeight("w");
    fails(
        DataException.class,
        () -> load(spec, SplitSpec.rows(5), null, null, 1),
        "zero.csv",
        "the weight column 'w' is 0 in every row");
  }

  @Test
  void overlapIsAWarning() {
    TableSpec train = TableSpec.of(csv("t.csv", 50)).withId("id");
    TableSpec other = TableSpec.of(csv("v.csv", 7)).withId("id");
    try (PreparedTables t = load(train, SplitSpec.table(other), null, null, 1)) {
      assertEquals(1, t.notices().size());
      assertEquals(Notice.Code.IDS_SHARED, t.notices().get(0).code());
      assertEquals(7, t.notices().get(0).count());
      assertEquals(7, t.validation().rowCount());
    }
    try (PreparedTables t =
        load(
            train.withId(null).withFeatures(List.of("x", "y")),
            SplitSpec.table(other.withId(null)),
            null,
            null,
            1)) {
      assertTrue(t.notices().isEmpty());
    }
  }
}

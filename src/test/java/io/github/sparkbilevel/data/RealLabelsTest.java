package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Labels of regression, from every format that holds some. */
class RealLabelsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private String text(String name, String content) {
    return TestFiles.text(folder, name, content);
  }

  private String parquet(String query) {
    String path = folder.resolve("t.parquet").toString();
    SPARK.sql(query).coalesce(1).write().mode("overwrite").parquet(path);
    return path;
  }

  private static PreparedTables load(TableSpec train, SplitSpec validation, Corruption corruption) {
    return PreparedTables.load(
        SPARK, new PreparedTables.Request(train, validation, null, corruption, 3, false));
  }

  /** The numbers of a table's labels, in the order of its rows. */
  private static List<Double> numbers(TableSpec spec) {
    try (PreparedTables t = load(spec, SplitSpec.table(spec.withId(null)), null)) {
      assertEquals(0, t.labels().size());
      assertEquals(0, t.classes().size());
      Labels labels = t.labels();
      List<Example> rows = new ArrayList<>(t.train().examples().collect());
      rows.sort((a, b) -> Long.compare(a.id(), b.id()));
      return rows.stream().map(row -> labels.encode(row.label())).toList();
    }
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
  void csvLabelsAreTheNumbersOfTheirTexts() {
    String path =
        text("t.csv", "x,label\n1,1.5\n2, -2 \n3,+3.0\n4,1e-3\n5,\"-.25\"\n6,0.1234567890123456\n");
    assertEquals(
        List.of(1.5, -2.0, 3.0, 0.001, -0.25, 0.1234567890123456), numbers(TableSpec.of(path)));
  }

  @Test
  void libsvmLabelsKeepEveryDigit() {
    String path =
        text("t.libsvm", "0.1234567890123456 1:1\n-7 2:1\n1e300 1:2\n-0 1:1\n+2.50 3:1 # note\n");
    assertEquals(List.of(0.1234567890123456, -7.0, 1e300, 0.0, 2.5), numbers(TableSpec.of(path)));
  }

  @ParameterizedTest
  @CsvSource({
    "double, 1.5D, -2.0D, 1e-7D, '1.5 -2 1e-7'",
    "float, CAST(1.5 AS FLOAT), CAST(-3 AS FLOAT), CAST(0.25 AS FLOAT), '1.5 -3 0.25'",
    "int, 7, -2, 0, '7 -2 0'",
    "long, 7L, -2L, 4611686018427387904L, '7 -2 4611686018427387904'",
    "decimal, 'CAST(1.50 AS DECIMAL(38,18))', -2.25BD, 0BD, '1.5 -2.25 0'",
    "string, '''1.5''', ''' -2 ''', '''3e2''', '1.5 -2 300'"
  })
  void columnsOfAnyTypeThatHoldsNumbers(
      String type, String a, String b, String c, String expected) {
    String path =
        parquet(
            "select id as x, case id when 0 then %s when 1 then %s else %s end as label from"
                    .formatted(a, b, c)
                + " range(3)");
    List<Double> wanted = new ArrayList<>();
    for (String number : expected.split(" ")) {
      wanted.add(Double.valueOf(number));
    }
    assertEquals(wanted, numbers(TableSpec.of(path)), type);
  }

  @Test
  void thereMayBeAnyNumberOfLabels() {
    int rows = TableStats.MAX_LABELS + 2000;
    StringBuilder csv = new StringBuilder("x,label\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i).append(',').append(i + 0.5).append('\n');
    }
    TableSpec spec = TableSpec.of(text("t.csv", csv.toString()));
    try (PreparedTables t = load(spec, SplitSpec.rows(50), null)) {
      assertEquals(rows - 50, t.train().rowCount());
      assertEquals(50, t.validation().rowCount());
      assertTrue(t.train().stats().labels().isEmpty(), "labels lie on the driver");
      Labels labels = t.labels();
      assertTrue(
          t.validation().examples().collect().stream()
              .allMatch(row -> labels.encode(row.label()) == row.features().apply(0) + 0.5));
    }
  }

  @Test
  void validationLabelsNeedNotBeSeenInTraining() {
    TableSpec train = TableSpec.of(text("t.csv", "x,label\n1,0.5\n2,0.5\n"));
    TableSpec other = TableSpec.of(text("v.csv", "x,label\n1,-99.75\n"));
    try (PreparedTables t = load(train, SplitSpec.table(other), null)) {
      assertEquals(-99.75, t.labels().encode(t.validation().examples().first().label()));
    }
  }

  @Test
  void corruptingNeedsClasses() {
    TableSpec spec = TableSpec.of(text("t.csv", "x,label\n1,0.5\n2,1.5\n"));
    fails(
        IllegalArgumentException.class,
        () -> load(spec, SplitSpec.rows(1), new Corruption(Corruption.Kind.UNIFORM, .5, 7)),
        "data.corrupt.kind = uniform");
    load(spec, SplitSpec.rows(1), new Corruption(Corruption.Kind.UNIFORM, 0, 7)).close();
  }

  @ParameterizedTest
  @CsvSource({"high", "1.5 m", "'\"1,5\"'", "0x10", "-Infinity", "true"})
  void aLabelThatIsNoFiniteNumberIsAnError(String label) {
    String shown = label.replace("\"", "");
    TableSpec spec =
        TableSpec.of(
            text("t.csv", "id,x,label\nr0,1,1.5\nr1,2,2\nr2,3,%s\nr3,4,-1\n".formatted(label)));
    fails(
        DataException.class,
        () -> load(spec.withFeatures(List.of("x")), SplitSpec.rows(1), null),
        "t.csv, row 2 (counted from 0): the label is '" + shown + "'",
        "expected a finite number for model.family = linear",
        "choose model.family = softmax");
    fails(
        DataException.class,
        () -> load(spec.withId("id"), SplitSpec.rows(1), null),
        "t.csv, row with id 'r2': the label is '" + shown + "'");
    TableSpec good = spec.withFeatures(List.of("x")).withLimit(2L);
    fails(
        DataException.class,
        () -> load(good, SplitSpec.table(spec.withFeatures(List.of("x"))), null),
        "t.csv, row 2 (counted from 0)");
    load(good, SplitSpec.rows(1), null).close();
  }

  @Test
  void theFirstWrongLabelOfAllPartitionsIsNamed() {
    StringBuilder csv = new StringBuilder("x,label\n");
    for (int i = 0; i < 40_000; i++) {
      csv.append(i).append(',').append(i == 33_000 || i == 39_000 ? "oops" : i).append('\n');
    }
    fails(
        DataException.class,
        () -> load(TableSpec.of(text("t.csv", csv.toString())), SplitSpec.rows(9), null),
        "row 33000 ");
  }

  @Test
  void parquetLabelsThatAreNoFiniteNumbers() {
    for (String wrong : List.of("double('Infinity')", "double('NaN')", "null")) {
      String path =
          parquet("select id as x, if(id = 1, %s, 0.5D) as label from range(3)".formatted(wrong));
      fails(
          DataException.class,
          () -> load(TableSpec.of(path), SplitSpec.rows(1), null),
          "t.parquet, row 1 (counted from 0)",
          "label");
    }
  }

  @Test
  void libsvmLinesWithoutANumber() {
    fails(
        DataException.class,
        () -> load(TableSpec.of(text("t.libsvm", "1 1:1\nnan 1:2\n")), SplitSpec.rows(1), null),
        "row 1 (counted from 0)",
        "'nan'");
  }

  @Test
  void encodesWhatIsKnownOfTheRightLabel() {
    RealLabels labels = new RealLabels();
    assertEquals(2.5, labels.encodeOrNone("2.5"));
    assertEquals(Double.NaN, labels.encodeOrNone("unknown"));
    fails(DataException.class, () -> labels.encode("cat"), "the label is 'cat'", "finite number");
  }
}

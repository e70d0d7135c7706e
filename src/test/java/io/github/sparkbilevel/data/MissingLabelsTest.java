package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A missing label is one in every format and role, however it is spelled. */
class MissingLabelsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final TextTable TABLE = TextTable.of(60, 8);

  @TempDir Path folder;

  private static Stream<String> spellings() {
    return Stream.concat(MissingValues.DEFAULT.stream(), Stream.of("", "  "));
  }

  private static String refused(String role, TableSpec spec, Dataset<Row> given) {
    DataException e =
        assertThrows(
            DataException.class, () -> TableReader.open(SPARK, role, spec, null, given).close());
    return e.getMessage();
  }

  private static Dataset<Row> rows(String label) {
    return SPARK
        .range(0, 10, 1, 1)
        .selectExpr("id * 0.5 as x", "case when id > 7 then " + label + " else 'a' end as label");
  }

  @ParameterizedTest
  @MethodSource("spellings")
  void aSpellingIsMissingInCsvAndParquetAndDatasets(String spelling) {
    String csv =
        TestFiles.text(
            folder, "t.csv", TABLE.with(20, "label", spelling).with(33, "label", spelling).csv());
    for (String role : List.of("train", "validation", "test")) {
      String sentence = refused(role, TableSpec.of(csv), null);
      assertTrue(sentence.contains("row 20 ") && sentence.contains("2 rows"), sentence);
      assertTrue(sentence.contains("data." + role + ".options.nullValue"), sentence);
    }
    Dataset<Row> rows = rows("'" + spelling + "'");
    String parquet = folder.resolve("t.parquet").toString();
    rows.write().parquet(parquet);
    String sentence = refused("train", TableSpec.of(parquet), null);
    assertTrue(sentence.contains("row 8 ") && sentence.contains("2 rows"), sentence);
    sentence = refused("train", TableSpec.of("rows").withFormat(TableSpec.DATASET), rows);
    assertTrue(sentence.contains("row 8 ") && sentence.contains("2 rows"), sentence);
    assertFalse(sentence.contains("options"), sentence);
  }

  @Test
  void nullAndNanAreMissing() {
    for (String label : List.of("null", "cast('NaN' as double)")) {
      Dataset<Row> rows =
          SPARK
              .range(0, 10, 1, 1)
              .selectExpr(
                  "id * 0.5 as x", "case when id > 7 then " + label + " else 1 end as label");
      String sentence = refused("train", TableSpec.of("rows").withFormat(TableSpec.DATASET), rows);
      assertTrue(sentence.contains("row 8 ") && sentence.contains("2 rows"), sentence);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "nan", "NA", "null"})
  void aSpellingIsMissingInLibsvm(String spelling) {
    String path = TestFiles.text(folder, "t.libsvm", "1 1:2\n" + spelling + " 1:3\n0 1:1\n");
    String sentence = refused("train", TableSpec.of(path), null);
    assertTrue(sentence.contains("row 1 ") && sentence.contains(spelling), sentence);
  }

  @Test
  void theOptionSaysWhatIsMissing() {
    String path =
        TestFiles.text(
            folder, "t.csv", TABLE.with(20, "label", "None").with(33, "label", "-").csv());
    TableSpec none = TableSpec.of(path).withOptions(TextOptions.of(Map.of("nullValue", List.of())));
    try (Table table = TableReader.read(SPARK, "train", none)) {
      assertTrue(table.stats().labels().containsAll(List.of("None", "-")));
    }
    TextOptions dash = TextOptions.of(Map.of("nullValue", List.of("-")));
    assertTrue(refused("train", none.withOptions(dash), null).contains("row 33 "));
  }

  @Test
  void aMissingTruthOrGroupIsNone() {
    String text = "x,label,right,from\n1,a,NA,?\n2,b,b,s\n";
    TableSpec spec =
        TableSpec.of(TestFiles.text(folder, "t.csv", text)).withTruth("right").withGroup("from");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      Example first = table.examples().first();
      assertNull(first.truth());
      assertNull(first.group());
      assertEquals(List.of("s"), List.copyOf(table.stats().groups()));
    }
  }

  @Test
  void theEstimatorsRefuseThem() {
    Dataset<Row> vectors =
        new VectorAssembler()
            .setInputCols(new String[] {"x"})
            .setOutputCol("features")
            .transform(rows("'NA'"));
    assertThrows(
        DataException.class,
        () ->
            new DataCleaner()
                .setTrustedCol("trusted")
                .fit(vectors.selectExpr("*", "x < 2 as trusted")));
    Dataset<Row> numbers = vectors.selectExpr("features", "case when x < 4 then 1D end as label");
    assertThrows(DataException.class, () -> new TunedLogisticRegression().fit(numbers));
  }
}

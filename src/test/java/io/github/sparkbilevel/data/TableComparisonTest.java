package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableComparisonTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final String HEADER = "id,label,x,y,z\n";
  private static final String ROWS = HEADER + "a,0,1,2,0\nb,1,2,1,0\nc,0,3,5,4\n";

  @TempDir Path folder;

  private List<String> warnings(String extension, String train, String validation) {
    boolean named = train.startsWith("id");
    TableSpec of = TableSpec.of(TestFiles.text(folder, "t." + extension, train));
    TableSpec other = TableSpec.of(TestFiles.text(folder, "v." + extension, validation));
    try (Table first = TableReader.read(SPARK, "train", named ? of.withId("id") : of);
        Table second =
            TableReader.read(SPARK, "validation", named ? other.withId("id") : other, first)) {
      return TableComparison.warnings(first, second);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a,0,1,2,0\nb,1,2,1,0\nc,0,3,5,4\n",
        "c,0,3.0,5,4\na,0,1,2,-0.0\nb,1,2,1,0\n",
        "p,1,2,1,0\nq,0,1,2,0\nr,0,3,5,4\n"
      })
  void sameRowsInAnyOrderAndUnderAnyIdAreFound(String rows) {
    List<String> warnings = warnings("csv", ROWS, HEADER + rows);
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.get(0).startsWith("the validation rows are the training rows;"));
    assertTrue(warnings.get(0).endsWith("give rows that the model is not trained on"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a,0,1,2,0\nb,1,2,1,0\n",
        "a,0,1,2,0\nb,1,2,1,0\nc,1,3,5,4\n",
        "a,0,1,2,0\nb,1,2,1,0\nc,0,3,4,5\n",
        "a,0,1,2,0\nb,1,2,1,0\nc,0,3,5,4\nd,0,3,5,4\n",
        "a,0,1,1,0\nb,1,2,2,0\nc,0,3,5,4\n"
      })
  void rowsThatDifferAreNot(String rows) {
    assertEquals(List.of(), warnings("csv", ROWS, HEADER + rows));
  }

  @Test
  void featuresOfValidationRowsOnlyAreNamed() {
    String train = HEADER + "a,0,1,0,0\nb,1,2,0,0\n";
    assertEquals(
        List.of(
            "1 feature is not zero in validation rows only, so that its coefficients stay 0: z"),
        warnings("csv", train, HEADER + "c,0,1,0,4\nd,1,0,0,3\n"));
    assertEquals(
        List.of(
            "2 features are not zero in validation rows only, so that their coefficients stay 0:"
                + " y, z"),
        warnings("csv", train, HEADER + "c,0,1,0,4\nd,1,0,-3,0\n"));
    assertEquals(List.of(), warnings("csv", ROWS, HEADER + "c,0,0,0,0\n"));
  }

  @Test
  void sparseRowsAreComparedByTheirEntries() {
    String train = "0 1:1 40:2\n1 2:1\n0 7:3 9:0\n";
    assertTrue(
        warnings("libsvm", train, "1 2:1 5:0\n0 7:3\n0 1:1 40:2\n")
            .get(0)
            .startsWith("the validation rows are the training rows"),
        "entries that are 0 do not count");
    List<String> warnings = warnings("libsvm", train, "0 9:1\n1 3:1 5:2\n");
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).endsWith("their coefficients stay 0: f2, f4, f8"), "" + warnings);
  }
}

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

  private List<Notice> notices(String extension, String train, String validation) {
    boolean named = train.startsWith("id");
    TableSpec of = TableSpec.of(TestFiles.text(folder, "t." + extension, train));
    TableSpec other = TableSpec.of(TestFiles.text(folder, "v." + extension, validation));
    try (Table first = TableReader.read(SPARK, "train", named ? of.withId("id") : of);
        Table second =
            TableReader.read(SPARK, "validation", named ? other.withId("id") : other, first)) {
      return TableComparison.notices(first, second);
    }
  }

  private static List<Notice.Code> codes(List<Notice> notices) {
    return notices.stream().map(Notice::code).toList();
  }

  private static List<Long> counts(List<Notice> notices) {
    return notices.stream().map(Notice::count).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a,0,1,2,0\nb,1,2,1,0\nc,0,3,5,4\n",
        "c,0,3.0,5,4\na,0,1,2,-0.0\nb,1,2,1,0\n",
        "p,1,2,1,0\nq,0,1,2,0\nr,0,3,5,4\n"
      })
  void sameRowsInAnyOrderAndUnderAnyIdAreFound(String rows) {
    List<Notice> notices = notices("csv", ROWS, HEADER + rows);
    assertEquals(List.of(Notice.Code.VALIDATION_IS_TRAINING), codes(notices));
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
    assertEquals(List.of(), notices("csv", ROWS, HEADER + rows));
  }

  @Test
  void featuresOfValidationRowsOnlyAreNamed() {
    String train = HEADER + "a,0,1,0,0\nb,1,2,0,0\n";
    assertEquals(List.of(1L), counts(notices("csv", train, HEADER + "c,0,1,0,4\nd,1,0,0,3\n")));
    List<Notice> two = notices("csv", train, HEADER + "c,0,1,0,4\nd,1,0,-3,0\n");
    assertEquals(List.of(Notice.Code.FEATURES_UNSEEN), codes(two));
    assertEquals(List.of(2L), counts(two));
    assertTrue(two.get(0).text().endsWith(": y, z"), two.get(0).text());
    assertEquals(List.of(), notices("csv", ROWS, HEADER + "c,0,0,0,0\n"));
  }

  @Test
  void sparseRowsAreComparedByTheirEntries() {
    String train = "0 1:1 40:2\n1 2:1\n0 7:3 9:0\n";
    assertEquals(
        List.of(Notice.Code.VALIDATION_IS_TRAINING),
        codes(notices("libsvm", train, "1 2:1 5:0\n0 7:3\n0 1:1 40:2\n")),
        "entries that are 0 do not count");
    List<Notice> notices = notices("libsvm", train, "0 9:1\n1 3:1 5:2\n");
    assertEquals(List.of(3L), counts(notices));
    assertTrue(notices.get(0).text().endsWith(": f2, f4, f8"), notices.get(0).text());
  }
}

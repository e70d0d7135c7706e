package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Labels that differ in spelling alone are pointed out. */
class LabelSpellingsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"True, true", "1.50, 1.5", "01, 1", "1e0, 1", "yes, 'Yes '", "a  b, A b"})
  void spellingsHaveSomethingInCommon(String one, String other) {
    assertEquals(LabelSpellings.common(one), LabelSpellings.common(other));
    assertNotEquals(LabelSpellings.common(one), LabelSpellings.common(other + "x"));
  }

  private PreparedTables load(String train, String validation) {
    TableSpec first = TableSpec.of(TestFiles.text(folder, "t.csv", train));
    TableSpec second = TableSpec.of(TestFiles.text(folder, "v.csv", validation));
    return PreparedTables.load(
        SPARK, new PreparedTables.Request(first, SplitSpec.table(second), null, null, 1, true));
  }

  @Test
  void labelsThatMeetNowhereAreRefusedWithTheSpellingOfTheTrainingRows() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> load("x,label\n1,True\n2,False\n", "x,label\n1,true\n2,false\n"));
    assertTrue(e.getMessage().contains("'true' for 'True'"), e.getMessage());
  }

  @Test
  void twoSpellingsInTheTrainingRowsAreTold() {
    String train = "x,label\n1,True\n2,False\n3,true\n4,1.5\n5,1.50\n";
    try (PreparedTables tables = load(train, "x,label\n1,True\n2,False\n")) {
      List<Notice> told =
          tables.notices().stream().filter(n -> n.code() == Notice.Code.LABEL_SPELLINGS).toList();
      assertEquals(1, told.size());
      assertEquals(2, told.get(0).count());
    }
  }

  @Test
  void wholeNumbersAreOneLabelHoweverTheyAreSpelled() {
    try (PreparedTables tables =
        load("x,label\n1,1\n2,0.0\n3,+1\n4,1.00\n", "x,label\n1,1.0\n2,0\n")) {
      assertEquals(List.of("0", "1"), tables.classes().names());
      assertEquals(List.of(), tables.notices());
    }
  }
}

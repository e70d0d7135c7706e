package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureGroupsTest {
  private static final List<String> FEATURES = List.of("age", "income", "city, home", "city, work");

  @TempDir Path folder;

  private FeatureGroups read(String name, String text) {
    return FeatureGroups.read(
        new Configuration(false), TestFiles.text(folder, name, text), FEATURES);
  }

  private void fails(String text, String... parts) {
    DataException e = assertThrows(DataException.class, () -> read("g.csv", text));
    assertTrue(e.getMessage().startsWith("upper.groups = '"), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  private static final String ROWS =
      "\"city, work\",place\nage,person\n\"city, home\",place\nincome, person \n";

  @ParameterizedTest
  @ValueSource(strings = {"g.csv", "g.csv.gz", "g.csv.bz2", "groups.txt"})
  void groupsAreNumberedInTheOrderOfTheFile(String name) {
    FeatureGroups groups = read(name, "column,group\n" + ROWS);
    assertEquals(List.of("place", "person"), groups.names());
    assertArrayEquals(new int[] {1, 1, 0, 0}, groups.groupOf());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\uFEFFcolumn,group\n",
        "Column, Group\n",
        "\"column\",\"group\"\n",
        "column,group\r\n"
      })
  void headersThatSpreadsheetsWriteAreRead(String header) {
    assertEquals(List.of("place", "person"), read("g.csv", header + ROWS).names());
  }

  @Test
  void blankLinesAndWindowsLinesAreRead() {
    String text = ("column,group\n\n" + ROWS + "  \n").replace("\n", "\r\n");
    assertArrayEquals(new int[] {1, 1, 0, 0}, read("g.csv", text).groupOf());
  }

  @Test
  void wrongFilesAreNamedWithTheirLine() {
    String header = "column,group\n";
    fails("", "empty file");
    fails("\n", "first line is ''", "header column,group");
    fails("feature,group\n" + ROWS, "first line is 'feature,group'", "header column,group");
    fails("column;group\n", "first line is 'column;group'");
    fails(header, "no group: age, income, city, home, city, work", "every feature once");
    fails(header + "age,person\n", "no group: income, ");
    fails(header + "age\n", "line 2 has 1 cell,", "a column and its group");
    fails(header + "age,person,1\n", "line 2 has 3 cells", "a column and its group");
    fails(header + "\"age\"x,p\n", "line 2 has 'x' behind a closing quote");
    fails(header + "\"age,p\n", "line 2 has a quote that is never closed");
    fails(header + "age,\n", "line 2 has an empty cell", "a column and its group");
    fails(header + "\nage,p\nincom,p\n", "line 4 names the column 'incom'", "mean 'income'");
    fails(header + "age,p\nage,q\n", "line 3 names the column 'age' again");
  }

  @Test
  void fileThatIsMissingIsNamed() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> FeatureGroups.read(new Configuration(false), folder + "/no.csv", FEATURES));
    assertTrue(e.getMessage().contains("upper.groups"), e.getMessage());
    assertTrue(e.getMessage().contains("no.csv' does not exist"), e.getMessage());
  }
}

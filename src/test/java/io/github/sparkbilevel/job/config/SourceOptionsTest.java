package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.TextOptions;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceOptionsTest {
  private static final String SMALLEST =
      "data.train.path = a.csv, data.validation.path = b.csv, output.path = c\n";

  private static JobConfig job(String more) {
    return JobFile.parse(SMALLEST + more, List.of(), new Folders(Path.of("/nowhere"), null));
  }

  @Test
  void optionsAreReadAndInherited() {
    JobConfig job =
        job(
            """
            data.train.options {
              sep = ";", encoding = "UTF-16", decimal = ",", quote = "'", escape = "\\\\"
              comment = "#", nullValue = ["-", ""], maxLines = 7, indexBase = 0, numFeatures = 9
            }
            data.validation.options { sep = "\\t", nullValue = "a,b", comment = null }
            """);
    Map<String, Object> train = job.data().train().options().values();
    assertEquals(10, train.size());
    assertEquals(";", train.get("sep"));
    assertEquals("\\", train.get("escape"));
    assertEquals(List.of("-", ""), train.get("nullValue"));
    assertEquals(0, train.get("indexBase"));
    assertEquals(Set.of(), job.data().train().options().inherited());
    TextOptions validation = ((Source) job.data().validation().orElseThrow()).options();
    assertEquals("\t", validation.values().get("sep"));
    assertEquals(List.of("a,b"), validation.values().get("nullValue"));
    assertEquals(9, validation.values().size());
    assertTrue(validation.inherited().containsAll(Set.of("encoding", "quote", "numFeatures")));
    assertEquals(7, validation.inherited().size());
  }

  @ParameterizedTest
  @CsvSource({
    "data.train.options.seperator = x, data.train.options.sep",
    "data.train.options.nullvalues = x, data.train.options.nullValue",
    "data.test.options.encodin = UTF-8, data.test.options.encoding",
    "data.train.options.sep = abc, data.train.options.sep",
    "data.train.options.encoding = UTF-77, data.train.options.encoding",
    "data.train.options.indexBase = 2, indexBase",
    "data.train.options.maxLines = 0, data.train.options.maxLines",
  })
  void whatIsWrongIsRefusedByTheNameOfTheKey(String line, String key) {
    ConfigException e = assertThrows(ConfigException.class, () -> job(line));
    assertTrue(e.getMessage().contains(key), e.getMessage());
  }
}

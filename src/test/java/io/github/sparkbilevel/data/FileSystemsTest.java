package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileSystemsTest {
  private static final Configuration CONF = new Configuration();

  @Test
  void findsTheOneOfThePath() throws IOException {
    assertEquals("file", FileSystems.of(new Path("/tmp/x"), CONF).getScheme());
  }

  /** Those that nobody knows, that lack a jar, that are misspelt, and what is none. */
  @ParameterizedTest
  @CsvSource({
    "nosuch://x/rows.csv, nosuch://",
    "s3a://bucket/rows.csv, --packages org.apache.hadoop:hadoop-aws:",
    "abfss://c@host/rows.csv, --packages org.apache.hadoop:hadoop-azure:",
    "gs://bucket/rows.csv, gcs-connector",
    "s3://bucket/rows.csv, s3a://",
    "hdsf://host/rows.csv, did you mean hdfs://",
    "http://host/rows.csv, download",
    "https://host/rows.csv, download"
  })
  void oneThatIsNotThereIsSaidInASentence(String path, String part) {
    assertThrows(
        FileSystems.Missing.class,
        () -> FileSystems.of(new Path(path), CONF),
        "not said of " + path);
    String said =
        assertThrows(DataException.class, () -> DataFiles.list(CONF, "data.train.path", path))
            .getMessage();
    assertTrue(said.startsWith("data.train.path = '" + path + "': "), said);
    assertTrue(said.contains(part), said);
    assertFalse(said.contains("permission"), said);
  }
}

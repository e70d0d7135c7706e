package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSystemsTest {
  private static final Configuration CONF = new Configuration();

  @Test
  void findsTheOneOfThePath() throws IOException {
    assertEquals("file", FileSystems.of(new Path("/tmp/x"), CONF).getScheme());
  }

  /** One that nobody knows; one that Hadoop knows, but whose classes are not here. */
  @ParameterizedTest
  @ValueSource(strings = {"nosuch://x/rows.csv", "s3a://bucket/rows.csv"})
  void oneThatIsNotThereIsSaidInASentence(String path) {
    IOException thrown =
        assertThrows(IOException.class, () -> FileSystems.of(new Path(path), CONF));
    assertTrue(
        thrown.getMessage().matches("(No FileSystem for scheme|Class ).*"), thrown::toString);
    String said =
        assertThrows(DataException.class, () -> DataFiles.list(CONF, "data.train.path", path))
            .getMessage();
    assertTrue(said.startsWith("data.train.path = '" + path + "' cannot be read"), said);
  }
}

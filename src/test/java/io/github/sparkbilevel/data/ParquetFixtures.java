package io.github.sparkbilevel.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** Writes single Parquet files under names that Spark would not choose. */
public final class ParquetFixtures {
  private ParquetFixtures() {}

  /** Two rows of labels 0 and 1 with one feature {@code x}, which holds {@code value} and 0. */
  public static String file(Path folder, String name, double value) {
    return sql(
        folder,
        name,
        "select 0 as label, cast(" + value + " as double) as x union all select 1, 0D");
  }

  /** The rows of a query in one file; folders in the name are made. */
  public static String sql(Path folder, String name, String query) {
    SparkSession spark = LocalSpark.session();
    Path target = folder.resolve(name);
    try {
      Path written = Files.createTempDirectory("parquet-fixture").resolve("rows");
      spark.sql(query).coalesce(1).write().parquet(written.toString());
      Files.createDirectories(target.getParent());
      try (Stream<Path> files = Files.list(written)) {
        Path part =
            files
                .filter(file -> file.getFileName().toString().startsWith("part-"))
                .findFirst()
                .get();
        Files.move(part, target);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target.toString();
  }
}

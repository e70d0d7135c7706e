package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Job files as tests write them: the smallest one, with settings over it. */
abstract class JobFileCases {
  static final String SMALLEST =
      """
      data.train.path = rows.csv
      data.validation.path = trusted.csv
      output.path = out
      """;

  @TempDir Path folder;
  Folders folders;

  @BeforeEach
  void makeFolders() throws IOException {
    Path current = Files.createDirectory(folder.resolve("current"));
    Path root = Files.createDirectory(folder.resolve("root"));
    folders = new Folders(current, root);
  }

  final JobConfig job(String... overrides) {
    return JobFile.parse(SMALLEST, List.of(overrides), folders);
  }

  final JobConfig tune(String... overrides) {
    return JobFile.parse(SMALLEST + "job = tune", List.of(overrides), folders);
  }

  final JobConfig hypergradient(String... overrides) {
    return JobFile.parse(SMALLEST + "job = hypergradient", List.of(overrides), folders);
  }

  final String error(String... overrides) {
    return assertThrows(ConfigException.class, () -> job(overrides)).getMessage();
  }

  final String tuneError(String... overrides) {
    return assertThrows(ConfigException.class, () -> tune(overrides)).getMessage();
  }

  final void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}

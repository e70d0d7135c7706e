package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeysTest {
  private static final Path PAGE = Path.of("docs", "keys.md");

  static List<Key<?>> catalogue() {
    return Keys.CATALOGUE;
  }

  static List<Path> jobFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("spark-job"))) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void everyDefaultIsAllowedAndEveryDescriptionIsOneSentence(Key<?> key) {
    if (key.defaultText() != null) {
      Object written = key.defaultValue() == null ? null : key.defaultValue().unwrapped();
      assertDoesNotThrow(() -> key.type().read(written), key.path());
    }
    assertTrue(key.doc().endsWith("."), key.doc());
    assertTrue(Character.isUpperCase(key.doc().charAt(0)) || key.doc().startsWith("nbo"));
    assertTrue(key.jobs().stream().allMatch(List.of(Keys.CLEAN, Keys.HYPERGRADIENT)::contains));
  }

  @Test
  void everyKeyIsThereOnceAndNoneIsAGroup() {
    Set<String> paths = new HashSet<>();
    Keys.CATALOGUE.forEach(key -> assertTrue(paths.add(key.path()), key.path()));
    for (String path : paths) {
      assertTrue(paths.stream().noneMatch(other -> other.startsWith(path + ".")), path);
    }
  }

  /** A default that stood elsewhere too would win over the one in the catalogue, or lose. */
  @Test
  void aDefaultSetByHandChangesNothing() {
    Folders folders = new Folders(Path.of("/nowhere"), null);
    String smallest = "data.train.path = a, data.validation.path = b, output.path = c\n";
    StringBuilder all = new StringBuilder(smallest);
    for (Key<?> key : Keys.CATALOGUE) {
      boolean own = key.inherits() == null && key.jobs().contains(Keys.CLEAN);
      if (own && key.defaultText() != null && !key.path().endsWith(".path")) {
        all.append(key.path()).append(" = ").append(key.defaultText()).append('\n');
      }
    }
    assertEquals(
        JobFile.parse(smallest, List.of(), folders),
        JobFile.parse(all.toString(), List.of(), folders));
  }

  @Test
  void thePageOfKeysIsTheCatalogue() throws IOException {
    if (Boolean.getBoolean("update")) {
      Files.writeString(PAGE, KeyTable.markdown());
    }
    assertEquals(
        KeyTable.markdown(), Files.readString(PAGE), "run the tests with -Dupdate=true, once");
  }

  @ParameterizedTest
  @MethodSource("jobFiles")
  void everyJobFileIsValidAndBeginsWithWhatItDoes(Path file) throws IOException {
    Folders folders = new Folders(Path.of("").toAbsolutePath(), null);
    JobConfig job = JobFile.load(file.toString(), List.of(), folders);
    assertEquals(List.of(), job.warnings());
    assertTrue(Files.readAllLines(file).get(0).matches("# .+\\."));
    assertTrue(
        job.output().path().endsWith("/out/" + file.getFileName().toString().replace(".conf", "")));
  }
}

package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  private static final Path PAGE = Path.of("docs", "keys.md");

  static Collection<Setting<?>> catalogue() {
    return Registry.keys().values();
  }

  static List<Path> jobFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("spark-job"))) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void everyDefaultIsAllowedAndEveryDescriptionIsOneSentence(Setting<?> key) {
    for (String job : key.jobs()) {
      assertDoesNotThrow(() -> key.defaultIn(new Use(job, "softmax")), key.path());
    }
    assertTrue(key.doc().endsWith("."), key.doc());
    assertTrue(Character.isUpperCase(key.doc().charAt(0)) || key.doc().startsWith("nbo"));
    assertTrue(Keys.JOBS.containsAll(key.jobs()), key.path());
  }

  @Test
  void everyKeyIsThereOnceAndNoneIsAGroup() {
    Set<String> paths = new HashSet<>();
    catalogue().forEach(key -> assertTrue(paths.add(key.path()), key.path()));
    for (String path : paths) {
      assertTrue(paths.stream().noneMatch(other -> other.startsWith(path + ".")), path);
    }
  }

  /** The layers are those of another family than mlp, the factor that of a long tail. */
  private static final List<Setting<?>> OF_OTHER_WORDS =
      List.of(
          ProblemSettings.LAYERS,
          ProblemSettings.PRESET,
          ProblemSettings.SHAPE,
          DataSettings.CORRUPT_FACTOR);

  /** A default that stood elsewhere too would win over the one in the catalogue, or lose. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // What networks, nbo and the searches read has an effect here, so that nothing is warned
        // of.
        "job = clean, model.family = mlp",
        "job = hypergradient, model.family = mlp",
        "job = tune, solver.algorithm = nbo, baselines = grid"
      })
  void aDefaultSetByHandChangesNothing(String start) {
    Folders folders = new Folders(Path.of("/nowhere"), null);
    String smallest = start + ", data.train.path = a, data.validation.path = b, output.path = c\n";
    String job = JobFile.parse(smallest, List.of(), folders).job();
    StringBuilder all = new StringBuilder(smallest);
    for (Setting<?> key : catalogue()) {
      boolean own =
          key.inherits() == null && key.jobs().contains(job) && !OF_OTHER_WORDS.contains(key);
      boolean said = smallest.contains(key.path() + " = ") || key.path().endsWith(".path");
      if (own && key.defaultText() != null && !said) {
        all.append(key.path()).append(" = ").append(key.defaultText()).append('\n');
      }
    }
    assertEquals(
        JobFile.parse(smallest, List.of(), folders),
        JobFile.parse(all.toString(), List.of(), folders));
  }

  /** What {@code auto} stands for is written once, so what a description says of it is true. */
  @ParameterizedTest
  @CsvSource({
    "solver.iterations, 40, 60",
    "solver.patience, 10, 5",
    "solver.precision, single, double",
    "baselines, '[noisy, trusted, confident-learning, noise-model, labeller-model, dawid-skene, cleaned]', [cross-validation]",
  })
  void aDescriptionSaysWhatAutoIsInEachJob(String path, String clean, String tune) {
    Setting<?> key =
        catalogue().stream().filter(known -> known.path().equals(path)).findFirst().orElseThrow();
    assertEquals("auto", key.defaultText());
    assertTrue(
        key.doc()
            .endsWith("auto is %s in the job clean and %s in the job tune.".formatted(clean, tune)),
        key.doc());
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

  /** A job hands its values to an estimator by the paths of its settings. */
  @ParameterizedTest
  @EnumSource(Stage.class)
  void whatAParamSetsIsAValueOfTheJob(Stage stage) {
    Folders folders = new Folders(Path.of("/nowhere"), null);
    String smallest = "data.train.path = a, data.validation.path = b, output.path = c\n";
    JobConfig job = JobFile.parse(smallest, List.of(), folders);
    for (Setting<?> setting : Registry.params(stage).values()) {
      if (setting.path() != null && !setting.path().startsWith("data.train.")) {
        assertNotNull(job.get(setting), setting::path);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5000, 5000",
    "8 MiB, 8388608",
    "8M, 8388608",
    "8 MB, 8000000",
    "64k, 65536",
    "64 kB, 64000",
    "1.5 mebibytes, 1572864",
    "1 gigabyte, 1000000000"
  })
  void sizesHaveUnits(String text, long bytes) {
    Folders folders = new Folders(Path.of("/nowhere"), null);
    String smallest = "data.train.path = a, data.validation.path = b, output.path = c\n";
    JobConfig job = JobFile.parse(smallest, List.of("data.blockBytes=" + text), folders);
    assertEquals(bytes, job.data().blockBytes());
  }
}

package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.ConfigException;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobFileTest {
  private static final String SMALLEST =
      """
      data.train.path = rows.csv
      data.validation.path = trusted.csv
      output.path = out
      """;

  @TempDir Path folder;
  private Folders folders;

  @BeforeEach
  void makeFolders() throws IOException {
    Path current = Files.createDirectory(folder.resolve("current"));
    Path root = Files.createDirectory(folder.resolve("root"));
    folders = new Folders(current, root);
  }

  private JobConfig job(String... overrides) {
    return JobFile.parse(SMALLEST, List.of(overrides), folders);
  }

  private String error(String... overrides) {
    return assertThrows(ConfigException.class, () -> job(overrides)).getMessage();
  }

  private void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void theSmallestJobHasTheDefaultsOfTheContract() {
    JobConfig job = job();
    assertEquals("clean", job.job());
    assertEquals(42, job.seed());
    assertTrue(job.data().standardize());
    assertTrue(job.data().intercept());
    assertEquals(Optional.empty(), job.data().test());
    assertEquals(OptionalInt.empty(), job.data().partitions());
    assertEquals(new DataConfig.Corruption("uniform", 0.0, 7), job.data().corrupt());
    assertFalse(job.data().corrupt().active());
    assertEquals(new ModelConfig("softmax", 0.01, false), job.model());
    assertEquals(List.of("weight-function"), job.upper().variables());
    assertEquals(List.of(0.0), job.upper().initial());
    assertEquals("nbo", job.solver().algorithm());
    assertEquals("auto", job.solver().curvature());
    assertEquals(2, job.solver().products());
    assertEquals(40, job.solver().iterations());
    assertEquals("parquet", job.output().format());
    assertFalse(job.output().overwrite());
    assertEquals(new CheckpointConfig(Optional.empty(), 10, true), job.checkpoint());
    assertEquals(
        new HypergradientConfig(List.of("exact", "cg"), 1e-10, "double"), job.hypergradient());
    assertEquals(List.of("noisy", "trusted", "confident-learning", "cleaned"), job.baselines());
    assertEquals(List.of(), job.warnings());
    Source train = job.data().train();
    assertEquals("rows.csv", train.path());
    assertEquals("auto", train.format());
    assertEquals("label", train.label());
    assertEquals(Optional.empty(), train.id());
    assertEquals(Optional.empty(), train.features());
  }

  @Test
  void theResolvedTextIsTheSameJob() {
    JobConfig job = job("solver.products=3", "data.train.features=[a, b]", "upper.bounds=[-1, 2]");
    JobConfig again = JobFile.parse(job.resolvedText(), List.of(), folders);
    assertEquals(job, again);
  }

  @Test
  void clippingIsForCleaningStandardisedFeatures() {
    assertEquals(OptionalDouble.of(5), job().data().clip());
    assertEquals(OptionalDouble.of(2.5), job("data.clip=2.5").data().clip());
    assertEquals(OptionalDouble.empty(), job("data.clip=none").data().clip());
    assertEquals(OptionalDouble.empty(), job("job=hypergradient").data().clip());
    assertEquals(OptionalDouble.empty(), job("data.standardize=false").data().clip());
    assertTrue(error("data.standardize=false", "data.clip=3").contains("data.clip = none"));
  }

  @ParameterizedTest
  @CsvSource({
    "solver.iteration, solver.iterations",
    "solver.itrations, solver.iterations",
    "iterations, solver.iterations",
    "solver.l2, model.l2",
    "data.train.feature, data.train.features",
    "data.validaton.rows, data.validation.rows",
    "ouput.path, output.path",
    "model.famly, model.family",
    "Seed, seed",
    "solvr.products, solver.products",
  })
  void anUnknownKeySuggestsTheNearest(String typed, String meant) {
    String error = error(typed + "=1");
    assertTrue(error.startsWith("unknown key "), error);
    // The first part that is unknown is named; what is meant is the key or the group it begins.
    String suggested = error.substring(error.indexOf("mean ") + 5, error.indexOf('?'));
    assertTrue(meant.equals(suggested) || meant.startsWith(suggested + "."), error);
  }

  @Test
  void anUnknownKeyLikeNoOtherListsTheKeysOfItsGroup() {
    String error = error("solver.zzzzzzzz=1");
    assertTrue(error.contains("algorithm, curvature, products"), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "solver.products=0; expected an integer >= 1; 2",
        "solver.products=2.5; expected an integer >= 1; 2",
        "solver.products=two; expected an integer >= 1; 2",
        "solver.products=3000000000; expected an integer >= 1; 2",
        "solver.products=[1,2]; expected an integer >= 1; 2",
        "solver.products={a=1}; expected an integer >= 1; 2",
        "solver.iterations=-1; >= 1; 40",
        "solver.warmupPasses=-1; >= 0; 60",
        "solver.tolerance=-1e-3; >= 0; 1e-2",
        "solver.damping=NaN; expected a number >= 0; 0.0",
        "solver.damping=Infinity; expected a number; 0.0",
        "solver.patience=0; >= 1; 10",
        "solver.heldOut=0.95; from 0 to 0.9; 0.3333",
        "solver.precision=half; single | double; single",
        "solver.backend=gpu; auto | jvm | netlib | nd4j; auto",
        "solver.algorithm=soba; expected one of nbo; nbo",
        "solver.curvature=exct; did you mean exact?; auto",
        "seed=1.5; expected an integer; 42",
        "model.l2=-1; >= 0; 0.01",
        "model.penalizeIntercept=maybe; expected a boolean; false",
        "data.standardize=1; expected a boolean; true",
        "data.clip=0; expected a number > 0 or auto or none; auto",
        "data.partitions=0; >= 1; auto",
        "data.blockBytes=5 parsecs; expected a size; 8 MiB",
        "data.blockBytes=1; >= 4096; 8 MiB",
        "data.corrupt.fraction=1.5; from 0 to 1; 0.0",
        "data.corrupt.kind=random; uniform | next-class | by-group; uniform",
        "data.train.format=json; csv | libsvm | parquet; auto",
        "data.train.limit=0; >= 1; leave it out",
        "data.train.features=[]; list; leave it out",
        "upper.refresh=0; >= 1; 5",
        "upper.step=0; > 0; auto",
        "upper.initial=high; number; 0.0",
        "upper.bounds=[1]; list of two numbers; leave it out",
        "upper.variable=[l2, l2]; weight-function | example-weights; weight-function",
        "baselines=[noisi]; did you mean noisy?; noisy",
        "output.format=orc; parquet | csv; parquet",
        "checkpoint.interval=0; >= 1; 10",
        "hypergradient.tolerance=0; > 0; 1e-10",
        "hypergradient.methods=[]; name or list of names; exact",
      })
  void aWrongValueSaysWhatIsExpectedAndWhatToTry(String override, String expected, String advice) {
    String error = error(override);
    String key = override.substring(0, override.indexOf('='));
    assertTrue(error.startsWith(key + " = "), error);
    assertTrue(error.contains("(command line)"), error);
    assertTrue(error.contains(expected), error);
    assertTrue(error.contains(advice), error);
    assertEquals(1, error.lines().count(), error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "job=tune",
        "job=benchmark",
        "model.family=mlp",
        "model.family=linear",
        "upper.variable=l2-per-feature",
        "upper.variable=[weight-function, l2-per-class]",
        "solver.curvature=kfac",
        "hypergradient.methods=[exact, neumann]",
        "model.hidden=[256]",
      })
  void whatIsPlannedIsNotAvailable(String override) {
    String error = error(override);
    assertTrue(error.contains("not available in this version"), error);
  }

  @Test
  void anErrorInAFileNamesTheLine() throws IOException {
    write(folders.current().resolve("bad.conf"), SMALLEST + "\nsolver {\n  products = none\n}\n");
    ConfigException error =
        assertThrows(ConfigException.class, () -> JobFile.load("bad.conf", List.of(), folders));
    assertTrue(error.getMessage().contains("(bad.conf, line 6)"), error.getMessage());
  }

  @Test
  void aGroupIsNotAValue() {
    assertTrue(error("solver=fast").contains("group of keys"));
    assertTrue(error("solver=fast").contains("solver.algorithm"));
  }

  @Test
  void theTrainingRowsAndTheTrustedRowsAndTheOutputAreNeeded() {
    assertTrue(error("data.train.path=null").contains("data.train.path is missing"));
    assertTrue(error("data.validation.path=null").contains("data.validation.rows"));
    assertTrue(error("output.path=null").contains("output.path is missing"));
    assertTrue(error("output.path=").contains("output.path"));
  }

  @Test
  void rowsAreReadOrDrawn() {
    JobConfig job = job("data.validation.rows=100", "data.test.fraction=0.2");
    Draw trusted = (Draw) job.data().validation();
    Draw test = (Draw) job.data().test().orElseThrow();
    assertEquals(100, trusted.count(1000));
    assertEquals(200, test.count(1000));
    assertEquals(1, test.count(2));
    String both =
        assertThrows(
                ConfigException.class,
                () -> JobFile.parse(SMALLEST + "data.validation.rows = 9", List.of(), folders))
            .getMessage();
    assertTrue(both.contains("data.validation.path and data.validation.rows"), both);
    assertTrue(error("data.validation.fraction=1").contains("> 0 and < 1"));
    assertTrue(
        error("data.validation.fraction=0.5", "data.test.fraction=0.5").contains("less than 1"));
  }

  @Test
  void rolesComeFromTheTrainingRowsUnlessGiven() {
    JobConfig job =
        job(
            "data.train.label=digit",
            "data.train.truth=right",
            "data.train.limit=10",
            "data.test.path=test.csv",
            "data.test.truth=null",
            "data.validation.label=checked");
    Source trusted = (Source) job.data().validation();
    Source test = (Source) job.data().test().orElseThrow();
    assertEquals("checked", trusted.label());
    assertEquals("digit", test.label());
    assertEquals(Optional.of("right"), trusted.truth());
    assertEquals(Optional.empty(), test.truth());
    assertEquals(Set.of("truth", "id", "features", "group", "weight"), trusted.inherited());
    assertEquals(Set.of("label", "id", "features", "group", "weight"), test.inherited());
    assertTrue(test.limit().isEmpty(), "a limit is for its own rows");
  }

  @Test
  void theUpperVariableIsOneKindOfWeightsAndPerhapsThePenalty() {
    UpperConfig both = job("upper.variable=[example-weights, l2]", "model.l2=0.1").upper();
    assertEquals(Optional.of("example-weights"), both.weights());
    assertTrue(both.tunesL2());
    assertEquals(0.0, both.initialOf("example-weights"));
    assertEquals(Math.log(0.1), both.initialOf("l2"));
    assertEquals(
        List.of(1.0, -2.0),
        job("upper.variable=[weight-function, l2]", "upper.initial=[1, -2]").upper().initial());
    assertEquals(
        List.of(3.0, 3.0),
        job("job=hypergradient", "upper.variable=[weight-function, l2]", "upper.initial=3")
            .upper()
            .initial());
    UpperConfig penalty = job("job=hypergradient", "upper.variable=l2").upper();
    assertEquals(Optional.empty(), penalty.weights());
    assertEquals(0.0, penalty.initialOf("l2"));
    assertTrue(error("upper.variable=l2").contains("no weights"));
    assertTrue(error("upper.variable=[l2, weight-function]").contains("out of order"));
    assertTrue(error("upper.variable=[weight-function, example-weights]").contains("two kinds"));
    assertTrue(error("upper.initial=[1, 2]").contains("2 numbers for 1 variables"));
    assertTrue(error("upper.bounds=[2, 1]").contains("smaller number first"));
    assertTrue(error("upper.variable=[weight-function, l2]", "model.l2=0").contains("model.l2"));
  }

  @Test
  void groupWeightsNeedGroups() {
    assertTrue(error("upper.variable=group-weights").contains("data.train.group"));
    job("upper.variable=group-weights", "data.train.group=annotator");
    JobConfig made = job("upper.variable=group-weights", "data.corrupt.kind=by-group");
    assertTrue(made.data().corrupt().active());
  }

  @Test
  void keysWithoutEffectAreWarnedOf() {
    assertEquals(
        List.of("hypergradient.tolerance has no effect in the job clean"),
        job("hypergradient.tolerance=1e-8").warnings());
    assertEquals(
        1, job("data.corrupt.kind=by-group", "data.corrupt.fraction=0.4").warnings().size());
  }

  @Test
  void aFileIsLookedUpHereAndThenInTheRepository() throws IOException {
    write(folders.root().resolve("spark-job/a.conf"), SMALLEST + "seed = 1");
    assertEquals(1, JobFile.load("spark-job/a.conf", List.of(), folders).seed());
    write(folders.current().resolve("spark-job/a.conf"), SMALLEST + "seed = 2");
    assertEquals(2, JobFile.load("spark-job/a.conf", List.of(), folders).seed());
    ConfigException missing =
        assertThrows(ConfigException.class, () -> JobFile.load("b.conf", List.of(), folders));
    assertTrue(missing.getMessage().contains("--list"), missing.getMessage());
    assertThrows(ConfigException.class, () -> JobFile.load("spark-job", List.of(), folders));
  }

  @Test
  void aFileMayIncludeAnotherAndNameThingsOfItsOwn() throws IOException {
    write(folders.current().resolve("jobs/base.conf"), SMALLEST + "seed = 5");
    write(
        folders.current().resolve("jobs/my.conf"),
        """
        include "base.conf"
        vars { where = "/data/x y" }
        data.train.path = ${vars.where}"/rows.csv"
        """);
    JobConfig job = JobFile.load("jobs/my.conf", List.of(), folders);
    assertEquals(5, job.seed());
    assertEquals("/data/x y/rows.csv", job.data().train().path());
    JobConfig moved = JobFile.load("jobs/my.conf", List.of("vars.where=/e"), folders);
    assertEquals("/e/rows.csv", moved.data().train().path());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a { b", "a = ${NO_SUCH_VARIABLE_HERE}", "include required(\"none\")"})
  void aFileThatIsNotHoconIsOneSentence(String text) throws IOException {
    write(folders.current().resolve("bad.conf"), text);
    ConfigException error =
        assertThrows(ConfigException.class, () -> JobFile.load("bad.conf", List.of(), folders));
    assertTrue(error.getMessage().startsWith("job file bad.conf cannot be read: "));
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
  }

  @Test
  void aJobFileThatCannotBeReadSaysWhatToDo() throws IOException {
    Files.createDirectories(folders.current().resolve("folder.conf"));
    assertEquals(
        "job file \"folder.conf\" is a folder; expected a file, try --list for the job files there are",
        failure("folder.conf"));
    write(folders.current().resolve("binary.conf"), "a\u0001\u0002 { b } c \u0007");
    assertFalse(failure("binary.conf").chars().anyMatch(Character::isISOControl));
    write(folders.current().resolve("open.conf"), "a = ${vars.nothing}");
    assertTrue(failure("open.conf").contains("${vars.nothing}"));
    assertTrue(failure("open.conf").contains("command line"));
    write(folders.current().resolve("gone.conf"), "include required(\"none\")");
    assertTrue(failure("gone.conf").endsWith("; check the file and its permissions"));
  }

  private String failure(String file) {
    return assertThrows(ConfigException.class, () -> JobFile.load(file, List.of(), folders))
        .getMessage();
  }
}

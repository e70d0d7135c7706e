package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.job.config.DataConfig.Answered;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private JobConfig tune(String... overrides) {
    return JobFile.parse(SMALLEST + "job = tune", List.of(overrides), folders);
  }

  private JobConfig hypergradient(String... overrides) {
    return JobFile.parse(SMALLEST + "job = hypergradient", List.of(overrides), folders);
  }

  private String error(String... overrides) {
    return assertThrows(ConfigException.class, () -> job(overrides)).getMessage();
  }

  private String tuneError(String... overrides) {
    return assertThrows(ConfigException.class, () -> tune(overrides)).getMessage();
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
    assertEquals(Optional.empty(), job.data().partitions());
    assertEquals(
        new DataConfig.Corruption("uniform", 0.0, 7, Optional.empty(), 100), job.data().corrupt());
    assertFalse(job.data().corrupt().active());
    assertEquals(
        new ModelConfig(
            "softmax",
            0.01,
            false,
            List.of(256),
            "relu",
            "[]",
            "none",
            List.of(),
            Optional.empty(),
            "{}",
            0,
            "cross-entropy"),
        job.model());
    assertEquals(List.of("weight-function"), job.upper().variables());
    assertEquals(List.of(0.0), job.upper().initial());
    assertEquals("nbo", job.solver().algorithm());
    assertEquals("auto", job.solver().curvature());
    assertEquals(2, job.solver().products());
    assertEquals(40, job.solver().iterations());
    assertEquals(10, job.solver().patience());
    assertEquals("single", job.solver().precision());
    assertEquals("parquet", job.output().format());
    assertFalse(job.output().overwrite());
    assertEquals(new CheckpointConfig(Optional.empty(), 10, true), job.checkpoint());
    assertEquals(
        new HypergradientConfig(List.of("exact", "cg"), 1e-10, "double", 2000, List.of(), "exact"),
        job.hypergradient());
    assertEquals(
        List.of(
            "noisy",
            "trusted",
            "confident-learning",
            "noise-model",
            "labeller-model",
            "dawid-skene",
            "cleaned"),
        job.baselines());
    assertEquals(List.of(), job.warnings());
    Source train = job.data().train();
    assertEquals("rows.csv", train.path());
    assertEquals("auto", train.format());
    assertEquals("label", train.label());
    assertEquals(Optional.empty(), train.id());
    assertEquals(Optional.empty(), train.features());
  }

  @Test
  void theSmallestTuningJobHasDefaultsOfItsOwn() {
    JobConfig job = tune();
    assertEquals("tune", job.job());
    assertEquals(List.of("l2-per-feature"), job.upper().variables());
    assertEquals(Optional.empty(), job.upper().groups());
    assertEquals(List.of(Math.log(0.01)), job.upper().initial());
    assertEquals(1e-5, job.upper().tolerance());
    assertEquals("lbfgs", job.solver().algorithm());
    assertEquals("auto", job.solver().curvature());
    assertEquals(20, job.solver().sketch());
    assertEquals(60, job.solver().iterations());
    assertEquals(5, job.solver().patience());
    assertEquals("double", job.solver().precision());
    assertEquals(List.of("cross-validation"), job.baselines());
    assertEquals(new SearchConfig(17, List.of(1e-6, 1e2)), job.search());
    assertEquals(Optional.empty(), job.data().clip());
    assertEquals(List.of(), job.warnings());
  }

  @Test
  void theResolvedTextIsTheSameJob() {
    JobConfig job = job("solver.products=3", "data.train.features=[a, b]", "upper.bounds=[-1, 2]");
    assertEquals(job, JobFile.parse(job.resolvedText(), List.of(), folders));
    JobConfig tune =
        tune("solver.algorithm=nbo", "baselines=[grid, mllib]", "search.range=[0.1, 3]");
    assertEquals(tune, JobFile.parse(tune.resolvedText(), List.of(), folders));
  }

  @Test
  void clippingIsForCleaningStandardisedFeatures() {
    assertEquals(Optional.of(5.0), job().data().clip());
    assertEquals(Optional.of(2.5), job("data.clip=2.5").data().clip());
    assertEquals(Optional.empty(), job("data.clip=none").data().clip());
    assertEquals(Optional.empty(), job("job=hypergradient").data().clip());
    assertEquals(Optional.empty(), job("data.standardize=false").data().clip());
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
    assertTrue(error.contains("algorithm, curvature, sketch, products"), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "solver.products=0; expected an integer >= 1 or auto; auto",
        "solver.products=2.5; expected an integer >= 1 or auto; auto",
        "solver.products=two; expected an integer >= 1 or auto; auto",
        "solver.products=3000000000; expected an integer >= 1 or auto; auto",
        "solver.products=[1,2]; expected an integer >= 1 or auto; auto",
        "solver.products={a=1}; expected an integer >= 1 or auto; auto",
        "solver.iterations=-1; expected an integer >= 1 or auto; auto",
        "solver.warmupPasses=-1; >= 0; 60",
        "solver.tolerance=-1e-3; >= 0; 1e-2",
        "solver.damping=NaN; expected a number >= 0 or auto; auto",
        "solver.damping=Infinity; expected a number; auto",
        "solver.patience=0; >= 1; auto",
        "solver.heldOut=0.95; from 0 to 0.9; 0.2",
        "solver.precision=half; expected one of single | double or auto; auto",
        "solver.backend=gpu; auto | jvm | netlib | nd4j; auto",
        "solver.device=cuda; auto | cpu | gpu; auto",
        "solver.algorithm=sobba; got the algorithm; auto",
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
        "data.corrupt.kind=random; uniform | next-class | class-dependent | by-group |"
            + " weak-labeller | backdoor | long-tail; uniform",
        "data.corrupt.factor=0.5; >= 1; 100",
        "data.train.limit=0; >= 1; leave it out",
        "data.train.features=[]; list; leave it out",
        "upper.refresh=0; >= 1; 5",
        "upper.step=0; > 0; auto",
        "upper.initial=high; number; auto",
        "upper.bounds=[1]; list of two numbers; leave it out",
        "upper.variable=[l2, l2]; weight-function | example-weights; auto",
        "baselines=[noisi]; did you mean noisy?; noisy",
        "upper.tolerance=0; expected a number > 0; 1e-5",
        "upper.groups=[a]; expected a string; leave it out",
        "solver.sketch=0; expected an integer >= 1; 20",
        "search.points=1; expected an integer >= 2; 17",
        "search.range=[0, 1]; expected a list of two numbers > 0; [1e-6, 1e2]",
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
  @ValueSource(strings = {"ids", "none"})
  void softLabelsNeedWholeRows(String cleaned) {
    String error = error("output.cleaned=" + cleaned, "output.softLabels=true");
    assertTrue(error.startsWith("output.softLabels = true"), error);
    assertTrue(error.contains("output.cleaned = rows"), error);
    assertEquals(1, error.lines().count(), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "benchmark.runs=[sobo]; got the algorithm 'sobo', expected one of nbo, lbfgs",
        "benchmark.runs=nbo Q=3; got 'Q=3' after nbo, expected one of T=…, step=…",
        "benchmark.runs=lbfgs T=3; expected nothing",
        "benchmark.runs=soba share=2; above 0 and at most 1",
        "benchmark.runs=amigo T=2.5; expected an integer >= 1",
        "benchmark.runs=grid points=1; expected an integer >= 2",
        "benchmark.runs=nbo step=fast; expected a number > 0",
        "benchmark.runs=nbo, lbfgs, nbo; got 'nbo' twice",
        "benchmark.runs=[]; string",
        "benchmark.seconds=0; > 0",
        "benchmark.repetitions=0; >= 1",
        "upper.variable=weight-function; group-weights",
        "upper.variable=example-weights; l2-per-feature",
        "upper.variable=noise-model; job = clean",
        "model.family=mlp; in the job benchmark",
        "solver.curvature=identity; the job benchmark",
      })
  void aBenchmarkRefusesWhatItCannotCompare(String override, String expected) {
    String error = error("job=benchmark", override);
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void aBenchmarkNamesAlgorithmsAndTheirOptions() {
    JobConfig job =
        job("job=benchmark", "benchmark.runs=amigo T=20 Q=5, nbo", "benchmark.targets=[0.3, 0.2]");
    assertEquals(List.of("l2-per-feature"), job.upper().variables());
    assertEquals("amigo T=20 Q=5", job.benchmark().runs().get(0).text());
    assertEquals(20, job.benchmark().runs().get(0).options().get("T"));
    assertEquals("nbo", job.benchmark().runs().get(1).algorithm());
    assertEquals(List.of(0.3, 0.2), job.benchmark().targets());
    assertEquals(List.of(), job.warnings());
  }

  @Test
  void theArenaHasACellForEveryCorruptionAndNumberOfTrustedRows() {
    JobConfig job =
        job(
            "job=arena",
            "data.validation=null",
            "data.test.rows=50",
            "data.corrupt.seed=3",
            "arena.trusted=[10, 20]",
            "arena.fraction.next-class=0.2",
            "arena.corruptions=[next-class, by-group]");
    assertEquals(List.of(), job.warnings());
    ArenaConfig arena = job.arena().orElseThrow();
    assertEquals(List.of(10L, 20L), arena.trusted());
    assertEquals(1, arena.sets().size());
    ArenaConfig.DataSet set = arena.sets().get(0);
    assertEquals("rows.csv", set.name());
    DataConfig cell = set.cell(arena.corruptions().get(0), 20, 0);
    assertEquals(
        new DataConfig.Corruption("next-class", 0.2, 3, Optional.empty(), 100), cell.corrupt());
    assertEquals(20, ((DataConfig.Draw) cell.validation().orElseThrow()).rows().getAsLong());
    assertTrue(arena.corruptions().get(1).byGroup());
    assertEquals(5, arena.repetitions());
    assertTrue(set.cell(arena.corruptions().get(0), 0, 0).validation().isEmpty());
    assertEquals(5, set.cell(arena.corruptions().get(0), 20, 2).corrupt().seed());
    // What the job clean does by default, the arena does.
    assertEquals(job("data.test.rows=50").solver(), job.solver());
    assertEquals(job("data.test.rows=50").upper(), job.upper());
    assertEquals(job("data.test.rows=50").data().clip(), job.data().clip());
    assertEquals(job("data.test.rows=50").baselines(), job.baselines());
  }

  @Test
  void theDataSetsOfTheArenaGoBeforeTheRowsOfTheFile() {
    JobConfig job =
        JobFile.parse(
            """
            job = arena
            output.path = out
            data { test { fraction = 0.2 }, standardize = false }
            arena.data = [
              { train { path = a.csv } }
              { name = b, train { path = dir/b.csv, label = y }, test { fraction = 0.3 } }
            ]
            """,
            List.of(),
            folders);
    List<ArenaConfig.DataSet> sets = job.arena().orElseThrow().sets();
    assertEquals(List.of("a.csv", "b"), sets.stream().map(ArenaConfig.DataSet::name).toList());
    assertEquals(sets.get(0).data(), job.data());
    DataConfig b = sets.get(1).data();
    assertTrue(b.train().path().endsWith("dir/b.csv"));
    assertEquals("y", b.train().label());
    assertFalse(b.standardize());
    assertEquals(0.3, ((DataConfig.Draw) b.test().orElseThrow()).fraction().getAsDouble());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "data.test=null; the test rows of rows.csv are missing",
        "arena.trusted=[]; expected an integer or list of integers >= 0",
        "arena.trusted=[-1]; >= 0",
        "arena.trusted=[10, 10]; has a number twice",
        "arena.corruptions=[uniformly]; uniform | next-class | class-dependent | by-group |"
            + " weak-labeller | backdoor",
        "arena.corruptions=[backdoor]; model.shape = []",
        "arena.fraction.uniform=1.5; from 0 to 1",
        "arena.fraction.by-group=0.5; unknown key arena.fraction.by-group",
        "arena.data=[a.csv]; list of groups of keys",
        "'arena.data=[{train.path=b}, {train.paht=a}]'; arena.data[1]: unknown key data.train.paht",
        "'arena.data=[{train.path=a/x}, {train.path=b/x}]'; two data sets called \"x\"",
        "data.train.group=g; rows.csv has the column g",
        "model.family=linear; the job arena needs classes",
        "solver.algorithm=lbfgs; in the job arena",
      })
  void theArenaRefusesWhatItCannotRun(String override, String expected) {
    String error =
        assertThrows(
                ConfigException.class,
                () -> job("job=arena", "data.validation=null", "data.test.rows=50", override))
            .getMessage();
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void aBackdoorReadsTheShapeOfTheImage() {
    String[] backdoor = {
      "data.corrupt.kind=backdoor", "data.corrupt.fraction=0.05", "data.corrupt.target=3"
    };
    for (String shape : List.of("[]", "[64]", "[2, 32, 1]")) {
      List<String> all = new ArrayList<>(List.of(backdoor));
      all.add("model.shape=" + shape);
      ConfigException refused =
          assertThrows(ConfigException.class, () -> job(all.toArray(String[]::new)));
      assertTrue(refused.getMessage().contains("model.shape = " + shape), refused.getMessage());
    }
    List<String> image = new ArrayList<>(List.of(backdoor));
    image.add("model.shape=[8, 8, 1]");
    JobConfig job = job(image.toArray(String[]::new));
    assertEquals(List.of(), job.warnings());
    assertEquals(
        new DataConfig.Corruption("backdoor", 0.05, 7, Optional.of("3"), 100),
        job.data().corrupt());
    assertTrue(job.resolvedText().contains("model.shape = [8,8,1]\n"), job.resolvedText());
    image.add("job=tune");
    ConfigException refused =
        assertThrows(ConfigException.class, () -> job(image.toArray(String[]::new)));
    assertTrue(refused.getMessage().startsWith("data.corrupt.kind"), refused.getMessage());
  }

  @Test
  void whatTheArenaDecidesItselfHasNoEffect() {
    JobConfig job =
        job("job=arena", "data.test.rows=50", "data.corrupt.kind=uniform", "upper.variable=l2");
    assertEquals(
        List.of(
            "data.validation.path has no effect in the job arena",
            "data.corrupt.kind has no effect in the job arena",
            "upper.variable has no effect in the job arena"),
        job.warnings());
  }

  @Test
  void aNetworkHasDefaultsOfItsOwn() {
    JobConfig linear = job();
    JobConfig network = job("model.family=mlp", "model.hidden=[32, 16]", "model.activation=gelu");
    assertEquals(List.of(32, 16), network.model().hidden());
    assertEquals("gelu", network.model().activation());
    assertEquals(2, linear.solver().products());
    assertEquals(5, network.solver().products());
    assertEquals(0, linear.solver().damping());
    assertEquals(0.01, network.solver().damping());
    assertEquals(20, linear.solver().kfac().refresh());
    assertEquals(5, network.solver().kfac().refresh());
    assertEquals(0, hypergradient("model.family=mlp").solver().damping());
    assertEquals(3, job("model.family=mlp", "solver.products=3").solver().products());
    assertEquals(0, job("model.family=mlp", "solver.damping=0").solver().damping());
    assertEquals(List.of(), job("model.family=mlp", "model.hidden=[]").model().hidden());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "clean; data.intercept=false; biases",
        "clean; upper.variable=[weight-function, l2-per-feature]; l2-per-layer",
        "clean; model.hidden=[0]; >= 1",
        "clean; model.hidden=[16, wide]; integer",
        "clean; model.activation=rleu; did you mean relu?",
        "clean; solver.training.step=0; > 0",
        "clean; solver.training.optimizer=sgd; adam | momentum",
        "clean; solver.kfac.decay=1; >= 0 and < 1",
        "clean; solver.kfac.fisher=sampled; monte-carlo",
        "clean; solver.trainign.step=1; did you mean solver.training?",
        "hypergradient; hypergradient.products=[0]; >= 1",
        "hypergradient; hypergradient.hessian=none; gauss-newton",
        "tune; solver.products=2; clean, arena and hypergradient",
      })
  void aNetworkRefusesWhatItCannotDo(String job, String override, String expected) {
    String error = error("job=" + job, "model.family=mlp", override);
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tune", "hypergradient", "benchmark"})
  void otherJobsRefuseANoiseModel(String job) {
    String error = error("job=" + job, "upper.variable=noise-model");
    assertTrue(error.contains("job = clean"), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void aNoiseModelIsMovedByNboAlone() {
    String error = error("job=clean", "upper.variable=noise-model", "solver.algorithm=soba");
    assertTrue(error.contains("try nbo"), error);
    assertEquals(
        List.of("noise-model", "l2"), job("upper.variable=[noise-model, l2]").upper().variables());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "clean; upper.variable=[weight-function, l2-per-layer]; model.family = mlp",
        "clean; solver.curvature=ekfac-cg; kfac-cg",
        "tune; solver.curvature=neumann; kfac-cg",
        "tune; solver.curvature=kfac; auto",
      })
  void aLinearModelRefusesWhatIsForNetworks(String job, String override, String expected) {
    String error = error("job=" + job, override);
    assertTrue(error.contains(expected), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[]; model.layers",
        "[{dens = 3}]; did you mean dense?",
        "[{dense = 3, activation = tanh}]; list of layers",
        "dense; list of layers",
        "[dense]; list of layers",
      })
  void layersAreCheckedBeforeAnyWork(String layers, String expected) {
    String error = error("job=clean", "model.family=network", "model.layers=" + layers);
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void networkOfLayersHasTheDefaultsOfNetworks() {
    JobConfig network =
        job("model.family=network", "model.layers=[{dense = 3}, {residual = [{dense = 3}]}]");
    assertEquals("[{\"dense\":3},{\"residual\":[{\"dense\":3}]}]", network.model().layers());
    assertEquals(5, network.solver().products());
    assertEquals(
        List.of("model.hidden has no effect with model.family = network"),
        job("model.family=network", "model.layers=[{dense = 3}]", "model.hidden=[8]").warnings());
  }

  @Test
  void keysOfNetworksAreIdleWithoutOne() {
    List<String> warnings =
        job("model.hidden=[8]", "solver.training.batch=64", "solver.kfac.samples=2").warnings();
    assertEquals(
        List.of(
            "model.hidden has no effect with model.family = softmax",
            "solver.training.batch has no effect with model.family = softmax",
            "solver.kfac.samples has no effect with model.family = softmax"),
        warnings);
    assertEquals(
        List.of(), job("model.family=mlp", "model.hidden=[8]", "solver.kfac.samples=2").warnings());
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
  void theTrainingRowsAndTheValidationRowsAndTheOutputAreNeeded() {
    assertTrue(error("data.train.path=null").contains("data.train.path is missing"));
    String error =
        assertThrows(ConfigException.class, () -> hypergradient("data.validation.path=null"))
            .getMessage();
    assertTrue(error.startsWith("the trusted rows are missing"), error);
    assertTrue(error.contains("data.validation.rows"), error);
    assertTrue(
        tuneError("data.validation.path=null")
            .startsWith("the validation rows are missing; give data.validation.path or "));
    assertTrue(error("output.path=null").contains("output.path is missing"));
    assertTrue(error("output.path=").contains("output.path"));
  }

  @Test
  void withoutTrustedRowsCleanLearnsANoiseModel() {
    String none = "data.validation.path=null";
    JobConfig job = job(none);
    assertEquals(Optional.empty(), job.data().validation());
    assertEquals(List.of("noise-model"), job.upper().variables());
    assertEquals(
        List.of("noisy", "confident-learning", "noise-model", "dawid-skene", "cleaned"),
        job.baselines());
    assertEquals(List.of(), job.warnings());
    List<String> guided = List.of("solver.iterations", "upper.step", "data.validation.label");
    List<String> warnings =
        job(none, "solver.iterations=9", "upper.step=1", "data.validation.label=checked")
            .warnings();
    assertEquals(guided.size(), warnings.size(), warnings::toString);
    for (String key : guided) {
      assertTrue(warnings.stream().anyMatch(text -> text.startsWith(key + " ")), key);
    }
    assertTrue(error(none, "upper.variable=group-weights").contains("noise-model"));
    assertTrue(error(none, "baselines=[trusted]").startsWith("baselines = "));
    assertTrue(error(none, "baselines=[oracle]").startsWith("baselines = "));
  }

  @Test
  void rowsAreReadOrDrawn() {
    JobConfig job = job("data.validation.rows=100", "data.test.fraction=0.2");
    Draw trusted = (Draw) job.data().validation().orElseThrow();
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
  void rowsComeFromAnySourceOfSparks() {
    DataConfig data =
        job(
                "data.train.path=a.json",
                "data.train.format=json",
                "data.train.options.multiLine=true",
                "data.train.options.a.b=1",
                "data.validation.path=b.json")
            .data();
    Map<String, String> train = data.train().options().spark();
    assertEquals("true", train.get("multiLine"));
    assertEquals("1", train.get("a.b"));
    assertTrue(train.get("path").endsWith("a.json"), train.get("path"));
    Source trusted = (Source) data.validation().orElseThrow();
    assertTrue(trusted.options().spark().get("path").endsWith("b.json"));
    assertEquals("true", trusted.options().spark().get("multiLine"));
    Source jdbc =
        job(
                "data.train.path=null",
                "data.train.format=jdbc",
                "data.train.options.dbtable=orders",
                "data.validation.rows=5")
            .data()
            .train();
    assertEquals("orders", jdbc.path());
    assertFalse(jdbc.options().spark().containsKey("path"));
    assertTrue(
        error("data.train.options.multiLine=true").contains("unknown key data.train.options"));
  }

  @Test
  void rowsComeFromAQuery() {
    Source train = job("data.train.query=\"select 1\"").data().train();
    assertEquals("select 1", train.path());
    assertEquals("query", train.format());
    assertTrue(error("data.train.path=null").startsWith("key data.train.path is missing"));
  }

  @Test
  void columnsBecomeWhatIsAskedFor() {
    assertEquals(Optional.of(Map.of()), job().data().columns());
    assertEquals(Optional.empty(), job("data.columns=none").data().columns());
    assertEquals(
        Optional.of(Map.of("zip", ColumnKind.CATEGORY, "a.b", ColumnKind.IGNORE)),
        job("data.columns.zip=category", "data.columns.\"a.b\"=ignore").data().columns());
    assertTrue(error("data.columns.zip=zip").contains("category"));
  }

  @Test
  void trustedRowsMayLieAmongTheTrainingRows() {
    assertEquals(
        new DataConfig.Marked("checked"),
        job("data.validation.column=checked").data().validation().orElseThrow());
    Answered answered =
        (Answered) job("data.validation.answers=a.csv").data().validation().orElseThrow();
    assertTrue(answered.path().endsWith("a.csv"), answered.path());
    assertTrue(error("data.test.column=checked").contains("data.test.column"));
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
    Source trusted = (Source) job.data().validation().orElseThrow();
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
  void theAlgorithmGoesByTheJobAndByWhereTheUpperVariableIs() {
    String perRow = "upper.variable=[example-weights, l2]";
    assertEquals("nbo", tune(perRow).solver().algorithm());
    assertEquals("nbo", tune("solver.algorithm=nbo").solver().algorithm());
    assertTrue(tuneError(perRow, "solver.algorithm=lbfgs").contains("expected nbo"));
    assertTrue(error("solver.algorithm=lbfgs").contains("is for the job tune; expected nbo"));
  }

  @Test
  void anExplicitValueWinsOverWhatAutoStandsFor() {
    String[] given = {"solver.iterations=7", "solver.patience=3"};
    assertEquals(7, job(given).solver().iterations());
    assertEquals(7, tune(given).solver().iterations());
    assertEquals(3, job(given).solver().patience());
    assertEquals(3, tune(given).solver().patience());
    assertEquals("double", job("solver.precision=double").solver().precision());
    assertEquals("single", tune("solver.precision=single").solver().precision());
    assertEquals(List.of("noisy"), job("baselines=noisy").baselines());
    assertEquals(Optional.of(3.0), tune("data.clip=3").data().clip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"exact", "kfac-cg", "nystrom-cg", "jacobi-cg", "cg"})
  void everyCurvatureIsThereForEveryJob(String curvature) {
    assertEquals(curvature, job("solver.curvature=" + curvature).solver().curvature());
    assertEquals(curvature, tune("solver.curvature=" + curvature).solver().curvature());
    assertEquals(
        List.of(curvature),
        hypergradient("hypergradient.methods=" + curvature).hypergradient().methods());
  }

  @Test
  void theBaselinesAreThoseOfTheJob() {
    assertEquals(
        List.of("grid", "random", "mllib"), tune("baselines=[grid, random, mllib]").baselines());
    assertEquals(
        "baselines = [\"noisy\",\"grid\"] (command line) names grid, which the job clean does not"
            + " fit; try some of noisy | trusted | transfer | confident-learning | noise-model |"
            + " labeller-model | gold-loss-correction | forward-correction | dawid-skene | cleaned",
        error("baselines=[noisy, grid]"));
    assertTrue(
        tuneError("baselines=cleaned")
            .contains(
                "the job tune does not fit; try some of grid | random | cross-validation | mllib"));
    assertEquals(
        new SearchConfig(9, List.of(0.5, 2.0)),
        tune("baselines=grid", "search.points=9", "search.range=[0.5, 2]").search());
    assertTrue(tuneError("search.range=[2, 2]").contains("smaller number first"));
  }

  @Test
  void lossesOfRealLabelsAreThoseOfLinearModels() {
    assertEquals("squared", tune("model.family=linear").model().loss());
    for (String loss : List.of("poisson", "huber 2.5", "quantile 0.9")) {
      assertEquals(loss, tune("model.family=linear", "model.loss=" + loss).model().loss());
      assertTrue(tuneError("model.loss=" + loss).contains("model.family = linear"));
      assertTrue(
          tuneError("model.family=linear", "model.loss=" + loss, "baselines=[grid, mllib]")
              .endsWith("try some of grid | random | cross-validation"));
    }
    for (String loss : List.of("quantile 1.5", "quantile", "huber -1", "cauchy")) {
      String error = tuneError("model.family=linear", "model.loss=" + loss);
      assertTrue(error.contains("model.loss") && error.contains("expected"), error);
    }
  }

  @Test
  void squaredHingeIsForTwoClassesAndNotForCleaning() {
    assertEquals("cross-entropy", tune().model().loss());
    String hinge = "model.loss=squared-hinge";
    assertEquals("squared-hinge", tune("model.family=logistic", hinge).model().loss());
    assertEquals(
        "squared-hinge",
        hypergradient("model.family=logistic", hinge, "upper.variable=l2").model().loss());
    for (String family : List.of("softmax", "linear")) {
      String error = tuneError("model.family=" + family, hinge);
      assertTrue(error.contains("model.loss") && error.contains("= logistic"), error);
    }
    assertTrue(tuneError("model.family=linear", "model.loss=cross-entropy").contains("= logistic"));
    String cleaning = error("model.family=logistic", hinge);
    assertTrue(cleaning.contains("model.loss") && cleaning.contains("tune"), cleaning);
    assertTrue(
        tuneError("model.family=logistic", hinge, "baselines=[mllib]")
            .endsWith("try some of grid | random | cross-validation"));
  }

  @Test
  void realValuedLabelsAreForTheSameJobs() {
    assertEquals("linear", tune("model.family=linear").model().family());
    assertEquals(
        "linear", hypergradient("model.family=linear", "upper.variable=l2").model().family());
    JobConfig cleaning = job("model.family=linear");
    assertEquals("huber", cleaning.model().loss());
    assertEquals(List.of("weight-function"), cleaning.upper().variables());
    assertEquals(List.of("noisy", "least-squares", "trusted", "cleaned"), cleaning.baselines());
    assertEquals("squared", job("model.family=linear", "model.loss=squared").model().loss());
  }

  @ParameterizedTest
  @CsvSource({
    "upper.variable=noise-model, upper.variable",
    "model.loss=poisson, model.loss",
    "model.loss=huberr, model.loss",
    "model.loss=quantile 0.9, model.loss",
    "'data.train.votes=[a, b]', data.train.votes",
    "'data.train.probabilities=[a, b]', data.train.probabilities",
    "selection.metric=accuracy, selection.metric",
    "output.softLabels=true, output.softLabels",
    "review.rows=10, review.rows",
    "baselines=[confident-learning], baselines",
    "baselines=[noise-model], baselines",
    "baselines=[gold-loss-correction], baselines",
    "data.validation=null, model.family",
    "model.family=multi-label, model.family",
  })
  void whatIsForClassesIsRefusedWhereRealLabelsAreCleaned(String override, String key) {
    String error = error("model.family=linear", override);
    assertTrue(error.startsWith(key + " = "), error);
  }

  @Test
  void whatIsForRealLabelsIsRefusedWhereClassesAreCleaned() {
    assertTrue(error("baselines=[least-squares]").startsWith("baselines = "));
    assertTrue(error("model.loss=huber").startsWith("model.loss = "));
    String weighed =
        assertThrows(
                ConfigException.class,
                () -> hypergradient("model.family=linear", "upper.variable=weight-function"))
            .getMessage();
    assertTrue(weighed.startsWith("upper.variable = "), weighed);
  }

  @Test
  void keysWithoutEffectAreWarnedOf() {
    assertEquals(
        List.of("hypergradient.tolerance has no effect in the job clean"),
        job("hypergradient.tolerance=1e-8").warnings());
    assertEquals(
        List.of("data.corrupt.fraction has no effect with data.corrupt.kind = by-group"),
        job("data.corrupt.kind=by-group", "data.corrupt.fraction=0.4").warnings());
    assertEquals(
        List.of(
            "data.corrupt.fraction has no effect with data.corrupt.kind = long-tail",
            "data.corrupt.target has no effect with data.corrupt.kind = long-tail"),
        job("data.corrupt.kind=long-tail", "data.corrupt.fraction=0.4", "data.corrupt.target=3")
            .warnings());
    assertEquals(
        List.of("upper.tolerance has no effect in the job clean"),
        job("upper.tolerance=1e-3").warnings());
    assertEquals(
        List.of(
            "upper.refresh has no effect in the job tune",
            "solver.heldOut has no effect in the job tune",
            "upper.step has no effect with solver.algorithm = lbfgs",
            "solver.products has no effect with solver.algorithm = lbfgs",
            "search.points has no effect without grid, random or mllib in baselines"),
        tune(
                "upper.refresh=3",
                "upper.step=0.1",
                "solver.heldOut=0.5",
                "solver.products=3",
                "search.points=5")
            .warnings());
    assertEquals(
        List.of(), tune("solver.algorithm=nbo", "solver.products=3", "upper.step=0.1").warnings());
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
        "job file \"folder.conf\" is a folder; expected a file, try --list for the job files there"
            + " are",
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

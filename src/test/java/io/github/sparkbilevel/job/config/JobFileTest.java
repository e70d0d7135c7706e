package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.config.DataConfig.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobFileTest extends JobFileCases {
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

package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The keys of comparisons: the arena and the benchmark. */
class ArenaKeysTest extends JobFileCases {
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
}

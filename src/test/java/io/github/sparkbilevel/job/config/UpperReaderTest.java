package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpperReaderTest {
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

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "clean; weight-function; ",
        "clean; [example-weights, l2]; l2",
        "clean; [weight-function, l2-per-class]; l2-per-class",
        "clean; [weight-function, l2-per-coefficient]; l2-per-coefficient",
        "tune; l2; l2",
        "tune; l2-per-class; l2-per-class",
        "tune; l2-per-coefficient; l2-per-coefficient",
        "tune; l1-per-feature; l1-per-feature",
        "tune; [l1, l2-per-feature]; l1,l2-per-feature",
        "tune; group-lasso; group-lasso",
        "tune; [group-lasso-per-feature, l2]; group-lasso-per-feature,l2",
        "tune; [group-weights, l2, l1-per-coefficient]; l2,l1-per-coefficient",
        "tune; [group-weights, l2-per-feature]; l2-per-feature",
        "tune; [example-weights, l2]; l2",
        "hypergradient; auto; ",
        "hypergradient; l2-per-coefficient; l2-per-coefficient",
        "hypergradient; [example-weights, l1]; l1",
        "hypergradient; [weight-function, l2-per-feature]; l2-per-feature",
        "hypergradient; [group-weights, l2-per-class]; l2-per-class",
      })
  void theUpperVariableIsWeightsOrPenaltiesOrBoth(String job, String variable, String penalties) {
    UpperConfig upper =
        job("job=" + job, "upper.variable=" + variable, "data.train.group=source").upper();
    assertEquals(penalties == null ? List.of() : List.of(penalties.split(",")), upper.penalties());
  }

  @Test
  void whatAJobCannotTuneIsRefused() {
    assertTrue(
        error("upper.variable=l2-per-class")
            .endsWith(
                "names no weights to find wrong labels by; try weight-function or [weight-function,"
                    + " l2-per-class], or job = tune"));
    assertTrue(
        error("upper.variable=[l2, weight-function]")
            .contains("out of order; expected the weights first, then l2"));
    assertTrue(error("upper.variable=[weight-function, example-weights]").contains("two kinds"));
    assertTrue(error("upper.variable=[l2, l2-per-class]").contains("two l2 penalties"));
    assertTrue(
        error("upper.variable=[weight-function, l2, l2-per-class]").contains("two l2 penalties"));
    for (String variable : List.of("weight-function", "[weight-function, l2-per-feature]")) {
      assertTrue(
          tuneError("upper.variable=" + variable)
              .endsWith("try job = clean with [weight-function, l2-per-feature]"));
    }
    assertTrue(
        tuneError("upper.variable=group-weights", "data.train.group=source")
            .endsWith("no penalty to tune; try l2-per-feature or [group-weights, l2-per-feature]"));
  }

  @Test
  void anL1PenaltyIsForTheJobsThatSolveTheLowerLevel() {
    assertEquals(List.of(Math.log(1e-4)), tune("upper.variable=l1").upper().initial());
    assertEquals(
        List.of(Math.log(1e-4)), tune("upper.variable=l1", "model.l2=0").upper().initial());
    String both = "upper.variable=[weight-function, l1]";
    assertTrue(error(both).contains("which the jobs tune and hypergradient alone know"));
    assertTrue(tuneError("upper.variable=[l1, l1-per-feature]").contains("two l1 or"));
    assertTrue(tuneError("upper.variable=[group-lasso, l1]").contains("two l1 or"));
    assertTrue(
        error("upper.variable=[weight-function, group-lasso-per-feature]")
            .endsWith("try l2-per-feature"));
    assertTrue(tuneError("upper.variable=[example-weights, l1]").contains("try group-weights"));
    assertTrue(tuneError("upper.variable=l1", "solver.algorithm=nbo").endsWith("try lbfgs"));
    assertTrue(tuneError("upper.variable=l1-per-group").contains("give upper.groups"));
    assertTrue(
        assertThrows(
                ConfigException.class, () -> hypergradient("upper.variable=l1", "model.family=mlp"))
            .getMessage()
            .contains("for linear models"));
    assertTrue(
        assertThrows(
                ConfigException.class,
                () -> hypergradient("upper.variable=group-lasso", "model.family=mlp"))
            .getMessage()
            .contains("for linear models"));
  }

  @Test
  void weightsStartAtZeroAndAPenaltyAtThatOfTheModel() {
    String both = "upper.variable=[example-weights, l2]";
    double ofModel = Math.log(0.1);
    assertEquals(List.of(0.0, ofModel), job(both, "model.l2=0.1").upper().initial());
    assertEquals(List.of(0.0, ofModel), tune(both, "model.l2=0.1").upper().initial());
    assertEquals(List.of(0.0, 0.0), hypergradient(both, "model.l2=0.1").upper().initial());
    assertEquals(0.0, job(both, "model.l2=0.1").upper().initialOf("example-weights"));
    assertEquals(ofModel, job(both, "model.l2=0.1").upper().initialOf("l2"));
    for (JobConfig job :
        List.of(
            job(both, "upper.initial=[1, -2]", "model.l2=0"),
            tune(both, "upper.initial=[1, -2]", "model.l2=0"),
            hypergradient(both, "upper.initial=[1, -2]", "model.l2=0"))) {
      assertEquals(List.of(1.0, -2.0), job.upper().initial());
    }
    assertEquals(
        List.of(3.0, ofModel), job(both, "upper.initial=3", "model.l2=0.1").upper().initial());
    assertEquals(List.of(3.0, 3.0), tune(both, "upper.initial=3").upper().initial());
    assertEquals(List.of(3.0, 3.0), hypergradient(both, "upper.initial=3").upper().initial());
    assertEquals(List.of(-2.0), tune("upper.initial=-2", "model.l2=0").upper().initial());
    assertEquals(List.of(0.0), hypergradient("upper.variable=l2", "model.l2=0").upper().initial());
    assertTrue(error("upper.initial=[1, 2]").contains("2 numbers for 1 variable;"));
    assertTrue(error(both, "upper.initial=[1, 2, 3]").contains("3 numbers for 2 variables;"));
    String zero = "model.l2 = 0 (command line) cannot be where the tuned penalty e^λ starts";
    assertTrue(error(both, "model.l2=0").startsWith(zero));
    assertTrue(error(both, "model.l2=0", "upper.initial=1").startsWith(zero));
    assertTrue(tuneError("model.l2=0").startsWith(zero));
  }

  @Test
  void theUpperVariableStartsWithinItsBounds() {
    assertTrue(error("upper.bounds=[2, 1]").contains("smaller number first"));
    assertTrue(tuneError("upper.bounds=[1, 1]").contains("smaller number first"));
    assertEquals(Optional.of(List.of(-5.0, 0.0)), tune("upper.bounds=[-5, 0]").upper().bounds());
    assertEquals(
        "upper.bounds = [-4,4] (command line) leaves out -4.605, where l2-per-feature starts; widen"
            + " it, or give upper.initial a number within it for each variable",
        tuneError("upper.bounds=[-4, 4]"));
    tune("upper.bounds=[-4, 4]", "upper.initial=-4");
    assertTrue(
        error("upper.bounds=[-4, 4]", "upper.initial=5").contains("5.000, where weight-function"));
    assertEquals(
        List.of("upper.bounds has no effect in the job hypergradient"),
        hypergradient("upper.bounds=[-4, 4]", "upper.initial=9").warnings());
  }

  @Test
  void aPenaltyForEachGroupNeedsTheGroupsOfTheFeatures() throws IOException {
    assertTrue(tuneError("upper.variable=l2-per-group").contains("give upper.groups"));
    Files.writeString(folders.current().resolve("groups.csv"), "column,group\na,1\n");
    assertTrue(tuneError("upper.variable=group-lasso-per-group").contains("give upper.groups"));
    String groups = "upper.groups=groups.csv";
    JobConfig lasso = tune("upper.variable=group-lasso", groups);
    assertTrue(lasso.upper().takesFeatureGroups());
    assertEquals(List.of(), lasso.warnings());
    assertFalse(tune("upper.variable=group-lasso").upper().takesFeatureGroups());
    JobConfig job = tune("upper.variable=l2-per-group", groups);
    assertEquals(
        Optional.of("file:" + folders.current().resolve("groups.csv")), job.upper().groups());
    assertEquals(List.of(), job.warnings());
    assertTrue(
        error("upper.variable=[weight-function, l2-per-group]", groups)
            .endsWith("try l2-per-feature"));
    assertEquals(
        List.of("upper.groups has no effect without penalties per group in upper.variable"),
        tune(groups).warnings());
  }

  @Test
  void groupWeightsNeedGroups() {
    assertTrue(error("upper.variable=group-weights").contains("data.train.group"));
    job("upper.variable=group-weights", "data.train.group=annotator");
    JobConfig made = job("upper.variable=group-weights", "data.corrupt.kind=by-group");
    assertTrue(made.data().corrupt().active());
  }
}

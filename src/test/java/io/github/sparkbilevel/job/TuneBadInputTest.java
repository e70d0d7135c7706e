package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the job {@code tune} says of wrong job files and data: the exit code and one sentence. */
class TuneBadInputTest {
  private static final String TABLE =
      "label,x,y\n0,1,2\n1,2,1\n0,3,5\n1,4,4\n0,5,1\n1,6,0\n0,1,7\n1,8,2\n";
  private static final String OTHER = "label,x,y\n0,1,3\n1,2,0\n0,3,4\n1,7,4\n0,2,2\n1,6,1\n";

  private static final String SMALL =
      """
      job = tune
      data { train { path = t.csv }, validation { path = v.csv } }
      solver.iterations = 3
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("t.csv", TABLE);
    jobs.write("v.csv", OTHER);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private void fails(int code, List<String> overrides, String... parts) throws IOException {
    List<String> before = new ArrayList<>(jobs.names("."));
    before.remove("job.conf");
    jobs.run(SMALL, overrides.toArray(String[]::new)).assertFailed(code, parts);
    List<String> after = new ArrayList<>(jobs.names("."));
    after.remove("job.conf");
    assertEquals(before, after, "nothing is left");
  }

  private void warns(List<String> overrides, String... parts) {
    JobRuns.Ended ended = jobs.run(SMALL, overrides.toArray(String[]::new)).assertDone();
    String warnings =
        String.join("\n", ended.lines().stream().filter(l -> l.startsWith("warning: ")).toList());
    for (String part : parts) {
      assertTrue(warnings.contains(part), "no \"" + part + "\" in: " + warnings);
    }
  }

  @Test
  void validationRowsOfOneClassAreThree() throws IOException {
    jobs.write("one.csv", "label,x,y\n1,1,3\n1,2,0\n1,3,4\n");
    fails(3, List.of("data.validation.path=one.csv"), "one.csv", "3 validation rows", "'1'");
  }

  @Test
  void keysThatAreWrongAreTwo() throws IOException {
    fails(2, List.of("upper.bounds=[2, 1]"), "upper.bounds", "smaller number first");
    fails(2, List.of("upper.bounds=[-2, 1]"), "leaves out -4.605", "l2-per-feature starts");
    fails(2, List.of("upper.initial=30", "upper.bounds=[-2, 1]"), "leaves out 30.00");
    fails(2, List.of("upper.variable=l2-per-group"), "give upper.groups", "column,group");
    fails(2, List.of("upper.variable=group-lasso-per-group"), "give upper.groups");
    fails(2, List.of("upper.variable=group-lasso", "solver.curvature=kfac"), "kfac");
    fails(2, List.of("upper.variable=weight-function"), "try job = clean");
    fails(2, List.of("upper.variable=[group-weights, l2]"), "give data.train.group");
    fails(2, List.of("upper.variable=l2-per-row"), "upper.variable", "l2-per-row");
    fails(
        2,
        List.of("baselines=[grid, noisy]"),
        "names noisy",
        "grid | random | cross-validation | mllib");
    fails(2, List.of("job=clean", "baselines=[grid]"), "names grid", "noisy | trusted");
    fails(2, List.of("job=clean", "solver.algorithm=lbfgs"), "expected nbo in the job clean");
    fails(
        2,
        List.of("upper.variable=[example-weights, l2]", "solver.algorithm=lbfgs"),
        "expected nbo",
        "try auto");
    fails(2, List.of("search.range=[1, 0.1]", "baselines=[grid]"), "search.range", "smaller");
    fails(2, List.of("model.l2=0"), "model.l2", "upper.initial");
    fails(2, List.of("data.validation.path=null"), "the validation rows are missing");
  }

  @Test
  void pathsThatAreWrongAreTwo() throws IOException {
    String key = "output.regularizationPath";
    String single = "upper.variable=l1";
    for (String points : List.of("0", "-5", "1", "many", "2.5")) {
      fails(2, List.of(single, key + "=" + points), key);
    }
    for (String variable : List.of("l2-per-feature", "[l1, l2]", "[group-weights, l2]")) {
      fails(
          2,
          List.of("upper.variable=" + variable, key + "=5", "data.train.group=y"),
          key,
          "upper.variable = l1 or l2");
    }
  }

  @Test
  void foldsThatAreWrongAreTwoOrThree() throws IOException {
    String none = "data.validation.path=null";
    String folds = "data.validation.folds=2";
    fails(2, List.of(folds), "data.validation.folds", "keep one");
    fails(2, List.of(none, "data.validation.folds=1"), "data.validation.folds");
    fails(2, List.of(none, folds, "upper.variable=[example-weights, l2]"), "example-weights");
    fails(2, List.of(none, folds, "solver.algorithm=soba"), "solver.algorithm");
    fails(2, List.of(none, folds, "solver.curvature=kfac-cg"), "solver.curvature");
    fails(3, List.of(none, "data.validation.folds=9"), "8 rows", "9 folds");
    fails(3, List.of(none, "data.validation.foldColumn=y", folds.replace("2", "7")), "'y'", "7");
    jobs.write("t.csv", "label,x,source\n0,1,a\n0,2,b\n1,3,b\n1,4,b\n0,5,c\n0,1,c\n");
    fails(3, List.of(none, "data.validation.foldColumn=source"), "class '1'");
  }

  /** 8,001 coefficients: H takes 488 MiB, the Kronecker factors 976. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exact | 8,001 x 8,001 matrix of 488 MiB | at most 4,096 parameters",
        "kfac-cg | factors of 976 MiB for 8,001 features | at most 512 MiB",
        "nystrom-cg | a sketch of 1,831 MiB | solver.sketch = 10000"
      })
  void curvatureThatCannotWorkIsTwoAndNamesTheMemory(String word, String memory, String limit)
      throws IOException {
    jobs.write("t.libsvm", "0 1:1 8000:2\n1 2:1 8000:1\n0 1:2\n1 2:2\n");
    jobs.write("v.libsvm", "0 1:1\n1 2:1\n");
    fails(
        2,
        List.of(
            "data.train.path=t.libsvm",
            "data.validation.path=v.libsvm",
            "model.family=logistic",
            "solver.sketch=10000",
            "solver.curvature=" + word),
        "solver.curvature = " + word,
        memory,
        limit,
        "use curvature = ");
  }

  @Test
  void validationRowsThatAreTheTrainingRowsAreAWarning() throws IOException {
    List<String> lines = new ArrayList<>(TABLE.lines().toList());
    String last = lines.remove(lines.size() - 1);
    lines.add(1, last);
    jobs.write("v.csv", String.join("\n", lines) + "\n");
    warns(List.of(), "the validation rows are the training rows", "lower bound");
    assertTrue(
        jobs.read("out/report.html").contains("the validation rows are the training rows"),
        "the report warns too");
  }

  @Test
  void featuresThatOnlyValidationRowsHaveAreAWarning() {
    jobs.write("t.csv", TABLE.replaceAll("(?m)^(.,.),.$", "$1,0"));
    warns(List.of(), "1 feature is not zero in validation rows only", ": y");
    jobs.write("t.csv", "label,x,y,z\n0,1,0,0\n1,2,0,0\n0,3,0,0\n1,4,0,0\n");
    jobs.write("v.csv", "label,x,y,z\n0,1,3,0\n1,2,0,1\n");
    warns(
        List.of("output.overwrite=true"),
        "2 features are not zero in validation rows only",
        "y, z");
  }

  @Test
  void foldsOfTooFewRowsAreLeftOutWithANotice() throws IOException {
    warns(List.of(), "cross-validation");
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("tuned", summary.get("selected").asText());
    assertFalse(summary.get("baselines").has("cross-validation"));
    assertTrue(summary.get("notices").findValuesAsText("code").contains("key-without-effect"));
  }

  @Test
  void keysWithoutEffectAreWarnings() {
    warns(
        List.of("search.points=5", "upper.groups=g.csv", "upper.step=0.1"),
        "search.points has no effect without grid, random or mllib in baselines",
        "upper.groups has no effect without penalties per group",
        "upper.step has no effect with solver.algorithm = lbfgs");
  }

  private void groupsFail(String text, String... parts) throws IOException {
    jobs.write("g.csv", text);
    fails(3, List.of("upper.variable=l2-per-group", "upper.groups=g.csv"), parts);
  }

  @Test
  void groupsOfFeaturesThatAreWrongAreThree() throws IOException {
    fails(
        3,
        List.of("upper.variable=l2-per-group", "upper.groups=none.csv"),
        "upper.groups",
        "none.csv",
        "does not exist");
    groupsFail("x,1\ny,2\n", "g.csv", "first line is 'x,1'", "header column,group");
    groupsFail("column,group\nx,1\nyy,2\n", "line 3", "'yy'", "did you mean 'y'");
    groupsFail("column,group\nx,1\ny,1\nx,2\n", "line 4", "'x' again", "every feature once");
    groupsFail("column,group\nx,1\n", "no group: y", "every feature once");
    groupsFail("column,group\nx,1\ny\n", "line 3 has 1 cell,", "a column and its group");
    groupsFail("column,group\nx,1\ny,\n", "line 3", "empty", "a column and its group");
  }

  @Test
  void rowsThatAreWrongAreThree() throws IOException {
    jobs.write("t.csv", TABLE + "0,1,Infinity\n");
    fails(3, List.of(), "row 8", "'y'", "finite");
    jobs.write("t.csv", TABLE.replace("0,3,5", "low,3,5"));
    fails(3, List.of("model.family=linear"), "row 2", "'low'", "model.family = linear");
    jobs.write("t.csv", TABLE);
    fails(3, List.of("data.train.path=none.csv"), "none.csv", "does not exist");
    jobs.write("v.csv", OTHER + "2,1,1\n");
    fails(3, List.of(), "labels that no training row has: 2");
    jobs.write("v.csv", OTHER);
    jobs.write("t.csv", TABLE + "2,1,1\n");
    fails(
        3,
        List.of("model.family=logistic"),
        "3 classes",
        "expected exactly 2 for model.family = logistic");
    jobs.write("t.csv", "label,x,y\n");
    fails(3, List.of(), "no rows");
  }

  @Test
  void outputThatExistsIsTwoAndStaysAsItIs() throws IOException {
    jobs.run(SMALL).assertDone();
    String summary = jobs.read("out/summary.json");
    fails(2, List.of(), "output.path", "output.overwrite");
    assertEquals(summary, jobs.read("out/summary.json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "solver.curvature=exact",
        "solver.curvature=cg",
        "solver.curvature=kfac-cg",
        "solver.curvature=jacobi-cg",
        "solver.curvature=nystrom-cg",
        "solver.algorithm=nbo",
        "baselines=[grid]"
      })
  void numbersThatOverflowAreFour(String override) throws IOException {
    jobs.write("t.csv", TABLE.replaceAll("(?m),([0-9])$", ",$1e200"));
    fails(4, List.of("data.standardize=false", override), "finite");
  }
}

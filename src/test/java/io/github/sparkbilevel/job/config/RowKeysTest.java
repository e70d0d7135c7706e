package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.job.config.DataConfig.Answered;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where rows come from, and what their columns are. */
class RowKeysTest extends JobFileCases {
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
}

package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class TuningPageTest {
  private static final String NASTY = "<script>alert(\"x\")</script> & 'y' \u0000";
  private static final String SHOWN = "<script>alert(\"x\")</script> & 'y' \uFFFD";

  private static PageText full(int features) {
    return PageText.of(SampleTuning.full(features).html());
  }

  @Test
  void headSaysWhatCameOut() {
    PageText page = full(8315);
    assertEquals(
        "Validation loss 0.6931 → 0.2035; the best single penalty reaches 0.2108.",
        page.texts("p").get(1));
    assertEquals(
        List.of("validation loss", "test accuracy", "hyperparameters", "features dropped"),
        page.texts("dt").subList(0, 4));
    assertEquals(List.of("0.2035", "0.9137", "8,315", "1,039"), page.texts("dd").subList(0, 4));
    assertTrue(page.texts("p").contains("Selected by the validation loss: tuned penalties."));
    assertEquals(
        List.of(
            "What was compared",
            "Course of the run",
            "One penalty for all",
            "Hyperparameters",
            "What was run",
            "Settings"),
        page.texts("h2"));
  }

  @Test
  void candidatesAreATableWithDashesForWhatIsNotKnown() {
    List<List<String>> rows = full(100).table("Models fitted on these rows");
    assertEquals(
        List.of(
            "tuned penaltiesselected", "46", "0.203498", "0.2121", "0.9137", "369", "4.91", "4.91"),
        rows.get(0));
    assertEquals(
        List.of("Spark MLlib, best of the grid", "17", "0.210810", "–", "–", "–", "–", "4.91"),
        rows.get(1));
  }

  @Test
  void courseIsThatOfTheTuningBesideTheSearches() {
    PageText page = full(100);
    String byPass = page.description("Validation loss by pass");
    assertTrue(
        byPass.contains("tuned: 0.6931 at first, 0.2035 at the end, 0.2035 at the best iterate"),
        byPass);
    assertTrue(byPass.contains("grid: 0.6931 at first, 0.2108 at the end"), byPass);
    assertFalse(byPass.contains("mllib"), "it has no curve: " + byPass);
    String distance = page.description("Distance from the lowest loss by pass");
    assertTrue(distance.contains("grid: 0.4896 at first, 0.007302 at the end"), distance);
    assertTrue(page.text().contains("that from 0.203498, the lowest validation loss"));
    String grid = page.description("Validation loss by penalty");
    assertTrue(grid.contains("0.2108 at the best single penalty"), grid);
    assertTrue(grid.contains("tuned: 0.2035 at first, 0.2035 at the end"), grid);
    assertFalse(grid.contains("random"), grid);
    assertEquals(41, page.table("Outer iterations; the best is marked").size());
  }

  @Test
  void aSearchIsLevelUntilABetterValueIsThere() {
    ArrayNode trials = Json.array();
    trials.add(SampleTuning.trial(10, 1, 0.5));
    trials.add(SampleTuning.trial(20, 2, 0.7));
    trials.add(SampleTuning.trial(30, 3, 0.4));
    PageText page =
        PageText.of(
            SampleTuning.page(
                    "t",
                    SampleTuning.summary("random", trials),
                    SampleTuning.history(2),
                    SampleTuning.one("features", "all", -2, 3))
                .html());
    List<String> hints =
        page.texts("title").stream().filter(hint -> hint.startsWith("random at passes")).toList();
    assertEquals(
        List.of(
            "random at passes 10.00: 0.5000",
            "random at passes 20.00: 0.5000",
            "random at passes 20.00: 0.5000",
            "random at passes 30.00: 0.5000",
            "random at passes 30.00: 0.4000",
            "random at passes 374.0: 0.4000"),
        hints.subList(0, 6));
  }

  @Test
  void penaltiesAreListedByNameUpToALimit() {
    PageText page = full(8315);
    List<List<String>> largest = page.table("Largest penalties below the upper bound");
    assertEquals(PenaltySections.MOST_LISTED, largest.size());
    assertEquals(List.of("word_8314", "8.998", "8,086"), largest.get(0));
    assertEquals("word_1", page.table("Smallest penalties").get(0).get(0));
    Element names =
        page.elements("ul").stream()
            .filter(list -> list.getAttribute("class").equals("names"))
            .findFirst()
            .orElseThrow();
    assertEquals(PenaltySections.MOST_DROPPED, names.getChildNodes().getLength());
    assertTrue(page.texts("p").contains("and 40 more"));
    assertTrue(page.text().contains("1,040 of 8,315 features have a penalty at its upper bound"));
    assertTrue(page.description("Spread of λ").contains("features"));
  }

  @Test
  void pathsAreDrawnFourToAPlot() {
    List<String> figures = full(100).figures();
    assertTrue(
        figures.containsAll(
            List.of(
                "λ by iteration, 1 to 4 of 12",
                "λ by iteration, 5 to 8 of 12",
                "λ by iteration, 9 to 12 of 12")),
        figures.toString());
  }

  @Test
  void oneIterationIsADotInEveryPlot() {
    PageText page =
        PageText.of(
            SampleTuning.page(
                    "t",
                    Json.object().put("bestIteration", 0),
                    SampleTuning.history(1).subList(0, 1),
                    SampleTuning.one("features", "all", -2, 1))
                .html());
    assertEquals("Validation loss 0.2035.", page.texts("p").get(1));
    assertEquals(
        List.of(
            "Validation loss by pass (tuned)",
            "Validation loss by second (tuned)",
            "Losses by pass",
            "Accuracy by pass (test)",
            "Gradients by pass",
            "λ by iteration (all)"),
        page.figures());
    assertFalse(page.text().contains("NaN"));
    assertFalse(page.text().contains("upper bound"), "none was dropped");
  }

  @Test
  void whatARunDoesNotHaveIsLeftOut() {
    TunedPenalties none =
        new TunedPenalties("", List.of(), new double[0], new double[2][0], List.of());
    PageText bare =
        PageText.of(
            TuningPage.of(
                    SampleReport.run("bare"),
                    Json.object(),
                    List.of(),
                    new TuningPage.Outcome(List.of(), none, PathLines.NONE))
                .html());
    assertEquals(List.of("What was run"), bare.texts("h2"));
    assertEquals(List.of(), bare.figures());
    assertFalse(bare.texts("dt").contains("Classes"), "the model has none");
    assertFalse(bare.text().contains("NaN"));
  }

  @Test
  void aPathHasTheNumberOfFeaturesAboveAndBothChoicesMarked() {
    ObjectNode summary = SampleTuning.summary("random", Json.array());
    ArrayNode curve = summary.putObject("regularizationPath").putArray("curve");
    for (int i = 0; i < 21; i++) {
      curve
          .addObject()
          .put("penalty", Math.exp(-i / 2.0))
          .put("loss", 0.3 + 0.01 * Math.abs(i - 12))
          .put("standardError", 0.025)
          .put("features", 3 * i);
    }
    ObjectNode path = (ObjectNode) summary.get("regularizationPath");
    path.set("best", curve.get(12));
    path.set("oneStandardError", curve.get(10));
    double[] rising = IntStream.range(0, 21).mapToDouble(i -> i / 10.0).toArray();
    double[] falling = IntStream.range(0, 21).mapToDouble(i -> -i / 20.0).toArray();
    PageText page =
        PageText.of(
            TuningPage.of(
                    SampleReport.run("t"),
                    summary,
                    SampleTuning.history(2),
                    new TuningPage.Outcome(
                        List.of(),
                        SampleTuning.one("penalties", "l1", -7, 3),
                        new PathLines(
                            List.of(
                                new PathLines.Line(NASTY, rising),
                                new PathLines.Line("b", falling)))))
                .html());
    assertTrue(page.figures().contains("Coefficients by penalty"));
    assertTrue(page.figures().contains("Loss by penalty"));
    List<String> texts = page.texts("text");
    assertTrue(texts.containsAll(List.of("3", "30", "57", "tuned")), texts.toString());
    assertTrue(page.texts("title").contains(SHOWN));
    assertTrue(page.text().contains("0.006738"), "the penalty within one standard error");
    assertFalse(page.text().contains("NaN"));
  }

  @Test
  void textFromDataIsShownAsItIs() {
    String html =
        SampleTuning.page(
                NASTY,
                SampleTuning.summary(NASTY, Json.array()),
                SampleTuning.history(2),
                SampleTuning.one(NASTY, NASTY, -2, 3))
            .html();
    assertFalse(html.contains("<script"), "it is escaped");
    PageText page = PageText.of(html);
    assertEquals(List.of(SHOWN), page.texts("h1"));
    assertEquals(SHOWN, page.table("Largest penalties").get(0).get(0));
  }

  @Test
  void pageDoesNotGrowWithTheHyperparameters() {
    int few = SampleTuning.full(20_000).html().length();
    int many = SampleTuning.full(200_000).html().length();
    assertTrue(many < 1.02 * few, many + " against " + few);
  }
}

package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.report.TuningReport.Candidate;
import io.github.sparkbilevel.job.report.TuningReport.Headline;
import io.github.sparkbilevel.job.report.TuningReport.Hyperparameters;
import io.github.sparkbilevel.job.report.TuningReport.Path;
import io.github.sparkbilevel.job.report.TuningReport.Penalty;
import io.github.sparkbilevel.job.report.TuningReport.Search;
import io.github.sparkbilevel.job.report.TuningReport.Trial;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class TuningPageTest {
  private static final double NONE = Double.NaN;
  private static final String NASTY = "<script>alert(\"x\")</script> & 'y' \u0000";
  private static final String SHOWN = "<script>alert(\"x\")</script> & 'y' \uFFFD";

  private static PageText page(TuningReport report) {
    return PageText.of(TuningPage.html(report));
  }

  private static TuningReport with(
      Headline headline, List<Candidate> candidates, List<Search> searches, Hyperparameters tuned) {
    return new TuningReport(
        SampleTuning.run("t", 4), headline, null, -1, candidates, searches, tuned);
  }

  @Test
  void headSaysWhatCameOut() {
    PageText page = page(SampleTuning.full(8315));
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
            "Passes and time",
            "Settings"),
        page.texts("h2"));
  }

  @Test
  void candidatesAreATableWithDashesForWhatIsNotKnown() {
    List<List<String>> rows = page(SampleTuning.full(100)).table("Models fitted on these rows");
    assertEquals(
        List.of(
            "tuned penaltiesselected", "46", "0.203498", "0.2121", "0.9137", "369", "4.91", "4.91"),
        rows.get(0));
    assertEquals(
        List.of(
            "Spark MLlib, best of the grid",
            "17",
            "0.210810",
            "0.2199",
            "0.9083",
            "–",
            "30.60",
            "57.80"),
        rows.get(4));
  }

  @Test
  void courseIsThatOfTheTuningBesideTheSearches() {
    PageText page = page(SampleTuning.full(100));
    String byPass = page.description("Validation loss by pass");
    assertTrue(
        byPass.contains("tuned: 0.6931 at first, 0.2035 at the end, 0.2035 at the best iterate"),
        byPass);
    assertTrue(byPass.contains("grid: 0.6931 at first, 0.2108 at the end"), byPass);
    assertFalse(byPass.contains("MLlib"), "it has no passes: " + byPass);
    String bySecond = page.description("Validation loss by second");
    assertTrue(bySecond.contains("MLlib grid: 0.6931 at first, 0.2108 at the end"), bySecond);
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
    Search search =
        new Search(
            "grid",
            List.of(new Trial(1, 10, 1, 0.5), new Trial(2, 20, 2, 0.7), new Trial(3, 30, 3, 0.4)));
    PageText page = page(with(null, null, List.of(search), null));
    List<String> hints =
        page.texts("title").stream().filter(hint -> hint.startsWith("grid at passes")).toList();
    assertEquals(
        List.of(
            "grid at passes 10.00: 0.5000",
            "grid at passes 20.00: 0.5000",
            "grid at passes 20.00: 0.5000",
            "grid at passes 30.00: 0.5000",
            "grid at passes 30.00: 0.4000",
            "grid at passes 30.00: 0.4000"),
        hints.subList(0, 6));
  }

  @Test
  void penaltiesAreListedByNameUpToALimit() {
    PageText page = page(SampleTuning.full(8315));
    List<List<String>> largest = page.table("Largest penalties below the upper bound");
    assertEquals(TuningReport.MOST_PENALTIES, largest.size());
    assertEquals(List.of("big_0", "9.000", "8,103"), largest.get(0));
    assertEquals(
        List.of("small_0", "−23.000", "1.03e−10"), page.table("Smallest penalties").get(0));
    Element names =
        page.elements("ul").stream()
            .filter(list -> list.getAttribute("class").equals("names"))
            .findFirst()
            .orElseThrow();
    assertEquals(TuningReport.MOST_DROPPED, names.getChildNodes().getLength());
    assertTrue(page.texts("p").contains("and 39 more"));
    assertTrue(page.text().contains("1,039 of 8,315 features have a penalty at its upper bound"));
    assertTrue(page.description("Spread of λ").contains("features"));
  }

  @Test
  void pathsAreDrawnFourToAPlot() {
    List<String> figures = page(SampleTuning.full(100)).figures();
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
    PageText page = page(SampleTuning.single());
    assertEquals("Validation loss 0.5216.", page.texts("p").get(1));
    assertEquals(
        List.of(
            "Validation loss by pass (tuned)",
            "Validation loss by second (tuned)",
            "Gradients by pass",
            "Spread of λ",
            "λ by iteration (all)"),
        page.figures());
    assertEquals(
        List.of("tunedselected", "1", "0.521643", "9", "0.31", "0.31"),
        page.table("Models fitted on these rows").get(0));
    assertFalse(page.text().contains("NaN"));
    assertFalse(page.text().contains("upper bound"), "none was dropped");
  }

  @Test
  void whatARunDoesNotHaveIsLeftOut() {
    PageText bare = page(SampleTuning.bare());
    assertEquals(List.of("What was run"), bare.texts("h2"));
    assertEquals(List.of(), bare.figures());
    assertFalse(bare.texts("dt").contains("Classes"), "the model has none");
    PageText unknown =
        page(
            with(
                new Headline(NONE, NONE, NONE, null, NONE),
                List.of(new Candidate("m", -1, NONE, NONE, NONE, NONE, -1, NONE, NONE, false)),
                List.of(
                    new Search(null, null), new Search("g", List.of(new Trial(1, -1, 1, NONE)))),
                new Hyperparameters(null, -1, -1, -1, null, null, null, null, null)));
    assertEquals(List.of(List.of("m")), unknown.table("Models fitted on these rows"));
    assertEquals(List.of(), unknown.figures());
    assertFalse(unknown.texts("h2").contains("Hyperparameters"));
    assertFalse(unknown.text().contains("NaN"));
  }

  @Test
  void theBestSinglePenaltyIsALevelWhenItsSearchIsNotGiven() {
    TuningReport full = SampleTuning.full(100);
    PageText page =
        page(
            new TuningReport(
                full.run(),
                full.headline(),
                full.history(),
                full.bestIteration(),
                null,
                null,
                null));
    assertTrue(
        page.description("Validation loss by second")
            .contains("best single penalty: 0.2108 at first, 0.2108 at the end"));
  }

  @Test
  void textFromDataIsShownAsItIs() {
    TuningReport report =
        new TuningReport(
            SampleTuning.run(NASTY, 4),
            new Headline(1, 0.5, NONE, NASTY, 0.25),
            SampleTuning.history(2),
            2,
            List.of(new Candidate(NASTY, 1, 0.5, NONE, NONE, NONE, 1, 1, 1, true)),
            List.of(new Search(NASTY, SampleTuning.gridTrials(0.2108, 22, 0.9))),
            new Hyperparameters(
                NASTY,
                3,
                1,
                0,
                List.of(NASTY),
                List.of(new Penalty(NASTY, 2)),
                List.of(new Penalty(NASTY, -2)),
                Histogram.of(-3, 3, new long[] {1, 2}, null),
                List.of(new Path(NASTY, List.of(0.0, 1.0, 2.0)))));
    String html = TuningPage.html(report);
    assertFalse(html.contains("<script"), "it is escaped");
    PageText page = PageText.of(html);
    assertEquals(List.of(SHOWN), page.texts("h1"));
    assertEquals(SHOWN, page.table("Smallest penalties").get(0).get(0));
  }

  @Test
  void pageDoesNotGrowWithTheHyperparameters() {
    int thousands = TuningPage.html(SampleTuning.full(20_000)).length();
    int millions = TuningPage.html(SampleTuning.full(20_000_000)).length();
    assertTrue(millions < 1.02 * thousands, millions + " against " + thousands);
  }

  @Test
  void aPathNeedsAValuePerIteration() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new TuningReport(
                        SampleTuning.run("t", 4),
                        null,
                        SampleTuning.history(2),
                        2,
                        null,
                        null,
                        new Hyperparameters(
                            "features",
                            1,
                            0,
                            0,
                            null,
                            null,
                            null,
                            null,
                            List.of(new Path("w7", List.of(1.0, 2.0))))))
            .getMessage();
    assertEquals("got 2 values of λ on the path of w7, expected 3, one per iteration", message);
  }
}

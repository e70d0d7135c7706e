package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleaningPageTest {
  @Test
  void fullReportHasEverySection() {
    PageText page = PageText.of(SampleReport.full(10).html());
    assertEquals(
        "412 of 1,000 labels flagged; test accuracy 0.731 → 0.941.", page.texts("p").get(1));
    assertEquals(
        List.of(
            "What was compared",
            "Course of the run",
            "Weight and quality of the rows",
            "Detection of the bad labels",
            "Given and suggested labels",
            "Most suspicious rows",
            "Most harmful and most helpful rows",
            "What was run",
            "Passes and time",
            "Settings"),
        page.texts("h2"));
    assertEquals(
        List.of(
            "bilevel modelselected",
            "0.939",
            "0.2880",
            "0.2860",
            "0.941",
            "0.3010",
            "0.994",
            "0.991"),
        page.table("Models fitted on these rows").get(2));
    assertEquals(40, page.table("Outer iterations; the best is marked").size());
    assertEquals(
        List.of("scores: rows", "probabilities", "2", "10.2 KiB", "0 B", "14", "29"),
        page.table("Pass ledger").get(0));
    assertEquals(
        List.of(List.of("quality", "0.9942", "0.9912"), List.of("weight", "0.9817", "0.9787")),
        page.table("How the scores rank bad labels first"));
    assertEquals(
        List.of("3", "1", "2", "2", "1.00e−06", "0.002000"),
        page.table("Most suspicious rows").get(0));
    assertEquals(10, page.table("Rows by given label (down) and suggested label (across)").size());
    assertEquals(3, page.elements("img").size());
    assertTrue(page.figures().contains("Training objective by pass (lower objective)"));
  }

  @Test
  void everyGroupAndAnnotatorHasItsReliabilityWhetherOrNotTheMatrixFitsThePage() {
    ObjectNode summary = Json.object();
    ObjectNode groups = summary.putObject("noise").putObject("reliabilityByGroup");
    groups.putObject("web").put("mean", 0.9).put("low", 0.85).put("high", 0.94);
    groups.putObject("zoo").put("mean", 0.5).put("low", 0.4).put("high", 0.6);
    ObjectNode annotator = summary.putObject("annotators").putObject("ann");
    annotator.put("votes", 40).put("agreement", 0.75).put("checked", 3);
    annotator.putObject("reliability").put("mean", 0.8).put("low", 0.5).put("high", 0.95);
    long[][] none = new long[2][0];
    LabelledRows rows =
        new LabelledRows(
            none,
            none,
            List.of(),
            new long[0],
            new LabelledRows.Shown(List.of(), List.of(), List.of()));
    String page = CleaningPage.of(SampleReport.run("x"), summary, List.of(), rows).html();
    assertEquals(
        List.of(
            List.of("web", "90.0 %", "85.0 %", "94.0 %"),
            List.of("zoo", "50.0 %", "40.0 %", "60.0 %")),
        PageText.of(page)
            .table("How often the labels of each group are right, with 95 % intervals"));
    assertEquals(
        List.of(List.of("ann", "40", "75.0 %", "3", "80.0 %", "50.0 %", "95.0 %")),
        PageText.of(page)
            .table("How often the votes of each annotator are right, with 95 % intervals"));
  }

  @Test
  void whatARunDoesNotHaveIsLeftOut() {
    PageText page = PageText.of(SampleReport.bare().html());
    assertEquals(List.of("What was run"), page.texts("h2"));
    assertEquals(List.of(), page.figures());
  }

  @Test
  void theRulesOfTheChoiceAreThoseOfTheAlgorithm() {
    String page = SampleReport.full(10).html();
    assertTrue(page.contains("better there by more than one standard error"));
    assertTrue(page.contains("within one standard error of the lowest so far"));
    assertFalse(page.contains("the cleaned model"), "cleaned is the name of one baseline");
  }

  @Test
  void everyPlotHasATitle() {
    String page = SampleReport.full(10).html();
    for (String title :
        new String[] {
          "Loss by pass", "Accuracy by pass", "Training objective by pass", "Gradients by pass"
        }) {
      assertTrue(page.contains(">" + title), title);
    }
  }

  @Test
  void manyClassesAreListedByTheirMostFrequentChanges() {
    PageText page = PageText.of(SampleReport.full(21).html());
    List<List<String>> changes = page.table("The 30 most frequent of 360 changes (21 classes)");
    assertEquals(List.of("0", "6", "6", "9.5 %"), changes.get(0));
    assertEquals(30, changes.size());
  }
}

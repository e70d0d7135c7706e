package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CleaningPageTest {
  @Test
  void fullReportHasEverySection() {
    PageText page = PageText.of(CleaningPage.html(SampleReport.full(10, i -> null)));
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
        page.table("Models fitted on these rows").get(6));
    assertEquals(40, page.table("Outer iterations; the best is marked").size());
    assertEquals(
        List.of("score", "probabilities", "2", "10.2 KiB", "0 B", "14", "29"),
        page.table("Pass ledger").get(3));
    assertTrue(page.figures().contains("Training objective by pass (lower objective)"));
  }

  @Test
  void whatARunDoesNotHaveIsLeftOut() {
    PageText page = PageText.of(CleaningPage.html(SampleReport.bare()));
    assertEquals(List.of("What was run"), page.texts("h2"));
    assertEquals(List.of(), page.figures());
  }

  @Test
  void theRulesOfTheChoiceAreThoseOfTheAlgorithm() {
    String page = CleaningPage.html(SampleReport.full(10, row -> null));
    assertTrue(page.contains("a plain model where it is better there by more than one standard"));
    assertTrue(page.contains("within one standard error of the lowest so far"));
    assertFalse(page.contains("the cleaned model"), "cleaned is the name of one baseline");
  }

  @Test
  void everyPlotHasATitle() {
    String page = CleaningPage.html(SampleReport.full(10, row -> null));
    for (String title :
        new String[] {
          "Loss by pass", "Accuracy by pass", "Training objective by pass", "Gradients by pass"
        }) {
      assertTrue(page.contains(">" + title), title);
    }
  }
}

package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CleaningPageTest {

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
      assertTrue(page.contains(">" + title + "<"), title);
    }
  }
}

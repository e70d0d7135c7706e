package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.report.ArenaReport.Cell;
import io.github.sparkbilevel.job.report.ArenaReport.Column;
import io.github.sparkbilevel.job.report.ArenaReport.Figure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ArenaPageTest {
  private static final String NASTY = "<b>&\"'";

  private static Column column(String method, double test, double model, double refit) {
    return new Column(
        method,
        method.equals("oracle"),
        Map.of(
            Figure.TEST,
            test,
            Figure.MODEL,
            model,
            Figure.REFIT,
            refit,
            Figure.AUROC,
            test + 0.05,
            Figure.F1,
            Double.NaN,
            Figure.SECONDS,
            10 * test),
        "",
        "");
  }

  private static Column failed(String method) {
    return new Column(method, false, Map.of(Figure.SECONDS, 1.0), "", "no: " + NASTY);
  }

  private static Cell cell(String data, double fraction, Column... columns) {
    return new Cell(data, "uniform", fraction, 1000, 0.45, List.of(columns));
  }

  private static ArenaReport report(Cell... cells) {
    return new ArenaReport(SampleTuning.run("t", 4), "weight-function", "trusted", List.of(cells));
  }

  private static final Cell BEST =
      cell(
          "a",
          0.5,
          column("noisy", 0.7, 0.7, Double.NaN),
          column("trusted", 0.8, 0.75, 0.8),
          column("weight-function", 0.9, 0.9, 0.85),
          column("oracle", 0.95, 0.95, Double.NaN));

  @Test
  void theDefaultIsMeasuredByTheBestAndByTheBetterOfTheTrustedRowsModels() {
    assertEquals(0, report().behindBest(BEST), 1e-12);
    assertEquals(0, report().belowTrusted(BEST));
    Cell near =
        cell("a", 0.5, column("trusted", 0.9, 0.8, 0.9), column("weight-function", 0.896, 1, 1));
    assertEquals(0.004, report().behindBest(near), 1e-12);
    assertEquals(0.004, report().belowTrusted(near), 1e-12);
    // The own model counts as well as the refit that is returned.
    Cell below =
        cell("a", 0.5, column("trusted", 0.8, 0.91, 0.8), column("weight-function", 0.9, 1, 1));
    assertEquals(0, report().behindBest(below), 1e-12);
    assertEquals(0.01, report().belowTrusted(below), 1e-12);
    Cell failure = cell("a", 0.5, column("trusted", 0.8, 0.91, 0.8), failed("weight-function"));
    assertTrue(Double.isNaN(report().behindBest(failure)));
    ArenaReport all = report(BEST, near, below, failure);
    assertEquals(3, all.tied());
    assertEquals(1, all.above());
    assertEquals(
        "weight-function is the best or within half a point of the best in 3 of 4 cells, and not"
            + " below the trusted rows alone in 1",
        all.verdict());
  }

  @Test
  void theBestIsMarkedAsFarAsItIsShown() {
    assertEquals("0.9000*", BEST.shown("weight-function", Figure.TEST, "-"));
    assertEquals("0.8000", BEST.shown("trusted", Figure.TEST, "-"));
    assertEquals("0.9500", BEST.shown("oracle", Figure.TEST, "-"));
    assertEquals("-", BEST.shown("noisy", Figure.REFIT, "-"));
    assertEquals("-", BEST.shown("group-weights", Figure.TEST, "-"));
    assertEquals("9.0", BEST.shown("weight-function", Figure.SECONDS, "-"));
    Cell tie =
        cell("a", 0.5, column("trusted", 0.90001, 0, 0), column("weight-function", 0.9, 0, 0));
    assertEquals("0.9000*", tie.shown("trusted", Figure.TEST, "-"));
    assertEquals("0.9000*", tie.shown("weight-function", Figure.TEST, "-"));
  }

  @Test
  void everyDataSetHasItsTablesAndEveryCellItsBars() {
    Cell other = cell(NASTY, Double.NaN, column("noisy", 0.6, 0.6, 0.6), failed("trusted"));
    PageText page = PageText.of(ArenaPage.html(report(BEST, other)));
    assertEquals(
        List.of(List.of("uniform 50 %", "45.0 %", "1,000", "0.7000", "0.8000", "0.9000", "0.9500")),
        page.table("a: Test accuracy of the model that is returned"));
    assertEquals(
        List.of(List.of("uniform", "45.0 %", "1,000", "0.6000", "failed", "–", "–")),
        page.table(NASTY + ": Test accuracy of the model that is returned"));
    // After the heading of the warnings.
    assertEquals(
        List.of("0.9000", "0.6000"), page.texts("strong").stream().skip(1).limit(2).toList());
    assertEquals(
        List.of("a, uniform 50 %, 1,000 trusted", NASTY + ", uniform, 1,000 trusted"),
        page.figures());
    assertEquals(
        "a, uniform 50 %, 1,000 trusted. noisy 30.0 %, trusted 20.0 %, weight-function 10.0 %,"
            + " oracle 5.0 %",
        page.description("a, uniform 50 %, 1,000 trusted"));
    List<Double> widths =
        page.elements("rect").stream()
            .map(Element.class::cast)
            .map(rect -> Double.valueOf(rect.getAttribute("width")))
            .toList();
    // One scale for all: the longest bar is the greatest error of all cells.
    assertEquals(List.of(168.0, 112.0, 56.0, 28.0, 224.0, 0.0), widths);
    assertTrue(page.texts("dd").contains("no: " + NASTY));
    assertTrue(page.texts("h2").contains("What failed"));
    assertFalse(PageText.of(ArenaPage.html(report(BEST))).texts("h2").contains("What failed"));
  }

  @Test
  void severalDrawsAreMeans() {
    Cell one =
        cell("a", 0.5, column("noisy", 0.7, 0.6, Double.NaN), column("trusted", 0.8, 0.7, 0.8));
    Cell two = cell("a", 0.5, column("noisy", 0.9, 0.8, Double.NaN), failed("trusted"));
    Cell mean = Cell.mean(List.of(one, two));
    assertEquals("a, uniform 50 %, 1,000 trusted", mean.title());
    Column noisy = mean.column("noisy").orElseThrow();
    assertEquals(0.8, noisy.figure(Figure.TEST), 1e-12);
    assertEquals(0.7, noisy.figure(Figure.MODEL), 1e-12);
    assertTrue(Double.isNaN(noisy.figure(Figure.REFIT)));
    assertEquals("", noisy.failure());
    assertEquals("failed", mean.shown("trusted", Figure.TEST, "-"));
    assertEquals(one, Cell.mean(List.of(one)));
  }

  @Test
  void aReportWithoutCellsIsAPage() {
    assertTrue(PageText.of(ArenaPage.html(report())).text().contains("in 0 of 0 cells"));
  }
}

package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.ArenaCells.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ArenaPageTest {
  private static final String NASTY = "<b>&\"'";

  private static ObjectNode column(String method, double test, double model, double refit) {
    return Json.object()
        .put("name", method)
        .put("testAccuracy", test)
        .put("modelAccuracy", model)
        .put("refitAccuracy", refit)
        .put("auroc", test + 0.05)
        .put("f1", Double.NaN)
        .put("seconds", 10 * test);
  }

  private static ObjectNode failed(String method) {
    return Json.object().put("name", method).put("seconds", 1).put("failure", "no: " + NASTY);
  }

  private static ObjectNode cell(String data, double fraction, ObjectNode... columns) {
    ObjectNode cell =
        Json.object()
            .put("data", data)
            .put("corruption", "uniform")
            .put("fraction", fraction)
            .put("trusted", 1000)
            .put("wrong", 0.45);
    ObjectNode all = cell.putObject("columns");
    for (ObjectNode column : columns) {
      all.set(column.remove("name").asText(), column);
    }
    return cell;
  }

  private static ArenaCells arena(ObjectNode... cells) {
    return new ArenaCells("weight-function", "trusted", "oracle", List.of(cells));
  }

  private static PageText page(ArenaCells arena) {
    return PageText.of(ArenaPage.of(SampleReport.run("arena"), Json.object(), arena).html());
  }

  private static final ObjectNode BEST =
      cell(
          "a",
          0.5,
          column("noisy", 0.7, 0.7, Double.NaN),
          column("trusted", 0.8, 0.75, 0.8),
          column("weight-function", 0.9, 0.9, 0.85),
          column("oracle", 0.95, 0.95, Double.NaN));

  @Test
  void theDefaultIsMeasuredByTheBestAndByTheBetterOfTheTrustedRowsModels() {
    assertEquals(0, arena().behindBest(BEST), 1e-12);
    assertEquals(0, arena().belowTrusted(BEST));
    ObjectNode near =
        cell("a", 0.5, column("trusted", 0.9, 0.8, 0.9), column("weight-function", 0.896, 1, 1));
    assertEquals(0.004, arena().behindBest(near), 1e-12);
    assertEquals(0.004, arena().belowTrusted(near), 1e-12);
    // The own model counts as well as the refit that is returned.
    ObjectNode below =
        cell("a", 0.5, column("trusted", 0.8, 0.91, 0.8), column("weight-function", 0.9, 1, 1));
    assertEquals(0, arena().behindBest(below), 1e-12);
    assertEquals(0.01, arena().belowTrusted(below), 1e-12);
    ObjectNode failure =
        cell("a", 0.5, column("trusted", 0.8, 0.91, 0.8), failed("weight-function"));
    assertTrue(Double.isNaN(arena().behindBest(failure)));
    ObjectNode untrusted =
        cell("a", 0.5, column("noisy", 0.8, 0, 0), column("weight-function", 0.9, 0, 0));
    ArenaCells all = arena(BEST, near, below, failure, untrusted);
    assertEquals(4, all.tied());
    assertEquals(1, all.above());
    assertEquals(
        "weight-function is the best or within half a point of the best in 4 of 5 cells, and not"
            + " below the trusted rows alone in 1 of 4",
        all.verdict());
  }

  @Test
  void theBestIsMarkedAsFarAsItIsShown() {
    assertEquals("0.9000*", arena().shown(BEST, "weight-function", Figure.TEST));
    assertEquals("0.8000", arena().shown(BEST, "trusted", Figure.TEST));
    assertEquals("0.9500", arena().shown(BEST, "oracle", Figure.TEST));
    assertEquals("-", arena().shown(BEST, "noisy", Figure.REFIT));
    assertEquals("-", arena().shown(BEST, "group-weights", Figure.TEST));
    assertEquals("9.0", arena().shown(BEST, "weight-function", Figure.SECONDS));
    ObjectNode tie =
        cell("a", 0.5, column("trusted", 0.90001, 0, 0), column("weight-function", 0.9, 0, 0));
    assertEquals("0.9000*", arena().shown(tie, "trusted", Figure.TEST));
    assertEquals("0.9000*", arena().shown(tie, "weight-function", Figure.TEST));
  }

  @Test
  void everyDataSetHasItsTablesAndEveryCellItsBars() {
    ObjectNode other = cell(NASTY, Double.NaN, column("noisy", 0.6, 0.6, 0.6), failed("trusted"));
    PageText page = page(arena(BEST, other));
    assertEquals(
        List.of(List.of("uniform 50 %", "45.0 %", "1,000", "0.7000", "0.8000", "0.9000", "0.9500")),
        page.table("a: Test accuracy of the model that is returned"));
    assertEquals(
        List.of(List.of("uniform", "45.0 %", "1,000", "0.6000", "failed", "–", "–")),
        page.table(NASTY + ": Test accuracy of the model that is returned"));
    assertEquals(List.of("0.9000", "0.6000"), page.texts("strong").subList(0, 2));
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
    assertFalse(page(arena(BEST)).texts("h2").contains("What failed"));
  }

  @Test
  void aCellWhereAllFailedHasNoBars() {
    PageText page = page(arena(BEST, cell("b", 0.5, failed("noisy"), failed("trusted"))));
    assertEquals(List.of("a, uniform 50 %, 1,000 trusted"), page.figures());
    assertEquals(1, page.table("b: Test accuracy of the model that is returned").size());
  }

  @Test
  void whatWasSelectedIsToldOfTheMethodsThatSelect() {
    ObjectNode selecting = column("weight-function", 0.9, 0.9, 0.85).put("selected", "noiseModel");
    PageText page = page(arena(cell("a", 0.5, column("noisy", 0.7, 0.7, 0.7), selecting), BEST));
    assertEquals(
        List.of(
            List.of("a, uniform 50 %, 1,000 trusted", "noiseModel"),
            List.of("a, uniform 50 %, 1,000 trusted", "")),
        page.table("The model that is returned"));
    assertFalse(page(arena(BEST)).text().contains("What the bilevel methods selected"));
  }

  @Test
  void severalDrawsAreMeans() {
    ObjectNode one =
        cell("a", 0.5, column("noisy", 0.7, 0.6, Double.NaN), column("trusted", 0.8, 0.7, 0.8));
    ObjectNode two = cell("a", 0.5, column("noisy", 0.9, 0.8, Double.NaN), failed("trusted"));
    ObjectNode mean = ArenaCells.mean(List.of(one, two));
    assertEquals("a, uniform 50 %, 1,000 trusted", ArenaCells.title(mean));
    JsonNode noisy = ArenaCells.column(mean, "noisy");
    assertEquals(0.8, Figure.TEST.of(noisy), 1e-12);
    assertEquals(0.7, Figure.MODEL.of(noisy), 1e-12);
    assertTrue(Double.isNaN(Figure.REFIT.of(noisy)));
    assertFalse(noisy.has("failure"));
    assertEquals("failed", arena().shown(mean, "trusted", Figure.TEST));
    assertEquals(one, ArenaCells.mean(List.of(one)));
  }

  @Test
  void aReportWithoutCellsIsAPage() {
    assertTrue(page(arena()).text().contains("in 0 of 0 cells"));
  }
}

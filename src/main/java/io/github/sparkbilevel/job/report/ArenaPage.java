package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import io.github.sparkbilevel.job.report.ArenaReport.Cell;
import io.github.sparkbilevel.job.report.ArenaReport.Column;
import io.github.sparkbilevel.job.report.ArenaReport.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of the arena: a table for every figure, and the errors of every cell as bars. */
public final class ArenaPage {
  private final ArenaReport report;
  private final List<String> methods;

  private ArenaPage(ArenaReport report) {
    this.report = report;
    this.methods =
        report.cells().stream()
            .map(Cell::columns)
            .reduce((a, b) -> b.size() > a.size() ? b : a)
            .orElse(List.of())
            .stream()
            .map(Column::method)
            .toList();
  }

  /** The whole page, ready to be written to a file in UTF-8. */
  public static String html(ArenaReport report) {
    return new ArenaPage(report).page().html();
  }

  private Page page() {
    RunSections run = new RunSections(report.run());
    Page page = run.page();
    page.headline(report.verdict() + ".");
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("cells", Numbers.count(report.cells().size()));
    figures.put("best or within half a point", Numbers.count(report.tied()));
    figures.put("not below the trusted rows alone", Numbers.count(report.above()));
    page.figures(figures);
    page.warnings(report.run().warnings());
    RunSections.add(page, "Test accuracy", accuracy());
    RunSections.add(page, "Errors, cell by cell", bars());
    List<Markup> found = new ArrayList<>(tables(Figure.AUROC));
    found.addAll(tables(Figure.F1));
    RunSections.add(page, "Wrong labels found", found);
    RunSections.add(page, "Models and refits", models());
    RunSections.add(page, "Time", time());
    RunSections.add(page, "What failed", failures());
    run.addTo(page);
    return page;
  }

  private List<Markup> accuracy() {
    return withNote(
        tables(Figure.TEST),
        Page.note(
            "The model that one would go on with: what the bilevel methods select by trusted rows"
                + " held out, among their own model, its refit and all plain ones; the refit of"
                + " trusted and of confident-learning; the model itself of noisy and of the oracle."
                + " The best of each row is set bold; the oracle, which is fitted on the rows whose"
                + " label is known to be right, does not count."));
  }

  private List<Markup> models() {
    List<Markup> tables = new ArrayList<>(tables(Figure.MODEL));
    tables.addAll(tables(Figure.REFIT));
    return withNote(
        tables,
        Page.note(
            "A refit is fitted on the training rows whose label the method's own model prefers, and"
                + " the trusted rows that are not held out."));
  }

  private List<Markup> time() {
    return withNote(
        tables(Figure.SECONDS),
        Page.note(
            "From the blocks to the models, the refit included; every method on its own clock."
                + " Reading, scoring and the plain models that a bilevel method selects among are"
                + " not counted. The first cell pays for the start of Java's compilers as well."));
  }

  private static List<Markup> withNote(List<Markup> content, Markup note) {
    List<Markup> all = new ArrayList<>(content);
    all.add(note);
    return all;
  }

  /** A table of a figure for each data set. */
  private List<Markup> tables(Figure figure) {
    return report.cells().stream()
        .map(Cell::data)
        .distinct()
        .map(data -> table(figure, data))
        .toList();
  }

  private Markup table(Figure figure, String data) {
    Table table =
        new Table("%s: %s".formatted(data, figure.title()))
            .words("labels spoiled")
            .number("wrong")
            .number("trusted");
    methods.forEach(table::number);
    for (Cell cell : report.cells()) {
      if (!cell.data().equals(data)) {
        continue;
      }
      List<Markup> cells = new ArrayList<>();
      cells.add(text(cell.spoiled()));
      cells.add(text(Numbers.percent(cell.wrong())));
      cells.add(text(Numbers.count(cell.trusted())));
      methods.forEach(method -> cells.add(figure(cell, method, figure)));
      table.row(false, cells);
    }
    return table.markup();
  }

  private static Markup figure(Cell cell, String method, Figure figure) {
    Column column = cell.column(method).orElse(null);
    if (column == null) {
      return text(Numbers.ABSENT);
    }
    if (!column.failure().isEmpty()) {
      return element("span", "failed").with("class", "differs").with("title", column.failure());
    }
    String shown = figure.show(column.figure(figure));
    return cell.isBest(column, figure) ? element("strong", shown) : text(shown);
  }

  private List<Markup> bars() {
    List<Markup> figures = new ArrayList<>();
    double most =
        report.cells().stream()
            .flatMap(cell -> cell.columns().stream())
            .mapToDouble(column -> 1 - column.figure(Figure.TEST))
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    for (Cell cell : report.cells()) {
      RankedBars bars = new RankedBars(cell.title(), most);
      for (Column column : cell.columns()) {
        double error = 1 - column.figure(Figure.TEST);
        Tone tone = column.method().equals(report.standard()) ? Tone.FIRST : Tone.EIGHTH;
        bars.bar(column.method(), tone, error, Numbers.percent(error));
      }
      figures.add(bars.markup());
    }
    return List.of(
        Page.sideBySide(figures),
        Page.note("The share of test rows that the model returned gets wrong; one scale for all."));
  }

  private List<Markup> failures() {
    Map<String, String> failures = new LinkedHashMap<>();
    for (Cell cell : report.cells()) {
      for (Column column : cell.columns()) {
        failures.put(cell.title() + ": " + column.method(), column.failure());
      }
    }
    failures.values().removeIf(String::isEmpty);
    return failures.isEmpty() ? List.of() : List.of(Page.facts(failures));
  }
}

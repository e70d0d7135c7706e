package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.ArenaCells.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of the arena: a table for every figure, and the errors of every cell as bars. */
public final class ArenaPage {
  private final ArenaCells arena;
  private final List<String> methods;

  private ArenaPage(ArenaCells arena) {
    this.arena = arena;
    this.methods =
        arena.cells().stream()
            .map(ArenaCells::methods)
            .reduce((a, b) -> b.size() > a.size() ? b : a)
            .orElse(List.of());
  }

  /** The whole page. */
  public static Page of(RunDescription run, JsonNode summary, ArenaCells arena) {
    return new ArenaPage(arena).page(new RunPage(run, summary));
  }

  private Page page(RunPage run) {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("cells", Numbers.count(arena.cells().size()));
    figures.put("best or within half a point", Numbers.count(arena.tied()));
    figures.put("not below the trusted rows alone", Numbers.count(arena.above()));
    Page page = run.page(arena.verdict() + ".", figures, "");
    page.section(
        "Test accuracy",
        tables(Figure.TEST),
        Page.note(
            "The model that one would go on with: what the bilevel methods select by trusted rows"
                + " held out, among their own model, its refit and all plain ones; the refit of"
                + " trusted and of confident-learning; the model itself of noisy, of those that know"
                + " how labels are confused (noise-model, gold-loss-correction and"
                + " forward-correction), and of the oracle. Without trusted rows, weight-function"
                + " stands for what the job clean does then: it learns a noise model by EM."
                + " The best of each row is set bold; the oracle, which is fitted on the rows whose"
                + " label is known to be right, does not count."));
    page.section(
        "Errors, cell by cell",
        bars(),
        Page.note("The share of test rows that the model returned gets wrong; one scale for all."));
    page.section("Wrong labels found", tables(Figure.AUROC), tables(Figure.F1));
    page.section(
        "Models and refits",
        tables(Figure.MODEL),
        tables(Figure.REFIT),
        Page.note(
            "A refit is fitted on the training rows whose label the method's own model prefers, and"
                + " the trusted rows that are not held out."));
    page.section(
        "What the bilevel methods selected",
        selected(),
        Page.note(
            "bilevel is the method's own model, cleaned the refit of that, labellerModel the"
                + " classifier beside a labeller, which starts where the method ended. All others"
                + " are plain models or refits of them."));
    page.section(
        "Time",
        tables(Figure.SECONDS),
        Page.note(
            "From the blocks to the models, the refit included; every method on its own clock."
                + " Reading, scoring and the plain models that a bilevel method selects among are"
                + " not counted. The first cell pays for the start of Java's compilers as well."));
    page.section("What failed", failures());
    return run.end(page);
  }

  /** A table of a figure for each data set. */
  private Markup tables(Figure figure) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("labels spoiled", cell -> text(ArenaCells.spoiled(cell))));
    columns.add(Column.number("wrong", cell -> text(Numbers.percent(Json.number(cell, "wrong")))));
    columns.add(Column.count("trusted", "trusted"));
    methods.forEach(
        method -> columns.add(Column.number(method, cell -> figure(cell, method, figure))));
    return Markup.all(
        arena.cells().stream()
            .map(cell -> Json.text(cell, "data"))
            .distinct()
            .map(
                data ->
                    new Table("%s: %s".formatted(data, figure.title()), columns)
                        .of(
                            arena.cells().stream()
                                .filter(cell -> Json.text(cell, "data").equals(data))
                                .toList()))
            .toList());
  }

  /** What each method that selects has selected; nothing where none does. */
  private Markup selected() {
    List<String> selecting =
        methods.stream()
            .filter(
                method ->
                    arena.cells().stream()
                        .anyMatch(cell -> !ArenaCells.selected(cell, method).isEmpty()))
            .toList();
    if (selecting.isEmpty()) {
      return Markup.all();
    }
    List<Column> columns = new ArrayList<>();
    columns.add(Column.words("cell", cell -> text(ArenaCells.title(cell))));
    selecting.forEach(
        method ->
            columns.add(Column.words(method, cell -> text(ArenaCells.selected(cell, method)))));
    return new Table("The model that is returned", columns).of(arena.cells());
  }

  private Markup figure(JsonNode cell, String method, Figure figure) {
    String failure = ArenaCells.failure(cell, method);
    if (!failure.isEmpty()) {
      return element("span", "failed").with("class", "differs").with("title", failure);
    }
    String shown = figure.show(figure.of(ArenaCells.column(cell, method)));
    return arena.isBest(cell, method, figure) ? element("strong", shown) : text(shown);
  }

  private static double error(JsonNode cell, String method) {
    return 1 - Figure.TEST.of(ArenaCells.column(cell, method));
  }

  private Markup bars() {
    double most =
        arena.cells().stream()
            .flatMap(cell -> ArenaCells.methods(cell).stream().map(method -> error(cell, method)))
            .filter(Double::isFinite)
            .max(Double::compare)
            .orElse(1.0);
    List<Markup> figures = new ArrayList<>();
    for (ObjectNode cell : arena.cells()) {
      if (ArenaCells.methods(cell).stream().allMatch(method -> Double.isNaN(error(cell, method)))) {
        continue;
      }
      RankedBars bars = new RankedBars(ArenaCells.title(cell), most);
      for (String method : ArenaCells.methods(cell)) {
        double error = error(cell, method);
        Tone tone = method.equals(arena.judged()) ? Tone.FIRST : Tone.EIGHTH;
        bars.bar(method, tone, error, Numbers.percent(error));
      }
      figures.add(bars.markup());
    }
    return Page.sideBySide(figures);
  }

  private Markup failures() {
    Map<String, String> failures = new LinkedHashMap<>();
    for (ObjectNode cell : arena.cells()) {
      for (String method : ArenaCells.methods(cell)) {
        failures.put(ArenaCells.title(cell) + ": " + method, ArenaCells.failure(cell, method));
      }
    }
    return Page.facts(failures);
  }
}

package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.ArenaCells;
import io.github.sparkbilevel.job.report.ArenaCells.Figure;
import io.github.sparkbilevel.job.report.ArenaPage;
import io.github.sparkbilevel.job.report.Numbers;
import io.github.sparkbilevel.job.report.RunDescription;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.arena.ArenaColumn;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Method;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the arena found, in the shapes of its outputs.
 *
 * @param data the figures of each data set: {@code name}, {@code path}, {@code train} (its rows
 *     that are not test rows, the trusted ones of each cell among them), {@code test}, {@code
 *     features} and {@code classes}
 * @param draws every draw of every cell, in the order in which they ran: an {@link ArenaCells} cell
 *     with its {@code seed}
 */
record ArenaOutputs(JobContext context, List<ObjectNode> data, List<ObjectNode> draws) {

  /** A cell as one seed draws it, as yet without its columns. */
  static ObjectNode draw(String data, Corruption corruption, long trusted, long seed) {
    return Json.object()
        .put("data", data)
        .put("corruption", corruption.kind())
        .put("fraction", corruption.byGroup() ? Double.NaN : corruption.fraction())
        .put("wrong", Double.NaN)
        .put("trusted", trusted)
        .put("seed", seed);
  }

  /** Adds the columns of a cell. */
  static void fill(ObjectNode draw, List<ArenaColumn> columns) {
    columns.stream()
        .mapToDouble(column -> column.found().wrong())
        .filter(Double::isFinite)
        .findFirst()
        .ifPresent(wrong -> draw.put("wrong", wrong));
    ObjectNode all = draw.putObject("columns");
    columns.forEach(column -> all.set(column.method().word(), figures(column)));
  }

  private static ObjectNode figures(ArenaColumn column) {
    if (!column.failure().isEmpty()) {
      return Json.object().put("seconds", column.seconds()).put("failure", column.failure());
    }
    ObjectNode figures =
        Json.object()
            .put(Figure.TEST.path(), column.test().returned())
            .put(Figure.MODEL.path(), column.test().model())
            .put(Figure.REFIT.path(), column.test().refit())
            .put(Figure.AUROC.path(), column.found().auroc())
            .put(Figure.F1.path(), column.found().f1())
            .put(Figure.SECONDS.path(), column.seconds());
    return column.selected().isEmpty() ? figures : figures.put("selected", column.selected());
  }

  RunResult write() throws IOException {
    ArenaCells arena =
        new ArenaCells(
            Method.WEIGHT_FUNCTION.word(), Method.TRUSTED.word(), Method.ORACLE.word(), cells());
    context.output().writeText("arena.csv", csv());
    ObjectNode summary = summary(arena);
    context.console().result(text(arena));
    context.console().line(arena.verdict());
    return RunResult.of(summary, ArenaPage.of(description(summary), summary, arena));
  }

  /** The means of the draws of each cell. */
  private List<ObjectNode> cells() {
    Map<String, List<ObjectNode>> byTitle = new LinkedHashMap<>();
    for (ObjectNode draw : draws) {
      byTitle.computeIfAbsent(ArenaCells.title(draw), title -> new ArrayList<>()).add(draw);
    }
    return byTitle.values().stream().map(ArenaCells::mean).toList();
  }

  private RunDescription description(ObjectNode summary) {
    ArrayNode sources = Json.array();
    for (ObjectNode set : data) {
      sources
          .addObject()
          .put("role", Json.text(set, "name") + ", train")
          .put("path", Json.text(set, "path"))
          .set("rows", set.get("train"));
      sources
          .addObject()
          .put("role", Json.text(set, "name") + ", test")
          .set("rows", set.get("test"));
    }
    return new RunDescription(
        "The cleaning arena",
        RunFacts.facts(context, summary),
        sources,
        context.config().resolvedText());
  }

  /** A line for every method in every draw of every cell; what is not known is empty. */
  private String csv() {
    List<String> columns =
        new ArrayList<>(
            List.of("data", "corruption", "fraction", "wrong", "trusted", "seed", "method"));
    for (Figure figure : Figure.values()) {
      columns.add(figure.path());
    }
    columns.addAll(List.of("selected", "failure"));
    List<ObjectNode> rows = new ArrayList<>();
    for (ObjectNode draw : draws) {
      for (ObjectNode column : Json.members(draw.path("columns"))) {
        column.put("method", Json.text(column, "name"));
        rows.add(column.setAll(draw));
      }
    }
    return Csv.of(columns, rows);
  }

  private ObjectNode summary(ArenaCells arena) {
    JobConfig config = context.config();
    ObjectNode summary = Summaries.of(context);
    summary
        .put("algorithm", config.solver().algorithm())
        .put("curvature", config.solver().curvature())
        .put("repetitions", config.arena().orElseThrow().repetitions())
        .set("data", Json.tree(data));
    if (data.size() == 1) {
      summary.set("features", data.get(0).get("features"));
      summary.set("classes", data.get(0).get("classes"));
    }
    ArrayNode cells = summary.putArray("cells");
    for (ObjectNode cell : arena.cells()) {
      cells.add(
          cell.deepCopy()
              .put("behindBest", arena.behindBest(cell))
              .put("belowTrusted", arena.belowTrusted(cell)));
    }
    summary.put("verdict", arena.verdict());
    summary.set("seconds", Summaries.seconds(context));
    return summary;
  }

  /** The tables as plain text. */
  private static String text(ArenaCells arena) {
    List<String> methods = Arrays.stream(Method.values()).map(Method::word).toList();
    StringBuilder text = new StringBuilder();
    for (Figure figure : Figure.values()) {
      List<List<String>> lines = new ArrayList<>();
      List<String> head = new ArrayList<>(List.of("data", "labels spoiled", "wrong", "trusted"));
      head.addAll(methods);
      lines.add(head);
      for (JsonNode cell : arena.cells()) {
        double wrong = Json.number(cell, "wrong");
        List<String> line = new ArrayList<>();
        line.add(Json.text(cell, "data"));
        line.add(ArenaCells.spoiled(cell));
        line.add(Double.isFinite(wrong) ? Numbers.percent(wrong) : "-");
        line.add(String.format(Locale.ROOT, "%,d", cell.path("trusted").asLong()));
        methods.forEach(method -> line.add(arena.shown(cell, method, figure)));
        lines.add(line);
      }
      text.append(figure.title()).append('\n');
      append(lines, text);
      text.append('\n');
    }
    return text.append("* the best of a line, the oracle apart\n").toString();
  }

  /** Columns as wide as their widest cell; words to the left, numbers to the right. */
  private static void append(List<List<String>> lines, StringBuilder text) {
    int columns = lines.get(0).size();
    int[] width = new int[columns];
    for (List<String> line : lines) {
      for (int c = 0; c < columns; c++) {
        width[c] = Math.max(width[c], line.get(c).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String pad = " ".repeat(width[c] - line.get(c).length());
        row.append(c < 2 ? line.get(c) + pad : pad + line.get(c)).append("  ");
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
  }
}

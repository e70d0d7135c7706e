package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.ArenaPage;
import io.github.sparkbilevel.job.report.ArenaReport;
import io.github.sparkbilevel.job.report.ArenaReport.Cell;
import io.github.sparkbilevel.job.report.ArenaReport.Column;
import io.github.sparkbilevel.job.report.ArenaReport.Figure;
import io.github.sparkbilevel.job.report.Numbers;
import io.github.sparkbilevel.job.report.RunReport;
import io.github.sparkbilevel.ml.ArenaColumn;
import io.github.sparkbilevel.ml.ArenaColumn.Method;
import io.github.sparkbilevel.ml.Version;
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
 * @param rows the data sets
 * @param draws every draw of every cell, in the order in which they ran
 */
record ArenaOutputs(JobContext context, List<Rows> rows, List<Draw> draws) {

  /**
   * A data set.
   *
   * @param train its rows that are not test rows, the trusted ones of each cell among them
   */
  record Rows(String name, String path, long train, long test, int features, int classes) {}

  /** A cell as one seed draws it. */
  record Draw(long seed, Cell cell) {}

  static Cell cell(String data, Corruption corruption, long trusted, List<ArenaColumn> columns) {
    return new Cell(
        data,
        corruption.kind(),
        corruption.byGroup() ? Double.NaN : corruption.fraction(),
        trusted,
        columns.stream()
            .mapToDouble(column -> column.found().wrong())
            .filter(Double::isFinite)
            .findFirst()
            .orElse(Double.NaN),
        columns.stream().map(ArenaOutputs::column).toList());
  }

  private static Column column(ArenaColumn column) {
    Map<Figure, Double> figures = new LinkedHashMap<>();
    figures.put(Figure.TEST, column.test().returned());
    figures.put(Figure.MODEL, column.test().model());
    figures.put(Figure.REFIT, column.test().refit());
    figures.put(Figure.AUROC, column.found().auroc());
    figures.put(Figure.F1, column.found().f1());
    figures.put(Figure.SECONDS, column.seconds());
    return new Column(
        column.method().word(),
        column.method() == Method.ORACLE,
        figures,
        column.selected(),
        column.failure());
  }

  void write() throws IOException {
    ArenaReport report = report();
    context.output().writeText("arena.csv", csv());
    context.output().writeText("report.html", ArenaPage.html(report));
    context.output().writeText(OutputFolder.SUMMARY, Json.pretty(summary(report)));
    context.console().result(text(report));
    context.console().line(report.verdict());
  }

  /** The means of the draws of each cell. */
  private List<Cell> cells() {
    Map<String, List<Cell>> byTitle = new LinkedHashMap<>();
    for (Draw draw : draws) {
      byTitle.computeIfAbsent(draw.cell().title(), title -> new ArrayList<>()).add(draw.cell());
    }
    return byTitle.values().stream().map(Cell::mean).toList();
  }

  private ArenaReport report() {
    JobConfig config = context.config();
    List<RunReport.DataSource> sources = new ArrayList<>();
    for (Rows set : rows) {
      sources.add(new RunReport.DataSource(set.name() + ", train", set.path(), set.train()));
      sources.add(new RunReport.DataSource(set.name() + ", test", "", set.test()));
    }
    RunReport.Facts facts =
        new RunReport.Facts(
            "The cleaning arena",
            config.job(),
            sources,
            rows.size() == 1 ? rows.get(0).features() : -1,
            rows.size() == 1 ? rows.get(0).classes() : -1,
            RunFacts.model(config.model()),
            "",
            config.solver().algorithm(),
            config.solver().curvature(),
            config.seed(),
            Version.current(),
            RunFacts.started(context),
            context.spark().sparkContext().master());
    return new ArenaReport(
        new RunReport(
            facts,
            List.of(),
            List.of(new RunReport.Timing("all", context.totalSeconds())),
            config.resolvedText(),
            context.notices().texts()),
        Method.WEIGHT_FUNCTION.word(),
        Method.TRUSTED.word(),
        cells());
  }

  /** A line for every method in every draw of every cell; what is not known is empty. */
  private String csv() {
    StringBuilder csv =
        new StringBuilder(
            "data,corruption,fraction,wrong,trusted,seed,method,testAccuracy,modelAccuracy,refitAccuracy,auroc,f1,"
                + "seconds,selected,failure\n");
    for (Draw draw : draws) {
      Cell cell = draw.cell();
      for (Column column : cell.columns()) {
        List<String> line = new ArrayList<>();
        line.add(Csv.quoted(cell.data()));
        line.add(cell.corruption());
        line.add(number(cell.fraction()));
        line.add(number(cell.wrong()));
        line.add(Long.toString(cell.trusted()));
        line.add(Long.toString(draw.seed()));
        line.add(column.method());
        for (Figure figure : Figure.values()) {
          line.add(number(column.figure(figure)));
        }
        line.add(column.selected());
        line.add(Csv.quoted(column.failure()));
        csv.append(String.join(",", line)).append('\n');
      }
    }
    return csv.toString();
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private Map<String, Object> summary(ArenaReport report) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("job", context.config().job());
    summary.put("version", Version.current());
    summary.put("notices", context.notices().asMaps());
    summary.put("seed", context.config().seed());
    summary.put("data", rows);
    summary.put("repetitions", context.config().arena().orElseThrow().repetitions());
    List<Object> list = new ArrayList<>();
    for (Cell cell : report.cells()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("data", cell.data());
      one.put("corruption", cell.corruption());
      one.put("fraction", cell.fraction());
      one.put("wrong", cell.wrong());
      one.put("trusted", cell.trusted());
      Map<String, Object> columns = new LinkedHashMap<>();
      cell.columns().forEach(column -> columns.put(column.method(), summary(column)));
      one.put("columns", columns);
      one.put("behindBest", report.behindBest(cell));
      one.put("belowTrusted", report.belowTrusted(cell));
      list.add(one);
    }
    summary.put("cells", list);
    summary.put("verdict", report.verdict());
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    summary.put("seconds", seconds);
    return summary;
  }

  private static Map<String, Object> summary(Column column) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (!column.failure().isEmpty()) {
      map.put("failure", column.failure());
      return map;
    }
    map.put("testAccuracy", column.figure(Figure.TEST));
    map.put("modelAccuracy", column.figure(Figure.MODEL));
    map.put("refitAccuracy", column.figure(Figure.REFIT));
    map.put("auroc", column.figure(Figure.AUROC));
    map.put("f1", column.figure(Figure.F1));
    map.put("seconds", column.figure(Figure.SECONDS));
    if (!column.selected().isEmpty()) {
      map.put("selected", column.selected());
    }
    return map;
  }

  /** The tables as plain text. */
  private static String text(ArenaReport report) {
    List<String> methods = Arrays.stream(Method.values()).map(Method::word).toList();
    StringBuilder text = new StringBuilder();
    for (Figure figure : Figure.values()) {
      List<List<String>> lines = new ArrayList<>();
      List<String> head = new ArrayList<>(List.of("data", "labels spoiled", "wrong", "trusted"));
      head.addAll(methods);
      lines.add(head);
      for (Cell cell : report.cells()) {
        List<String> line = new ArrayList<>();
        line.add(cell.data());
        line.add(cell.spoiled());
        line.add(Double.isFinite(cell.wrong()) ? Numbers.percent(cell.wrong()) : "-");
        line.add(String.format(Locale.ROOT, "%,d", cell.trusted()));
        methods.forEach(method -> line.add(cell.shown(method, figure, "-")));
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

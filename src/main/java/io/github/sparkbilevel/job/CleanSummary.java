package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.ml.DataCleaner.Cleaned;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ModelFigures;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.PassLedger.Phase;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.Ranking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of a cleaning job, as {@code summary.json} shows them.
 *
 * @param rankings where the truth is known: {@link #QUALITY}, {@link #WEIGHT}, and each model's own
 */
record CleanSummary(
    JobContext context,
    DataSet data,
    BilevelProblem problem,
    Curvature.Choice curvature,
    Cleaned cleaned,
    ScoreFigures figures,
    Map<String, Ranking> rankings,
    double loadSeconds,
    double writeSeconds) {
  static final String QUALITY = "quality";
  static final String WEIGHT = "weight";

  Map<String, Object> asMap() {
    JobConfig config = context.config();
    CleaningResult result = cleaned.result();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("job", config.job());
    map.put("version", Version.current());
    map.put("seed", config.seed());
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("train", rows(Part.TRAIN));
    rows.put("validation", rows(Part.UPPER) + rows(Part.HELD_OUT));
    rows.put("heldOut", rows(Part.HELD_OUT));
    rows.put("test", rows(Part.TEST));
    map.put("rows", rows);
    map.put("features", data.tables().train().columns());
    map.put("classes", data.tables().classes().size());
    map.put("labels", data.tables().classes().names());
    map.put("algorithm", config.solver().algorithm());
    map.put("curvature", curvature.curvature().label());
    map.put("curvatureReason", curvature.reason());
    map.put("iterations", result.history().size() - 1);
    map.put("bestIteration", result.bestIteration());
    map.put("status", result.status().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    map.put("passes", ledger().passes(Phase.OUTER));
    map.put("passesByPhase", passesByPhase());
    map.put("seconds", seconds());
    map.put("upperObjective", result.models().get("bilevel").figures().upper().loss());
    map.put("metrics", figures(result.selectedModel().figures()));
    Map<String, Object> baselines = new LinkedHashMap<>();
    result.models().forEach((name, candidate) -> baselines.put(name, candidate(name, candidate)));
    map.put("baselines", baselines);
    map.put("selected", result.selected());
    map.put("flagged", figures.flagged());
    if (!rankings.isEmpty()) {
      map.put("detection", detection());
    }
    map.put("lambda", lambda());
    map.put("ledger", ledgerRows());
    return map;
  }

  long rows(Part part) {
    return data.blocks().rows().get(part);
  }

  PassLedger ledger() {
    return cleaned.engine().ledger();
  }

  private Map<String, Object> passesByPhase() {
    Map<String, Object> phases = new LinkedHashMap<>();
    phases.put("warmUp", ledger().passes(Phase.WARM_UP));
    phases.put("outer", ledger().passes(Phase.OUTER));
    phases.put("polish", ledger().passes(Phase.POLISH));
    phases.put("baselines", ledger().passes(Phase.BASELINES));
    phases.put("scores", ledger().passes(Phase.SCORES));
    return phases;
  }

  Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    seconds.put("load", loadSeconds);
    seconds.put("solve", cleaned.solveSeconds());
    seconds.put("baselines", cleaned.baselineSeconds());
    seconds.put("write", writeSeconds);
    return seconds;
  }

  private static Map<String, Object> figures(ModelFigures figures) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("testAccuracy", figures.test().accuracy());
    map.put("testLoss", figures.test().loss());
    map.put("heldOutAccuracy", figures.heldOut().accuracy());
    map.put("heldOutLoss", figures.heldOut().loss());
    return map;
  }

  private Map<String, Object> candidate(String name, Candidate candidate) {
    Map<String, Object> map = figures(candidate.figures());
    Ranking ranking = rankings.get(name);
    map.put("auroc", ranking == null ? Double.NaN : ranking.auroc());
    map.put("averagePrecision", ranking == null ? Double.NaN : ranking.averagePrecision());
    return map;
  }

  private Map<String, Object> detection() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("auroc", rankings.get(QUALITY).auroc());
    map.put("averagePrecision", rankings.get(QUALITY).averagePrecision());
    map.put("f1", figures.f1());
    map.put("precision", figures.precision());
    map.put("recall", figures.recall());
    map.put("flagged", figures.flagged());
    map.put("bad", figures.bad());
    Map<String, Object> weight = new LinkedHashMap<>();
    weight.put("auroc", rankings.get(WEIGHT).auroc());
    weight.put("averagePrecision", rankings.get(WEIGHT).averagePrecision());
    map.put(WEIGHT, weight);
    return map;
  }

  private Map<String, Object> lambda() {
    List<String> names = Problems.names(problem, context.config(), data);
    double[] lambda = cleaned.result().learned().lambda();
    Map<String, Object> map = new LinkedHashMap<>();
    for (int j = 0; j < Math.min(names.size(), 1000); j++) {
      map.put(names.get(j), lambda[j]);
    }
    return map;
  }

  /** Passes of one phase and name. */
  record LedgerRow(
      String phase,
      String pass,
      String kernels,
      long passes,
      long bytesOut,
      long bytesBack,
      double medianMillis,
      double totalMillis) {}

  List<LedgerRow> ledgerRows() {
    Map<List<String>, List<PassLedger.Entry>> groups = new LinkedHashMap<>();
    for (PassLedger.Entry entry : ledger().entries()) {
      List<String> key = List.of(entry.phase().name(), entry.name(), entry.kernels());
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(entry);
    }
    List<LedgerRow> rows = new ArrayList<>();
    for (List<PassLedger.Entry> group : groups.values()) {
      double[] millis = group.stream().mapToDouble(PassLedger.Entry::millis).sorted().toArray();
      PassLedger.Entry first = group.get(0);
      rows.add(
          new LedgerRow(
              first.phase().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              first.name(),
              first.kernels(),
              group.size(),
              group.stream().mapToLong(PassLedger.Entry::bytesOut).sum(),
              group.stream().mapToLong(PassLedger.Entry::bytesBack).sum(),
              millis[millis.length / 2],
              Arrays.stream(millis).sum()));
    }
    return rows;
  }

  /** What came out, in one line. */
  String sentence() {
    ModelFigures selected = cleaned.result().selectedModel().figures();
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d of %,d labels flagged; selected: %s",
                figures.flagged(),
                figures.rows(),
                cleaned.result().selected()));
    if (selected.test().rows() > 0) {
      line.append(String.format(Locale.ROOT, "; test accuracy %.4f", selected.test().accuracy()));
    }
    if (!rankings.isEmpty()) {
      line.append(
          String.format(Locale.ROOT, "; AUROC of quality %.4f", rankings.get(QUALITY).auroc()));
    }
    return line.toString();
  }
}

package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DetectionReport;
import io.github.sparkbilevel.ml.Problems;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.problem.ModelFigures;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.PassLedger.Phase;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.Ranking;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a cleaning job, as {@code summary.json} shows them. */
record CleanSummary(
    JobContext context,
    CleaningRun run,
    DetectionReport detection,
    double readSeconds,
    double writeSeconds) {

  Map<String, Object> asMap() {
    JobConfig config = context.config();
    CleaningResult result = run.result();
    Map<String, Object> map = new LinkedHashMap<>();
    SummaryHead.addTo(map, context, run.data());
    map.put("algorithm", config.solver().algorithm());
    map.put("curvature", run.curvature().curvature().label());
    map.put("curvatureReason", run.curvature().reason());
    map.put("iterations", result.history().size() - 1);
    map.put("bestIteration", result.bestIteration());
    map.put("status", result.status().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    map.put("passes", ledger().passes(Phase.OUTER));
    map.put(
        "passesByPhase",
        LedgerRow.passesByPhase(
            ledger(), Phase.WARM_UP, Phase.OUTER, Phase.POLISH, Phase.BASELINES, Phase.SCORES));
    map.put("seconds", seconds());
    map.put("upperObjective", result.models().get("bilevel").figures().upper().loss());
    map.put("metrics", figures(result.selectedModel().figures()));
    Map<String, Object> baselines = new LinkedHashMap<>();
    result.models().forEach((name, candidate) -> baselines.put(name, candidate(name, candidate)));
    map.put("baselines", baselines);
    map.put("selected", result.selected());
    map.put("flagged", figures().flagged());
    if (!rankings().isEmpty()) {
      map.put("detection", detectionFigures());
    }
    map.put("lambda", lambda());
    map.put("ledger", ledgerRows());
    return map;
  }

  ScoreFigures figures() {
    return detection.figures();
  }

  Map<String, Ranking> rankings() {
    return detection.rankings();
  }

  long rows(Part part) {
    return run.data().blocks().rows().get(part);
  }

  PassLedger ledger() {
    return run.engine().ledger();
  }

  Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    seconds.put("load", readSeconds + run.seconds().load());
    seconds.put("solve", run.seconds().solve());
    seconds.put("baselines", run.seconds().baselines());
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
    map.put("calibratedLoss", candidate.calibratedLoss());
    Ranking ranking = rankings().get(name);
    map.put("auroc", ranking == null ? Double.NaN : ranking.auroc());
    map.put("averagePrecision", ranking == null ? Double.NaN : ranking.averagePrecision());
    return map;
  }

  private Map<String, Object> detectionFigures() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("auroc", rankings().get(DetectionReport.QUALITY).auroc());
    map.put("averagePrecision", rankings().get(DetectionReport.QUALITY).averagePrecision());
    map.put("f1", figures().f1());
    map.put("precision", figures().precision());
    map.put("recall", figures().recall());
    map.put("flagged", figures().flagged());
    map.put("bad", figures().bad());
    Map<String, Object> weight = new LinkedHashMap<>();
    weight.put("auroc", rankings().get(DetectionReport.WEIGHT).auroc());
    weight.put("averagePrecision", rankings().get(DetectionReport.WEIGHT).averagePrecision());
    map.put(DetectionReport.WEIGHT, weight);
    return map;
  }

  private Map<String, Object> lambda() {
    List<String> names = Problems.names(run.upper(), run.problem(), run.data());
    double[] lambda = run.result().learned().lambda();
    Map<String, Object> map = new LinkedHashMap<>();
    for (int j = 0; j < Math.min(names.size(), 1000); j++) {
      map.put(names.get(j), lambda[j]);
    }
    return map;
  }

  List<LedgerRow> ledgerRows() {
    return LedgerRow.of(ledger());
  }

  /** What came out, in one line. */
  String sentence() {
    ModelFigures selected = run.result().selectedModel().figures();
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d of %,d labels flagged; selected: %s",
                figures().flagged(),
                figures().rows(),
                run.result().selected()));
    if (selected.test().rows() > 0) {
      line.append(String.format(Locale.ROOT, "; test accuracy %.4f", selected.test().accuracy()));
    }
    if (!rankings().isEmpty()) {
      line.append(
          String.format(
              Locale.ROOT,
              "; AUROC of quality %.4f",
              rankings().get(DetectionReport.QUALITY).auroc()));
    }
    return line.toString();
  }
}

package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.job.report.CleaningReport;
import io.github.sparkbilevel.job.report.Histogram;
import io.github.sparkbilevel.job.report.Picture;
import io.github.sparkbilevel.ml.DetectionReport;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.problem.ModelFigures;
import io.github.sparkbilevel.spark.Ranking;
import io.github.sparkbilevel.spark.RowScore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fills the report page of a cleaning job from its summary. */
record CleanReport(CleanSummary summary) {
  private static final int SUSPICIOUS = 50;
  private static final Map<String, String> MODELS =
      Map.of(
          "bilevel", "bilevel model",
          "noisy", "all training rows, as labelled",
          "trusted", "trusted rows alone",
          "cleaned", "rows kept by the bilevel model, and trusted rows",
          "trustedRefit", "rows kept by the trusted rows' model, and trusted rows",
          "confidentLearning", "rows kept by confident learning, and trusted rows");

  CleaningReport build() {
    CleaningResult result = summary.run().result();
    ScoreFigures figures = summary.figures();
    ClassIndex classes = summary.run().data().tables().classes();
    boolean known = !summary.rankings().isEmpty();
    return new CleaningReport(
        new RunFacts(
                summary.context(),
                summary.run().data(),
                summary.run().curvature(),
                summary.ledger(),
                "trusted")
            .report(summary.seconds()),
        headline(result),
        result.history().stream().map(CleanReport::iterate).toList(),
        result.bestIteration(),
        Histogram.of(0, 1, figures.weights()[0], known ? figures.weights()[1] : null),
        Histogram.of(0, 1, figures.quality()[0], known ? figures.quality()[1] : null),
        figures.pairs().length == 0
            ? null
            : CleaningReport.LabelMatrix.of(classes.names(), matrix(figures, classes.size())),
        suspicious(classes),
        candidates(result),
        known ? detection(figures) : null);
  }

  private CleaningReport.Headline headline(CleaningResult result) {
    ModelFigures after = result.selectedModel().figures();
    CleaningResult.Candidate noisy = result.models().get("noisy");
    boolean tested = after.test().rows() > 0;
    double before =
        noisy == null
            ? Double.NaN
            : (tested ? noisy.figures().test() : noisy.figures().heldOut()).accuracy();
    return new CleaningReport.Headline(
        summary.figures().flagged(),
        summary.figures().rows(),
        tested ? "test" : "held-out",
        before,
        (tested ? after.test() : after.heldOut()).accuracy());
  }

  private static CleaningReport.Iterate iterate(IterationRecord record) {
    return new CleaningReport.Iterate(
        record.iteration(),
        record.passes(),
        record.seconds(),
        record.upper().loss(),
        record.heldOut().loss(),
        record.lowerObjective(),
        record.lowerGradientNorm(),
        record.hypergradientNorm(),
        record.heldOut().accuracy(),
        record.test().loss(),
        record.test().accuracy());
  }

  private static long[][] matrix(ScoreFigures figures, int classes) {
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < figures.pairs().length; i++) {
      counts[i / classes][i % classes] = figures.pairs()[i];
    }
    return counts;
  }

  private List<CleaningReport.SuspiciousRow> suspicious(ClassIndex classes) {
    List<RowScore> worst = ScoreFigures.worst(summary.run().scored().rows(), SUSPICIOUS);
    Set<Long> ids = new HashSet<>();
    worst.forEach(row -> ids.add(row.id()));
    Map<Long, Example> examples = new HashMap<>();
    for (Example row :
        summary
            .run()
            .data()
            .tables()
            .train()
            .examples()
            .filter(row -> ids.contains(row.id()))
            .collect()) {
      examples.put(row.id(), row);
    }
    boolean pictures = Picture.canBe(summary.run().data().tables().train().columns());
    List<CleaningReport.SuspiciousRow> rows = new ArrayList<>();
    for (RowScore score : worst) {
      Example row = examples.get(score.id());
      rows.add(
          new CleaningReport.SuspiciousRow(
              row.displayId(),
              row.label(),
              classes.name((int) score.suggested()[0]),
              score.quality()[0],
              score.weight(),
              row.truth(),
              pictures ? Picture.of(floats(row.features().toArray())) : null));
    }
    return rows;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private List<CleaningReport.Candidate> candidates(CleaningResult result) {
    List<CleaningReport.Candidate> candidates = new ArrayList<>();
    result
        .models()
        .forEach(
            (name, model) -> {
              Ranking ranking = summary.rankings().get(name);
              candidates.add(
                  new CleaningReport.Candidate(
                      MODELS.getOrDefault(name, name),
                      model.figures().heldOut().accuracy(),
                      model.figures().heldOut().loss(),
                      model.calibratedLoss(),
                      model.figures().test().accuracy(),
                      model.figures().test().loss(),
                      ranking == null ? Double.NaN : ranking.auroc(),
                      ranking == null ? Double.NaN : ranking.averagePrecision(),
                      name.equals(result.selected())));
            });
    return candidates;
  }

  private CleaningReport.Detection detection(ScoreFigures figures) {
    return new CleaningReport.Detection(
        figures.bad(),
        figures.flagged(),
        figures.precision(),
        figures.recall(),
        figures.f1(),
        ranking(DetectionReport.QUALITY),
        ranking(DetectionReport.WEIGHT));
  }

  private CleaningReport.Ranking ranking(String score) {
    Ranking ranking = summary.rankings().get(score);
    return new CleaningReport.Ranking(ranking.auroc(), ranking.averagePrecision());
  }
}

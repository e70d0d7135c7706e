package io.github.sparkbilevel.equivalence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.job.SessionJobs;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.score.RowScore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs jobs and reads what they found. */
final class Answers {
  private Answers() {}

  /** λ, the figures of the learned model, and what is said of each training row. */
  static Answer clean(Path job, double shift) {
    try (CleaningRun run = SessionJobs.clean(TestSpark.session(), job)) {
      Answer answer = new Answer();
      double[] lambda = run.result().learned().lambda();
      List<String> names = Problems.names(run.upper(), run.problem(), run.data());
      int weights = run.problem().weighingSize();
      for (int j = 0; j < lambda.length; j++) {
        answer.put(Answer.LAMBDA, names.get(j), lambda[j] - (j < weights ? 0 : shift));
      }
      putFigures(answer, run.result().models().get("bilevel").figures());
      Map<Long, String> ids = new HashMap<>();
      for (Example row : run.data().tables().train().examples().collect()) {
        ids.put(row.id(), row.displayId());
      }
      for (RowScore row : run.scored().rows().collect()) {
        String id = ids.get(row.id());
        answer.put(Answer.WEIGHT, id, row.weight());
        answer.put(Answer.QUALITY, id, row.quality()[0]);
        answer.put(Answer.FLAGGED, id, row.flagged() ? 1 : 0);
      }
      return answer;
    }
  }

  static void putFigures(Answer answer, ModelFigures figures) {
    putTally(answer, "upper", figures.upper());
    putTally(answer, "held-out", figures.heldOut());
    putTally(answer, "test", figures.test());
  }

  private static void putTally(Answer answer, String part, Tally tally) {
    answer.put(Answer.FIGURES, part + " loss", tally.loss());
    answer.put(Answer.FIGURES, part + " accuracy", tally.accuracy());
  }

  /** λ, Φ and the figures of the tuned model. */
  static Answer tune(Path job, double shift) {
    try (TuningRun run = SessionJobs.tune(TestSpark.session(), job)) {
      Answer answer = new Answer();
      double[] lambda = run.result().lambda();
      for (int j = 0; j < lambda.length; j++) {
        answer.put(Answer.LAMBDA, run.names().get(j), lambda[j] - shift);
      }
      answer.put(Answer.FIGURES, "upper objective", run.result().best().upperObjective());
      putTally(answer, "test", run.result().best().test());
      return answer;
    }
  }

  /** Φ and its gradient. */
  static Answer hypergradient(Path job, Path output) throws Exception {
    SessionJobs.run(TestSpark.session(), job);
    Answer answer = new Answer();
    List<String> lines = Files.readAllLines(output.resolve("hypergradient.csv"));
    for (String line : lines.subList(1, lines.size())) {
      int comma = line.lastIndexOf(',');
      answer.put(
          Answer.HYPERGRADIENT,
          line.substring(0, comma),
          Double.parseDouble(line.substring(comma + 1)));
    }
    JsonNode summary = new ObjectMapper().readTree(output.resolve("summary.json").toFile());
    answer.put(Answer.FIGURES, "upper objective", summary.get("upperObjective").asDouble());
    answer.put(Answer.FIGURES, "lower objective", summary.get("lowerObjective").asDouble());
    return answer;
  }
}

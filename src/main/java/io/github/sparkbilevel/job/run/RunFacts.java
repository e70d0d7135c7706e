package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.ModelConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.RunDescription;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.settings.Keys;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Describes a run in the words of its report. */
public final class RunFacts {
  private RunFacts() {}

  /**
   * A run on one data set.
   *
   * @param trusted what the job calls the rows of the upper level
   */
  public static RunDescription of(JobContext context, JsonNode summary, String trusted) {
    JobConfig config = context.config();
    String train = config.data().train().path();
    double heldOut = Json.number(summary, "rows/heldOut");
    ArrayNode data = Json.array();
    data.add(source("train", config.data().train(), train, Json.number(summary, "rows/train")));
    double upper = Json.number(summary, "rows/validation") - heldOut;
    config
        .data()
        .validation()
        .ifPresent(
            rows -> {
              data.add(source(trusted, rows, train, upper));
              if (heldOut > 0) {
                data.add(source("held out", rows, train, heldOut));
              }
            });
    double test = Json.number(summary, "rows/test");
    config.data().test().ifPresent(rows -> data.add(source("test", rows, train, test)));
    String title = name(train) + spoiled(config.data().corrupt());
    Map<String, String> facts = facts(context, summary);
    facts.put("Upper variable", String.join(" and ", config.upper().variables()));
    return new RunDescription(title, facts, data, config.resolvedText());
  }

  private static String spoiled(Corruption corrupt) {
    if (!corrupt.active()) {
      return "";
    }
    String share = corrupt.byFraction() ? " " + corrupt.fraction() : "";
    return corrupt.kind().equals(Corruption.LONG_TAIL)
        ? ", classes thinned: %s %s".formatted(corrupt.kind(), corrupt.factor())
        : ", labels spoiled: " + corrupt.kind() + share;
  }

  /** The facts of any run, that of the upper variable empty. */
  public static Map<String, String> facts(JobContext context, JsonNode summary) {
    String reason = Json.text(summary, "curvatureReason");
    String curvature = Json.text(summary, "curvature");
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(RunDescription.JOB, context.config().job());
    facts.put("Model", model(context.config().model()));
    facts.put("Upper variable", "");
    facts.put("Algorithm", Json.text(summary, "algorithm"));
    facts.put("Curvature", reason.isEmpty() ? curvature : curvature + " (" + reason + ")");
    facts.put("Features", count(summary, "features"));
    facts.put("Classes", count(summary, "classes"));
    facts.put("Seed", Json.text(summary, "seed"));
    facts.put(RunDescription.STARTED, started(context));
    facts.put("Spark master", context.spark().sparkContext().master());
    facts.put(RunDescription.VERSION, Json.text(summary, "version"));
    return facts;
  }

  /** A count in groups of three digits; empty where it is 0 or missing. */
  private static String count(JsonNode summary, String name) {
    long count = summary.path(name).asLong();
    return count == 0 ? "" : String.format(Locale.ROOT, "%,d", count);
  }

  /** When the process started, as pages show it. */
  private static String started(JobContext context) {
    return ZonedDateTime.now(ZoneOffset.UTC)
        .minus(Duration.ofMillis((long) (1000 * context.totalSeconds())))
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT));
  }

  /** The model and its penalty, as pages show them. */
  private static String model(ModelConfig model) {
    String shape =
        switch (model.family()) {
          case Keys.MLP -> "%s %s %s".formatted(model.family(), model.hidden(), model.activation());
          case Keys.NETWORK -> model.family() + " " + Layers.write(model.form());
          default -> model.family();
        };
    return shape + ", l2 = " + model.l2();
  }

  /** The last part of a path; of a pattern such as {@code rows/part-*.csv} the folder. */
  static String name(String path) {
    String[] parts = path.split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      if (parts[i].matches("[^*?\\[{]+")) {
        return parts[i];
      }
    }
    return path;
  }

  private static JsonNode source(String role, Rows rows, String train, double count) {
    String path = rows instanceof Source source ? source.path() : "drawn from " + train;
    return Json.object().put("role", role).put("path", path).put("rows", (long) count);
  }
}

package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.ModelConfig;
import io.github.sparkbilevel.job.report.RunReport;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What every report says of its run.
 *
 * @param validationName what the job calls the rows of the upper level
 */
record RunFacts(
    JobContext context,
    PreparedData data,
    Curvature.Choice curvature,
    PassLedger ledger,
    String validationName) {

  RunReport report(Map<String, Double> seconds) {
    return new RunReport(
        facts(context.config()),
        LedgerRow.of(ledger).stream()
            .map(
                row ->
                    new RunReport.PassGroup(
                        row.phase() + ": " + row.pass(),
                        row.kernels(),
                        row.passes(),
                        row.bytesOut(),
                        row.bytesBack(),
                        row.medianMillis(),
                        row.totalMillis()))
            .toList(),
        seconds.entrySet().stream()
            .map(entry -> new RunReport.Timing(entry.getKey(), entry.getValue()))
            .toList(),
        context.config().resolvedText(),
        context.notices().texts());
  }

  private RunReport.Facts facts(JobConfig config) {
    String train = config.data().train().path();
    Rows validation = config.data().validation();
    List<RunReport.DataSource> sources = new ArrayList<>();
    sources.add(source("train", config.data().train(), train, Part.TRAIN));
    sources.add(source(validationName, validation, train, Part.UPPER));
    if (rows(Part.HELD_OUT) > 0) {
      sources.add(source("held out", validation, train, Part.HELD_OUT));
    }
    config.data().test().ifPresent(test -> sources.add(source("test", test, train, Part.TEST)));
    var corrupt = config.data().corrupt();
    String spoiled =
        corrupt.active()
            ? ", labels spoiled: %s %s"
                .formatted(corrupt.kind(), corrupt.byGroup() ? "" : corrupt.fraction())
            : "";
    int classes = data.tables().labels().size();
    return new RunReport.Facts(
        name(train) + spoiled.stripTrailing(),
        config.job(),
        sources,
        data.tables().train().columns(),
        classes == 0 ? -1 : classes,
        model(config.model()),
        String.join(" and ", config.upper().variables()),
        config.job().equals(Keys.BENCHMARK) ? "" : config.solver().algorithm(),
        curvature.curvature().label() + " (" + curvature.reason() + ")",
        config.seed(),
        Version.current(),
        started(context),
        context.spark().sparkContext().master());
  }

  /** When the process started, as pages show it. */
  static String started(JobContext context) {
    return ZonedDateTime.now(ZoneOffset.UTC)
        .minus(Duration.ofMillis((long) (1000 * context.totalSeconds())))
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT));
  }

  /** The model and its penalty, as pages show them. */
  static String model(ModelConfig model) {
    String shape =
        model.isNetwork()
            ? "%s %s %s".formatted(model.family(), model.hidden(), model.activation())
            : model.family();
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

  private RunReport.DataSource source(String role, Rows rows, String train, Part part) {
    String path = rows instanceof Source source ? source.path() : "drawn from " + train;
    return new RunReport.DataSource(role, path, rows(part));
  }

  private long rows(Part part) {
    return data.blocks().rows().get(part);
  }
}

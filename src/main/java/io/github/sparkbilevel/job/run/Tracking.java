package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.output.Secrets;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.ml.tracking.MlflowRun;
import io.github.sparkbilevel.ml.tracking.MlflowRun.End;
import io.github.sparkbilevel.ml.tracking.MlflowServer;
import io.github.sparkbilevel.settings.Keys;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * What a job tells an MLflow server, if it has one: its keys as parameters, its iterations as
 * steps, the numbers of its summary as metrics under {@code summary}, how it ended.
 */
public final class Tracking {
  /** That of a job without a server. */
  public static final Tracking NONE = new Tracking(null);

  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration END = Duration.ofSeconds(30);

  /** Of a process that was told to end. */
  private static final Duration LAST = Duration.ofSeconds(3);

  private final MlflowRun run;

  private Tracking(MlflowRun run) {
    this.run = run;
  }

  /**
   * Makes the run on the server.
   *
   * @throws ConfigException if the server cannot be reached, or refuses
   */
  public static Tracking start(
      JobConfig config, String id, SparkSession spark, OutputFolder output, Console console) {
    if (config.mlflow().isEmpty()) {
      return NONE;
    }
    MlflowServer server = config.mlflow().get();
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("mlflow.source.name", "spark-bilevel");
    tags.put("job", config.job());
    tags.put("run", id);
    tags.put("version", Version.current());
    tags.put("spark.application", spark.sparkContext().applicationId());
    tags.put("output.path", Secrets.hidden(output.shownTarget()));
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String line : Secrets.hidden(config.resolvedText()).lines().toList()) {
      String[] pair = line.split(" = ", 2);
      parameters.put(pair[0], pair[1]);
    }
    try {
      MlflowRun run =
          MlflowRun.start(server, config.job() + " " + id, tags, parameters, START, console::warn);
      // Only these two have one outer loop, whose iterations are the steps of the run.
      if (config.job().equals(Keys.CLEAN) || config.job().equals(Keys.TUNE)) {
        spark.sparkContext().addSparkListener(run.listener());
      }
      return new Tracking(run);
    } catch (IllegalArgumentException refused) {
      throw new ConfigException("mlflow." + refused.getMessage(), refused);
    }
  }

  /** The outputs are in place. */
  public void finished(RunResult result) {
    if (run != null) {
      run.end(End.FINISHED, result.numbers(), Map.of(), END);
    }
  }

  /** The job failed, and a sentence says why. */
  public void failed(String sentence) {
    if (run != null) {
      run.end(End.FAILED, Map.of(), Map.of("error", Secrets.hidden(sentence)), END);
    }
  }

  /** The process was told to end. */
  public void killed() {
    if (run != null) {
      Thread.interrupted(); // It has been told, and what follows has to wait for the server.
      run.end(End.KILLED, Map.of(), Map.of(), LAST);
    }
  }
}

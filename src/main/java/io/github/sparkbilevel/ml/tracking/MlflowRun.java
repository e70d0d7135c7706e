package io.github.sparkbilevel.ml.tracking;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.spark.event.IterationEnded;
import io.github.sparkbilevel.spark.event.RunEventListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;

/**
 * A run on an MLflow tracking server, told of a run of this library while it goes on.
 *
 * <p>Life cycle: {@link #start} makes it, its {@link #listener()} is added to the Spark context
 * before the run begins, {@link #end} ends it. After the start everything is sent by a thread of
 * its own, in order. A server that fails then is warned of once and told nothing more: the run
 * neither fails nor waits for it.
 */
public final class MlflowRun {
  /** How a run ended, in the words of MLflow. */
  public enum End {
    /** It came to its result. */
    FINISHED,
    /** It failed. */
    FAILED,
    /** It was told to stop. */
    KILLED
  }

  /** What MLflow takes in one request. */
  private static final int MOST_PARAMETERS = 100;

  private static final int MOST_METRICS = 1000;

  /** What every version of MLflow takes as the value of a parameter or a tag. */
  private static final int MOST_CHARACTERS = 500;

  /** What MLflow does not take in a name. */
  private static final Pattern ODD = Pattern.compile("[^A-Za-z0-9_./ -]");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, Double>> NUMBERS = new TypeReference<>() {};

  private final MlflowServer server;
  private final MlflowClient client;
  private final ExecutorService sender;
  private final Consumer<String> warn;
  private String id;
  private volatile boolean broken;

  private MlflowRun(MlflowServer server, Consumer<String> warn) {
    this.server = server;
    this.warn = warn;
    this.client = new MlflowClient(server.uri());
    this.sender =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "spark-bilevel MLflow");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Makes a run on the server, and waits for it.
   *
   * @param name of the run
   * @param tags and their values, of which the first 500 characters are kept
   * @param parameters and their values; likewise
   * @param most how long to wait
   * @param warn told in a sentence when the server fails later
   * @throws IllegalArgumentException if the server cannot be reached, or refuses
   */
  public static MlflowRun start(
      MlflowServer server,
      String name,
      Map<String, String> tags,
      Map<String, String> parameters,
      Duration most,
      Consumer<String> warn) {
    MlflowRun run = new MlflowRun(server, warn);
    try {
      run.id =
          run.sender
              .submit((Callable<String>) () -> run.create(name, tags, parameters))
              .get(most.toMillis(), TimeUnit.MILLISECONDS);
      return run;
    } catch (ExecutionException e) {
      throw run.unusable(reason(e.getCause()), e);
    } catch (TimeoutException e) {
      throw run.unusable("it has not answered for %d s".formatted(most.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw run.unusable("the wait for it was interrupted", e);
    }
  }

  private IllegalArgumentException unusable(String why, Exception cause) {
    sender.shutdownNow();
    return new IllegalArgumentException(
        "uri = %s cannot be used: %s; try the address of an MLflow server that is up, as in http://localhost:5000"
            .formatted(server.uri(), why),
        cause);
  }

  private String create(String name, Map<String, String> tags, Map<String, String> parameters) {
    String experiment =
        client
            .getExperimentByName(server.experiment())
            .map(found -> found.getExperimentId())
            .orElseGet(() -> client.createExperiment(server.experiment()));
    String made =
        client
            .createRun(
                CreateRun.newBuilder()
                    .setExperimentId(experiment)
                    .setRunName(name)
                    .setStartTime(System.currentTimeMillis())
                    .addAllTags(tags(tags))
                    .build())
            .getRunId();
    List<Param> all = new ArrayList<>();
    parameters.forEach(
        (key, value) -> all.add(Param.newBuilder().setKey(name(key)).setValue(cut(value)).build()));
    for (int at = 0; at < all.size(); at += MOST_PARAMETERS) {
      List<Param> some = all.subList(at, Math.min(all.size(), at + MOST_PARAMETERS));
      client.logBatch(made, List.of(), some, List.of());
    }
    return made;
  }

  private static List<RunTag> tags(Map<String, String> tags) {
    return tags.entrySet().stream()
        .map(
            tag ->
                RunTag.newBuilder()
                    .setKey(name(tag.getKey()))
                    .setValue(cut(tag.getValue()))
                    .build())
        .toList();
  }

  private static String name(String key) {
    return ODD.matcher(key).replaceAll("_");
  }

  private static String cut(String value) {
    return value.length() <= MOST_CHARACTERS
        ? value
        : value.substring(0, MOST_CHARACTERS - 1) + "…";
  }

  /**
   * Tells of every outer iteration, as a step of its own, of the first run that it hears of; others
   * of the Spark context are passed over.
   */
  public RunEventListener listener() {
    return new RunEventListener() {
      private String followed;

      @Override
      public void iterationEnded(IterationEnded event) {
        followed = followed == null ? event.run() : followed;
        if (event.run().equals(followed)) {
          send(() -> log(event.iteration(), figures(event)));
        }
      }
    };
  }

  private static Map<String, Double> figures(IterationEnded event) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.putAll(JSON.convertValue(event.figures(), NUMBERS));
    figures.put("seconds", event.seconds());
    figures.putAll(JSON.convertValue(event.cost(), NUMBERS));
    return figures;
  }

  private void log(int step, Map<String, Double> figures) {
    long now = System.currentTimeMillis();
    List<Metric> metrics = new ArrayList<>();
    figures.forEach(
        (key, value) -> {
          if (Double.isFinite(value)) {
            metrics.add(
                Metric.newBuilder()
                    .setKey(name(key))
                    .setValue(value)
                    .setTimestamp(now)
                    .setStep(step)
                    .build());
          }
        });
    for (int at = 0; at < metrics.size(); at += MOST_METRICS) {
      List<Metric> some = metrics.subList(at, Math.min(metrics.size(), at + MOST_METRICS));
      client.logBatch(id, some, List.of(), List.of());
    }
  }

  /**
   * Ends the run on the server once everything before is sent; a second call does nothing.
   *
   * @param figures of the result, by their names, in which characters that MLflow does not take
   *     become {@code _}; those that are not finite are left out
   * @param tags to add
   * @param most how long to wait for the server
   */
  public void end(End how, Map<String, Double> figures, Map<String, String> tags, Duration most) {
    if (sender.isShutdown()) {
      return;
    }
    send(
        () -> {
          log(0, figures);
          if (!tags.isEmpty()) {
            client.logBatch(id, List.of(), List.of(), tags(tags));
          }
          client.setTerminated(id, RunStatus.valueOf(how.name()));
        });
    sender.shutdown();
    try {
      if (!sender.awaitTermination(most.toMillis(), TimeUnit.MILLISECONDS)) {
        giveUp("it has not answered for %d s".formatted(most.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.shutdownNow();
  }

  private void send(Runnable message) {
    if (sender.isShutdown()) {
      return;
    }
    sender.execute(
        () -> {
          if (broken) {
            return;
          }
          try {
            message.run();
          } catch (RuntimeException e) {
            giveUp(reason(e));
          }
        });
  }

  private void giveUp(String why) {
    if (!broken) {
      broken = true;
      warn.accept(
          "the MLflow server at %s is told nothing more of the run, which takes no harm: %s"
              .formatted(server.uri(), why));
    }
  }

  private static String reason(Throwable thrown) {
    if (thrown instanceof MlflowHttpException refused) {
      String body = refused.getBodyMessage() == null ? "" : refused.getBodyMessage().strip();
      return "it answered %d %s%s"
          .formatted(
              refused.getStatusCode(),
              refused.getReasonPhrase(),
              body.isEmpty() ? "" : ", " + cut(body.replaceAll("\\s+", " ")));
    }
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}

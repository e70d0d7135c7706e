package io.github.sparkbilevel.ml.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands in for an MLflow tracking server: takes what its REST API takes, and remembers it. */
public final class FakeMlflow implements AutoCloseable {
  private static final String API = "/api/2.0/mlflow/";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A value of a metric. */
  public record Point(long step, double value) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch silence = new CountDownLatch(1);
  private final Map<String, String> parameters = new TreeMap<>();
  private final Map<String, String> tags = new TreeMap<>();
  private final Map<String, List<Point>> metrics = new TreeMap<>();
  private final List<String> requests = new ArrayList<>();
  private String experiment;
  private String runName = "";
  private String status = "";
  private String failing = "never";
  private boolean silent;

  /** A server on loopback without experiments. */
  public FakeMlflow() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Its address. */
  public String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on requests whose path ends so are answered by an error. */
  public synchronized void failOn(String end) {
    failing = end;
  }

  /** From now on nothing is answered. */
  public synchronized void fallSilent() {
    silent = true;
  }

  /** The name of the experiment that was made. */
  public synchronized String experiment() {
    return experiment;
  }

  /** The name of the run that was made. */
  public synchronized String runName() {
    return runName;
  }

  /** Where the run is, in the words of MLflow. */
  public synchronized String status() {
    return status;
  }

  /** Parameters and their values. */
  public synchronized Map<String, String> parameters() {
    return new TreeMap<>(parameters);
  }

  /** Tags and their values. */
  public synchronized Map<String, String> tags() {
    return new TreeMap<>(tags);
  }

  /** The values of a metric in the order in which they came. */
  public synchronized List<Point> metric(String name) {
    return List.copyOf(metrics.getOrDefault(name, List.of()));
  }

  /** The ends of the paths that were asked for, in their order. */
  public synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (isSilent()) {
        silence.await();
        return;
      }
      Answer answer = take(path, body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body));
      byte[] bytes = answer.text().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.code(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isSilent() {
    return silent;
  }

  private record Answer(int code, String text) {}

  private synchronized Answer take(String path, JsonNode body) {
    String what = path.startsWith(API) ? path.substring(API.length()) : path;
    requests.add(what);
    if (what.endsWith(failing)) {
      return new Answer(500, "{\"error_code\":\"INTERNAL_ERROR\",\"message\":\"out of order\"}");
    }
    switch (what) {
      case "experiments/get-by-name":
        return experiment == null
            ? new Answer(
                404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no such one\"}")
            : new Answer(200, "{\"experiment\":{\"experiment_id\":\"7\"}}");
      case "experiments/create":
        experiment = body.get("name").asText();
        return new Answer(200, "{\"experiment_id\":\"7\"}");
      case "runs/create":
        runName = body.get("run_name").asText();
        status = "RUNNING";
        body.get("tags")
            .forEach(tag -> tags.put(tag.get("key").asText(), tag.get("value").asText()));
        return new Answer(200, "{\"run\":{\"info\":{\"run_id\":\"r1\",\"experiment_id\":\"7\"}}}");
      case "runs/log-batch":
        batch(body);
        return new Answer(200, "{}");
      case "runs/update":
        status = body.get("status").asText();
        return new Answer(200, "{\"run_info\":{\"run_id\":\"r1\"}}");
      default:
        return new Answer(
            404, "{\"error_code\":\"ENDPOINT_NOT_FOUND\",\"message\":\"" + what + "\"}");
    }
  }

  private void batch(JsonNode body) {
    body.path("params")
        .forEach(p -> parameters.put(p.get("key").asText(), p.get("value").asText()));
    body.path("tags").forEach(t -> tags.put(t.get("key").asText(), t.get("value").asText()));
    body.path("metrics")
        .forEach(
            m ->
                metrics
                    .computeIfAbsent(m.get("key").asText(), key -> new ArrayList<>())
                    .add(new Point(m.path("step").asLong(), m.get("value").asDouble())));
  }

  @Override
  public void close() {
    silence.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

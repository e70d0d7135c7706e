package io.github.sparkbilevel.ml.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ml.tracking.FakeMlflow.Point;
import io.github.sparkbilevel.ml.tracking.MlflowRun.End;
import io.github.sparkbilevel.spark.event.IterationEnded;
import io.github.sparkbilevel.spark.event.RunEventListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server of MLflow is told of a run, and what happens when it fails. */
class MlflowRunTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  private FakeMlflow server;

  @BeforeEach
  void open() throws IOException {
    server = new FakeMlflow();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private MlflowRun start(Map<String, String> parameters, Duration most) {
    return MlflowRun.start(
        new MlflowServer(server.uri(), "digits"),
        "clean 1",
        Map.of("job", "clean"),
        parameters,
        most,
        warnings::add);
  }

  private static IterationEnded event(String run, int iteration, double heldOut) {
    return new IterationEnded(
        run,
        iteration,
        0.5,
        new IterationEnded.Figures(2.0 / (1 + iteration), heldOut, 3, 1e-3, 1e-2),
        new IterationEnded.Cost(6 * iteration, 1, 2, 1000));
  }

  @Test
  void aRunIsMadeFollowedAndEnded() {
    MlflowRun run = start(Map.of("solver.iterations", "3", "long", "x".repeat(600)), LONG);
    assertEquals("digits", server.experiment());
    assertEquals("clean 1", server.runName());
    assertEquals("RUNNING", server.status());
    assertEquals(Map.of("job", "clean"), server.tags());
    assertEquals("3", server.parameters().get("solver.iterations"));
    assertEquals("x".repeat(499) + "…", server.parameters().get("long"));
    RunEventListener listener = run.listener();
    listener.onOtherEvent(event("a", 0, Double.NaN));
    listener.onOtherEvent(event("b", 1, 7));
    listener.onOtherEvent(event("a", 1, 0.25));
    run.end(
        End.FINISHED,
        Map.of("metrics.auroc of <a>", 0.99, "nothing", Double.NaN),
        Map.of("note", "done"),
        LONG);
    assertEquals(List.of(new Point(0, 2), new Point(1, 1)), server.metric("upperObjective"));
    assertEquals(List.of(new Point(1, 0.25)), server.metric("heldOutObjective"));
    assertEquals(List.of(new Point(0, 0), new Point(1, 6)), server.metric("passes"));
    assertEquals(List.of(new Point(0, 0.99)), server.metric("metrics.auroc of _a_"));
    assertEquals(List.of(), server.metric("nothing"));
    assertEquals("done", server.tags().get("note"));
    assertEquals("FINISHED", server.status());
    run.end(End.FAILED, Map.of(), Map.of(), LONG);
    assertEquals("FINISHED", server.status());
    listener.onOtherEvent(event("a", 2, 1));
    assertEquals(List.of(), warnings);
  }

  @Test
  void anExperimentThatIsThereIsUsedAndManyParametersAreSentInParts() {
    start(Map.of(), LONG).end(End.KILLED, Map.of(), Map.of(), LONG);
    assertEquals("KILLED", server.status());
    Map<String, String> many = new TreeMap<>();
    for (int i = 0; i < 250; i++) {
      many.put("p" + i, "" + i);
    }
    start(many, LONG).end(End.FAILED, Map.of(), Map.of("error", "a sentence"), LONG);
    assertEquals(many, server.parameters());
    assertEquals("FAILED", server.status());
    assertEquals("a sentence", server.tags().get("error"));
    assertEquals(1, Collections.frequency(server.requests(), "experiments/create"));
    // Three for the parameters and one for the tags; without figures there is nothing to send.
    assertEquals(4, Collections.frequency(server.requests(), "runs/log-batch"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"experiments/get-by-name", "experiments/create", "runs/create", "log-batch"})
  void aServerThatRefusesTheStartIsRefused(String end) {
    server.failOn(end);
    var refused = assertThrows(IllegalArgumentException.class, () -> start(Map.of("a", "b"), LONG));
    String message = refused.getMessage();
    assertTrue(
        message.startsWith("uri = " + server.uri() + " cannot be used: it answered 500"), message);
    assertTrue(message.contains("out of order"), message);
  }

  @Test
  void aServerThatIsNotThereIsRefused() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    MlflowServer nobody = new MlflowServer("http://127.0.0.1:" + port, "x");
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> MlflowRun.start(nobody, "x", Map.of(), Map.of(), LONG, warnings::add));
    assertTrue(refused.getMessage().contains("Connection refused"), refused.getMessage());
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedForLongerThanAllowed() {
    server.fallSilent();
    var refused =
        assertThrows(IllegalArgumentException.class, () -> start(Map.of(), Duration.ofSeconds(1)));
    assertTrue(refused.getMessage().contains("has not answered for 1 s"), refused.getMessage());
  }

  @Test
  void aServerThatFailsLaterIsWarnedOfOnceAndTheRunGoesOn() {
    MlflowRun run = start(Map.of(), LONG);
    server.failOn("log-batch");
    for (int i = 0; i < 3; i++) {
      run.listener().onOtherEvent(event("a", i, 1));
    }
    run.end(End.FINISHED, Map.of("x", 1.0), Map.of(), LONG);
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("it answered 500"), warnings.get(0));
    // The client tries three times to tell of the first iteration; of the others nobody tries.
    assertEquals(3, Collections.frequency(server.requests(), "runs/log-batch"));
    assertEquals("RUNNING", server.status());
  }

  @Test
  void aServerThatFallsSilentLaterHoldsUpNothingButTheEnd() {
    MlflowRun run = start(Map.of(), LONG);
    server.fallSilent();
    run.listener().onOtherEvent(event("a", 1, 1));
    run.end(End.FINISHED, Map.of(), Map.of(), Duration.ofSeconds(1));
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("has not answered for 1 s"), warnings.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost:5000", "file:/tmp/runs", "http://", "http://a b"})
  void whatIsNoAddressIsRefused(String uri) {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new MlflowServer(uri, "digits"));
    assertTrue(refused.getMessage().contains("try http://"), refused.getMessage());
  }

  @Test
  void aPasswordInTheAddressIsRefusedAndNotTold() {
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new MlflowServer("https://me:hidden@host:5000/a", "digits"));
    assertTrue(refused.getMessage().contains("MLFLOW_TRACKING_PASSWORD"), refused.getMessage());
    assertFalse(refused.getMessage().contains("hidden"), refused.getMessage());
  }

  @Test
  void anExperimentHasAName() {
    assertThrows(
        IllegalArgumentException.class, () -> new MlflowServer("http://localhost:5000", " "));
  }
}

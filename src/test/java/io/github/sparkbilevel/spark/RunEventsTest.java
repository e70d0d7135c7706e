package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.event.IterationEnded;
import io.github.sparkbilevel.spark.event.PassEnded;
import io.github.sparkbilevel.spark.event.RunEvent;
import io.github.sparkbilevel.spark.event.RunEventListener;
import io.github.sparkbilevel.spark.event.RunEvents;
import io.github.sparkbilevel.spark.event.StatusChanged;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;

/**
 * What listeners, metrics and Spark's own pages are told of a run, and that the run does not mind.
 */
class RunEventsTest {
  private final JavaSparkContext context = TestSpark.context();
  private final Data data = CleaningRuns.data();

  /** Keeps what it is told. */
  private static final class Kept extends RunEventListener {
    final List<RunEvent> all = new ArrayList<>();

    @Override
    public void passEnded(PassEnded event) {
      all.add(event);
    }

    @Override
    public void iterationEnded(IterationEnded event) {
      all.add(event);
    }

    @Override
    public void statusChanged(StatusChanged event) {
      all.add(event);
    }

    <E extends RunEvent> List<E> of(Class<E> kind) {
      return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  /** Keeps the properties of the jobs that start. */
  private static final class Jobs extends SparkListener {
    final List<Properties> all = new ArrayList<>();

    @Override
    public void onJobStart(SparkListenerJobStart start) {
      all.add(start.properties());
    }
  }

  private Map<String, double[]> run(SparkEngine engine) {
    return CleaningRuns.run(
        engine,
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.CG, true, 3, "jvm"),
        data.train().count(),
        record -> engine.events().iterationEnded(record.iteration(), 0, figures(record)));
  }

  private static IterationEnded.Figures figures(IterationRecord record) {
    return new IterationEnded.Figures(
        record.figures().upper().loss(),
        record.figures().heldOut().loss(),
        record.point().lowerObjective(),
        0,
        0);
  }

  @Test
  void everyPassAndIterationIsToldOf() throws Exception {
    Kept kept = new Kept();
    Jobs jobs = new Jobs();
    PassLedger ledger;
    String run;
    context.sc().addSparkListener(kept);
    context.sc().addSparkListener(jobs);
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      context.sc().listenerBus().waitUntilEmpty();
      jobs.all.clear();
      run(engine);
      ledger = engine.ledger();
      run = engine.events().run();
      context.sc().listenerBus().waitUntilEmpty();

      assertEquals((Integer) ledger.passes(), gauge("passes"));
      assertEquals(ledger.work().rows(), gauge("rows"));
      assertEquals(3, gauge("iteration"));
      assertEquals(ledger.last().millis() / 1e3, gauge("lastPassSeconds"));
      assertTrue((Long) gauge("cachedBytes") > 0);
    } finally {
      context.sc().removeSparkListener(kept);
      context.sc().removeSparkListener(jobs);
    }
    List<PassEnded> passes = kept.of(PassEnded.class);
    assertEquals(ledger.entries(), passes.stream().map(PassEnded::pass).toList());
    for (int i = 0; i < passes.size(); i++) {
      assertEquals(i + 1, passes.get(i).number());
      assertEquals(run, passes.get(i).run());
    }
    List<IterationEnded> iterations = kept.of(IterationEnded.class);
    assertEquals(List.of(0, 1, 2, 3), iterations.stream().map(IterationEnded::iteration).toList());
    assertTrue(iterations.get(3).cost().rows() > iterations.get(2).cost().rows());
    List<String> statuses =
        kept.of(StatusChanged.class).stream().map(StatusChanged::status).toList();
    assertTrue(statuses.containsAll(List.of("warm-up", "outer", "baselines")), statuses::toString);

    Set<String> descriptions = new TreeSet<>();
    Set<String> groups = new TreeSet<>();
    // What reads rows for the test is no pass.
    jobs.all.removeIf(job -> job.getProperty("spark.job.description") == null);
    for (Properties job : jobs.all) {
      assertEquals(run, job.getProperty(RunEvents.PROPERTY));
      descriptions.add(job.getProperty("spark.job.description").replaceAll("\\d+\\)", "N)"));
      groups.add(job.getProperty("spark.jobGroup.id"));
    }
    assertTrue(
        descriptions.containsAll(
            List.of(
                "warm-up: evaluate (pass N)",
                "outer: Hessian product (iteration 1, pass N)",
                "outer: evaluate (iteration 3, pass N)")),
        descriptions::toString);
    assertTrue(
        groups.containsAll(List.of("run " + run + ": iteration 2", "run " + run + ": warm-up")),
        groups::toString);
    assertNull(context.getLocalProperty("spark.jobGroup.id"));
  }

  @Test
  void aListenerThatThrowsChangesNothing() throws Exception {
    RunEventListener breaks =
        new RunEventListener() {
          @Override
          public void passEnded(PassEnded event) {
            throw new IllegalStateException("a listener of the test");
          }
        };
    Map<String, double[]> alone;
    Map<String, double[]> heard;
    int passes;
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3)) {
      try (SparkEngine engine = new SparkEngine(context, blocks, 100)) {
        alone = run(engine);
        passes = engine.ledger().passes();
      }
      context.sc().addSparkListener(breaks);
      try (SparkEngine engine = new SparkEngine(context, blocks, 100)) {
        heard = run(engine);
        assertEquals(passes, engine.ledger().passes());
      } finally {
        context.sc().removeSparkListener(breaks);
      }
    }
    CleaningRuns.assertSameBits(alone, heard);
  }

  @Test
  void theCallersGroupStays() throws Exception {
    Jobs jobs = new Jobs();
    context.sc().addSparkListener(jobs);
    context.setJobGroup("of the caller", "what the caller does");
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      run(engine);
      context.sc().listenerBus().waitUntilEmpty();
      assertEquals("what the caller does", context.getLocalProperty("spark.job.description"));
    } finally {
      context.clearJobGroup();
      context.sc().removeSparkListener(jobs);
    }
    jobs.all.forEach(job -> assertEquals("of the caller", job.getProperty("spark.jobGroup.id")));
  }

  private static Object gauge(String name) {
    Source source = SparkEnv.get().metricsSystem().getSourcesByName("sparkBilevel").head();
    return ((Gauge<?>) source.metricRegistry().getMetrics().get(name)).getValue();
  }
}

package io.github.sparkbilevel.spark.event;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.storage.RDDInfo;

/**
 * The metrics of the driver under the name {@value #NAME}: of the run of the Spark context that
 * began last.
 *
 * <p>All are gauges that look up the run's account when a sink asks, so that they cost a run
 * nothing. A context has one source, registered when its first run begins.
 */
final class RunMetrics implements Source {
  static final String NAME = "sparkBilevel";

  /** What names of our cached RDDs begin with. */
  private static final String OURS = "spark-bilevel ";

  private static final IterationEnded NO_ITERATION =
      new IterationEnded(
          "",
          0,
          0,
          new IterationEnded.Figures(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN),
          new IterationEnded.Cost(0, 0, 0, 0));

  private final MetricRegistry registry = new MetricRegistry();
  private final SparkContext context;
  private volatile PassLedger ledger = new PassLedger();
  private volatile IterationEnded last = NO_ITERATION;

  private RunMetrics(SparkContext context) {
    this.context = context;
    gauge("iteration", () -> last.iteration());
    gauge("upperObjective", () -> last.figures().upperObjective());
    gauge("heldOutObjective", () -> last.figures().heldOutObjective());
    gauge("lowerObjective", () -> last.figures().lowerObjective());
    gauge("passes", () -> ledger.passes());
    gauge("gradients", () -> ledger.work().gradients());
    gauge("products", () -> ledger.work().products());
    gauge("rows", () -> ledger.work().rows());
    gauge("lastPassSeconds", () -> ledger.passes() == 0 ? 0 : ledger.last().millis() / 1e3);
    gauge("cachedBytes", this::cachedBytes);
  }

  private <T extends Number> void gauge(String name, Supplier<T> value) {
    Gauge<T> gauge = value::get;
    registry.register(name, gauge);
  }

  /** Those of a context, registered now if they are not yet. */
  static RunMetrics of(JavaSparkContext context) {
    MetricsSystem metrics = SparkEnv.get().metricsSystem();
    synchronized (RunMetrics.class) {
      var known = metrics.getSourcesByName(NAME);
      if (!known.isEmpty()) {
        return (RunMetrics) known.head();
      }
      RunMetrics made = new RunMetrics(context.sc());
      metrics.registerSource(made);
      return made;
    }
  }

  void follow(PassLedger kept) {
    ledger = kept;
    last = NO_ITERATION;
  }

  void iterationEnded(IterationEnded event) {
    last = event;
  }

  /** In memory and on disk, over all executors; asks the driver's block manager. */
  private long cachedBytes() {
    if (context.isStopped()) {
      return 0;
    }
    return Arrays.stream(context.getRDDStorageInfo())
        .filter(info -> info.name() != null && info.name().startsWith(OURS))
        .mapToLong(RunMetrics::bytes)
        .sum();
  }

  private static long bytes(RDDInfo info) {
    return info.memSize() + info.diskSize();
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}

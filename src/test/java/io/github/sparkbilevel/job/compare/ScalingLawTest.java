package io.github.sparkbilevel.job.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.compare.ClusterEstimate.Measured;
import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.job.config.JobFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of what steps cost, and what follows from them for clusters. */
class ScalingLawTest {
  private static final List<String> ALL = List.of("rows", "partitions", "cores");

  private static BenchmarkConfig config(String... overrides) {
    String text = "job = benchmark, benchmark.scaling = [rows, partitions, cores], output.path = o";
    Folders folders = new Folders(Path.of("").toAbsolutePath(), null);
    return JobFile.parse(text, List.of(overrides), folders).benchmark();
  }

  private static List<Workload> workloads() {
    return ScalingJob.workloads(config(), 4);
  }

  private static ScalingLaw fit(ScalingStep step, ToDoubleFunction<Workload> cost) {
    List<Workload> measured = workloads();
    return ScalingLaw.fit(step, measured, measured.stream().mapToDouble(cost).toArray());
  }

  @ParameterizedTest
  @EnumSource(ScalingStep.class)
  void aFitFindsTheCoefficients(ScalingStep step) {
    double[] expected = {0.3, 5e-9, step.flops(workloads().get(0)) > 0 ? 2e-10 : 0, 0.02};
    ScalingLaw truth = new ScalingLaw(step, expected, 0, 0);
    ScalingLaw found = fit(step, truth::seconds);
    for (int j = 0; j < expected.length; j++) {
      assertEquals(
          expected[j], found.coefficients()[j], 1e-6 * expected[j] + 1e-15, "coefficient " + j);
    }
    assertEquals(0, found.worst(), 1e-6);
  }

  @Test
  void whatCostsNothingIsNotNegative() {
    Random noise = new Random(5);
    ScalingLaw found =
        fit(ScalingStep.LOAD, of -> (1 + 0.1 * noise.nextGaussian()) * (1 + 1e-8 * of.bytes()));
    assertTrue(Arrays.stream(found.coefficients()).allMatch(x -> x >= 0), "none below 0");
    assertTrue(found.error() > 0.02 && found.error() < 0.3, "error " + found.error());
    assertTrue(found.worst() >= found.error(), "worst " + found.worst());
  }

  @Test
  void whatIsMeasuredVariesWhatIsAskedFor() {
    assertEquals(8, workloads().size());
    assertEquals(List.of(1, 2, 4, 16, 64), partitions(workloads()));
    assertEquals(List.of(4), partitions(ScalingJob.workloads(config("benchmark.scaling=rows"), 4)));
  }

  private static List<Integer> partitions(List<Workload> of) {
    return of.stream().map(Workload::partitions).distinct().sorted().toList();
  }

  private static Measured measured() {
    Map<ScalingStep, ScalingLaw> laws = new EnumMap<>(ScalingStep.class);
    for (ScalingStep step : ScalingStep.values()) {
      double[] coefficients = {0.01, 1e-9, 1e-10, 1e-3};
      laws.put(step, new ScalingLaw(step, coefficients, 0, 0));
    }
    return new Measured(laws, 1e-3);
  }

  private static ClusterEstimate estimate(long rows, int executors, double networkMbps) {
    BenchmarkConfig config =
        config(
            "benchmark.cluster.rows=" + rows,
            "benchmark.cluster.features=100",
            "benchmark.cluster.networkMbps=" + networkMbps);
    return ClusterEstimate.of(measured(), config, executors);
  }

  @ParameterizedTest
  @EnumSource(ScalingStep.class)
  void moreRowsTakeNoLess(ScalingStep step) {
    double first = estimate(1_000_000, 100, 10_000).seconds(step);
    double before = first;
    for (long rows = 1_000_000; rows <= 10_000_000_000L; rows *= 3) {
      double next = estimate(rows, 100, 10_000).seconds(step);
      assertTrue(next >= before, "%d rows: %f after %f".formatted(rows, next, before));
      before = next;
    }
    assertTrue(before > 10 * first, "%f after %f".formatted(before, first));
  }

  @Test
  void aBetterClusterIsFaster() {
    double usual = estimate(1_000_000_000, 100, 10_000).secondsOfJob();
    assertTrue(estimate(1_000_000_000, 400, 10_000).secondsOfJob() < usual);
    assertTrue(estimate(1_000_000_000, 100, 40_000).secondsOfJob() < usual);
  }

  @Test
  void executorsAddUpWhatTheDriverWouldReceive() {
    ClusterEstimate large = estimate(1_000_000_000, 100, 10_000);
    assertEquals(4096, large.workload().partitions());
    assertEquals(64 * 8.0 * 2 * 505, large.driverBytesOfPass());
    assertEquals(4.096, large.launchSeconds(ScalingStep.PASS), 1e-9);
    // 1e9 bytes of features in 30 pairs of partitions: the driver receives the sums of all.
    assertEquals(60 * 8.0 * 2 * 505, estimate(2_500_000, 100, 10_000).driverBytesOfPass());
  }

  @Test
  void settingsAreRead() {
    BenchmarkConfig config =
        config("benchmark.cluster.executors=[1, 7]", "benchmark.cluster.partitions=800");
    assertEquals(ALL, config.scaling());
    assertEquals(1_000_000_000L, config.cluster().rows());
    List<ClusterEstimate> estimates =
        config.cluster().executors().stream()
            .map(executors -> ClusterEstimate.of(measured(), config, executors))
            .toList();
    assertArrayEquals(
        new int[] {4, 28}, estimates.stream().mapToInt(each -> each.workload().cores()).toArray());
    assertEquals(800, estimates.get(0).workload().partitions());
    assertEquals(20, estimates.get(0).workload().features(), "as many as are made up");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "benchmark.scaling=[rows, memory]",
        "benchmark.scaling=[rows, rows]",
        "benchmark.made.rows=10",
        "benchmark.made.classes=1",
        "benchmark.cluster.rows=0",
        "benchmark.cluster.executors=[]",
        "benchmark.cluster.networkMbps=0",
        "benchmark.cluster.partitions=none",
        "benchmark.cluster.nodes=3"
      })
  void wrongSettingsAreRefused(String override) {
    String message = assertThrows(ConfigException.class, () -> config(override)).getMessage();
    assertTrue(message.contains(override.replaceFirst("=.*", "")), message);
  }
}

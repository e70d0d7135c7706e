package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** L-BFGS begins at the best of several λ. */
class SeveralStartsTest {
  private static final List<double[]> STARTS =
      IntStream.rangeClosed(0, 5).mapToObj(i -> new double[] {-2.0 * i}).toList();

  private final Data data = TestProblems.of(new SoftmaxLoss(3)).features(9).make();
  private final BilevelProblem problem =
      new BilevelProblem(
          data.model(),
          Penalty.fixed(data.model(), 1e-3, false),
          new Lasso(Penalty.tuned(data.model(), false)));

  private TuningSettings settings() {
    return TuningSettings.of(problem, NboSettings.of(Curvature.EXACT))
        .from(new double[] {0}, new double[] {-12}, new double[] {3});
  }

  private TuningResult tuned(TuningSettings settings) {
    return new Tuning(settings, data.engine(), data.train().count(), record -> {}).run();
  }

  /** Φ where L-BFGS may not move. */
  private double valueAt(double lambda) {
    double[] low = {lambda - 1e-9};
    double[] high = {lambda + 1e-9};
    TuningSettings there =
        TuningSettings.of(problem, NboSettings.of(Curvature.EXACT))
            .from(new double[] {lambda}, low, high);
    return tuned(there).best().upperObjective();
  }

  @Test
  void theFirstPointIsTheBestOfThem() {
    TuningResult result = tuned(settings().fromBestOf(STARTS));
    double[] values = STARTS.stream().mapToDouble(start -> valueAt(start[0])).toArray();
    int best =
        IntStream.range(0, values.length)
            .reduce(0, (one, other) -> values[other] < values[one] ? other : one);
    assertTrue(best > 0, "the first start is not the best");
    IterationRecord first = result.course().history().get(0);
    assertArrayEquals(STARTS.get(best), first.point().lambda(), 0);
    assertTrue(result.best().upperObjective() <= values[best]);
    assertTrue(result.evaluations() >= STARTS.size());
  }

  @Test
  void oneOfThemIsTheInitialLambda() {
    TuningResult one = tuned(settings().fromBestOf(List.of(new double[] {0})));
    TuningResult initial = tuned(settings());
    assertArrayEquals(initial.lambda(), one.lambda(), 0);
    assertEquals(initial.evaluations(), one.evaluations());
  }
}

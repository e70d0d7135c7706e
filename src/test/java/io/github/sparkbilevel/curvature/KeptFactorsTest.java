package io.github.sparkbilevel.curvature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.curvature.KeptFactors.Scales;
import io.github.sparkbilevel.curvature.KroneckerEigen.Damping;
import io.github.sparkbilevel.curvature.Preparation.Ready;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of Kronecker factors from one refresh to the next. */
class KeptFactorsTest {
  private static final double DAMPING = 0.3;
  private static final double[] PENALTY = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
  private static final double[] RIGHT = TestProblems.vector(1, 6, 1);

  /** Two layers of 2 × 2 and 2 × 1; diagonal, so that averages can be followed by hand. */
  private static List<KroneckerFactors> factors(double scale) {
    return List.of(
        new KroneckerFactors(
            new double[] {scale, 0, 0, 3 * scale}, new double[] {2 * scale, 0, 0, scale}),
        new KroneckerFactors(new double[] {scale, 0, 0, scale}, new double[] {5 * scale}));
  }

  /** A point that knows its factors, or has none, and counts how often its scales are asked for. */
  private static final class Known implements LowerObjective.Point {
    private final List<KroneckerFactors> factors;
    private final double[] scales;
    private int asked;

    Known(List<KroneckerFactors> factors, double[] scales) {
      this.factors = factors;
      this.scales = scales;
    }

    @Override
    public double[] theta() {
      return new double[6];
    }

    @Override
    public double value() {
      return 0;
    }

    @Override
    public double[] gradient() {
      return new double[6];
    }

    @Override
    public LinearOperator hessian(double damping) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<KroneckerFactors> factors() {
      return factors;
    }

    @Override
    public double[] eigenScales(List<KroneckerBasis> bases) {
      asked++;
      return scales;
    }

    @Override
    public double[] denseHessian() {
      return null;
    }

    @Override
    public void release() {
      // Nothing is kept.
    }
  }

  private static Ready<Preconditioner> ready(
      KeptFactors kept, Known at, double[] penalty, double damping) {
    return (Ready<Preconditioner>) kept.prepare(at, at.factors(), penalty, damping);
  }

  private static double[] solve(KeptFactors kept, List<KroneckerFactors> factors) {
    Ready<Preconditioner> made = ready(kept, new Known(factors, null), PENALTY, DAMPING);
    assertEquals(0, made.products());
    return made.value().solve(RIGHT);
  }

  private static double[] inverse(List<KroneckerFactors> factors, Damping kind) {
    KroneckerEigen eigen = KroneckerEigen.of(factors).orElseThrow();
    return eigen.inverse(PENALTY, DAMPING, kind).solve(RIGHT);
  }

  /** The factors of each layer averaged apart, in these shares. */
  private static List<KroneckerFactors> average(double[] shares, double[] scales) {
    List<KroneckerFactors> averaged = new ArrayList<>();
    for (int l = 0; l < 2; l++) {
      double[] inputs = new double[4];
      double[] outputs = new double[l == 0 ? 4 : 1];
      for (int t = 0; t < shares.length; t++) {
        Vectors.addTo(inputs, shares[t], factors(scales[t]).get(l).inputs());
        Vectors.addTo(outputs, shares[t], factors(scales[t]).get(l).outputs());
      }
      averaged.add(new KroneckerFactors(inputs, outputs));
    }
    return averaged;
  }

  @Test
  void averageForgetsExponentiallyFromRefreshToRefresh() {
    for (Damping kind : Damping.values()) {
      var kept = new KeptFactors(Scales.OF_FACTORS, new KroneckerSettings(0.75, kind));
      assertArrayEquals(inverse(factors(1), kind), solve(kept, factors(1)), 1e-13);
      // ¾ · 1 + ¼ · 9, then ¾ of that and ¼ · 4.
      double[] second = inverse(average(new double[] {0.75, 0.25}, new double[] {1, 9}), kind);
      assertArrayEquals(second, solve(kept, factors(9)), 1e-13);
      double[] shares = {0.5625, 0.1875, 0.25};
      double[] third = inverse(average(shares, new double[] {1, 9, 4}), kind);
      assertArrayEquals(third, solve(kept, factors(4)), 1e-13);
      assertArrayEquals(third, solve(kept, null), 0);
    }
  }

  @Test
  void withoutDecayTheLastFactorsCountAlone() {
    var kept = new KeptFactors(Scales.OF_FACTORS, KroneckerSettings.DEFAULT);
    solve(kept, factors(1));
    assertArrayEquals(inverse(factors(9), Damping.EXACT), solve(kept, factors(9)), 1e-13);
  }

  @Test
  void betweenRefreshesTheInverseFollowsPenaltyAndDamping() {
    var kept = new KeptFactors(Scales.OF_FACTORS, KroneckerSettings.DEFAULT);
    solve(kept, factors(2));
    double[] other = new double[6];
    Arrays.fill(other, 0.7);
    double[] expected =
        KroneckerEigen.of(factors(2))
            .orElseThrow()
            .inverse(other, 0.01, Damping.EXACT)
            .solve(RIGHT);
    Ready<Preconditioner> made = ready(kept, new Known(null, null), other, 0.01);
    assertArrayEquals(expected, made.value().solve(RIGHT), 1e-13);
  }

  @Test
  void eigenvaluesAreAskedForAtARefreshAndCostAPass() {
    var kept = new KeptFactors(Scales.OF_HESSIAN, KroneckerSettings.DEFAULT);
    double[] scales = {1, 2, 3, 4, 5, 6};
    Known refreshed = new Known(factors(1), scales);
    Ready<Preconditioner> made = ready(kept, refreshed, PENALTY, DAMPING);
    assertEquals(1, made.products());
    Known later = new Known(null, scales);
    Ready<Preconditioner> again = ready(kept, later, PENALTY, DAMPING);
    assertEquals(0, again.products());
    assertEquals(1, refreshed.asked);
    assertEquals(0, later.asked);
    assertArrayEquals(made.value().solve(RIGHT), again.value().solve(RIGHT), 0);
  }

  @Test
  void beforeTheFirstFactorsThereIsNoPreconditioner() {
    var kept = new KeptFactors(Scales.OF_FACTORS, KroneckerSettings.DEFAULT);
    assertFalse(kept.isKnown());
    assertArrayEquals(RIGHT, solve(kept, null), 0);
  }

  @Test
  void factorsThatAreNotFiniteMakeNone() {
    var kept = new KeptFactors(Scales.OF_FACTORS, KroneckerSettings.DEFAULT);
    var bad = new Known(factors(Double.NaN), null);
    assertEquals(
        Preparation.failed(Status.NOT_FINITE), kept.prepare(bad, bad.factors(), PENALTY, DAMPING));
    kept.forget();
    assertFalse(kept.isKnown());
    assertThrows(IllegalArgumentException.class, () -> new KroneckerSettings(1, Damping.EXACT));
  }
}

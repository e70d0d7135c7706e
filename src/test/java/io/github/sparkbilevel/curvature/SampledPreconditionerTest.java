package io.github.sparkbilevel.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampledPreconditionerTest {
  private static final int SIZE = 120;

  /** (1/n) Σ a aᵀ + c I over n rows whose entries fall off, so that it is badly conditioned. */
  private static LinearOperator gram(double[][] rows, int from, int to, double c) {
    return new LinearOperator() {
      @Override
      public int size() {
        return SIZE;
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        double[][] all = new double[columns.length][];
        for (int k = 0; k < all.length; k++) {
          all[k] = Vectors.scaled(c, columns[k]);
          for (int i = from; i < to; i++) {
            Vectors.addTo(all[k], Vectors.dot(rows[i], columns[k]) / (to - from), rows[i]);
          }
        }
        return all;
      }
    };
  }

  private static double[][] rows(int n) {
    Random random = new Random(5);
    double[][] rows = new double[n][SIZE];
    for (double[] row : rows) {
      for (int j = 0; j < SIZE; j++) {
        row[j] = random.nextGaussian() * Math.pow(0.93, j);
      }
    }
    return rows;
  }

  @Test
  void aSampleOfATenthSavesMostOfTheProducts() {
    double[][] rows = rows(3000);
    LinearOperator all = gram(rows, 0, 3000, 1e-4);
    double[][] b = {rows[0], rows[1]};
    var cg = new ConjugateGradient(400, 1e-10);
    ConjugateGradient.Solution plain = cg.solve(all, b, Preconditioner.identity());
    LinearOperator some = gram(rows, 0, 300, 3e-4);
    var sampled = new SampledPreconditioner(some, new Jacobi(some)::solve);
    ConjugateGradient.Solution got = cg.solve(all, b, sampled);
    assertEquals(Status.CONVERGED, plain.status());
    assertEquals(Status.CONVERGED, got.status());
    for (int c = 0; c < b.length; c++) {
      double[] r = Vectors.plus(all.apply(got.columns()[c]), -1, b[c]);
      assertTrue(Vectors.norm(r) <= 1e-9 * Vectors.norm(b[c]));
    }
    assertTrue(3 * got.products() <= plain.products(), got.products() + " of " + plain.products());
  }

  /** By the diagonal. */
  private record Jacobi(LinearOperator of) {
    double[] solve(double[] r) {
      double[] z = new double[SIZE];
      for (int j = 0; j < SIZE; j++) {
        double[] e = new double[SIZE];
        e[j] = 1;
        z[j] = r[j] / of.apply(e)[j];
      }
      return z;
    }
  }

  @Test
  void curvatureThatIsNotPositiveLeavesTheInnerPreconditioner() {
    LinearOperator negative = gram(rows(10), 0, 10, -100);
    double[] r = rows(1)[0];
    var sampled = new SampledPreconditioner(negative, x -> Vectors.scaled(3, x));
    double[] z = sampled.solve(r);
    assertTrue(Vectors.norm(Vectors.plus(z, -3, r)) == 0);
  }
}

package io.github.sparkbilevel.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearDependenceTest {
  private static final int ROWS = 40;

  /** Columns of normal numbers. */
  private static double[][] columns(int n) {
    Random random = new Random(3);
    double[][] x = new double[n][];
    for (int j = 0; j < n; j++) {
      x[j] = random.doubles(ROWS, -1, 1).toArray();
    }
    return x;
  }

  private static double[] gram(double[][] x) {
    int n = x.length;
    double[] gram = new double[n * n];
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n; j++) {
        gram[j + k * n] = Vectors.dot(x[j], x[k]);
      }
    }
    return gram;
  }

  @Test
  void independentColumnsHaveNone() {
    assertTrue(LinearDependence.first(gram(columns(12)), 12).isEmpty());
  }

  @Test
  void multipleOfAColumnNamesThatColumnAlone() {
    double[][] x = columns(6);
    x[4] = Vectors.scaled(-1e5, x[2]);
    LinearDependence found = LinearDependence.first(gram(x), 6).orElseThrow();
    assertEquals(new LinearDependence(4, List.of(2)), found);
  }

  @Test
  void combinationNamesItsParts() {
    double[][] x = columns(6);
    x[5] = Vectors.plus(Vectors.plus(x[0], -2, x[3]), 0.5, x[4]);
    LinearDependence found = LinearDependence.first(gram(x), 6).orElseThrow();
    assertEquals(new LinearDependence(5, List.of(0, 3, 4)), found);
  }

  @Test
  void addedPenaltyRemovesIt() {
    double[][] x = columns(3);
    x[2] = x[0];
    double[] gram = gram(x);
    for (int j = 0; j < 3; j++) {
      gram[j * 4] += 1e-6;
    }
    assertTrue(LinearDependence.first(gram, 3).isEmpty());
  }
}

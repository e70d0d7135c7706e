package io.github.sparkbilevel.curvature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.sparkbilevel.TestProblems;
import org.junit.jupiter.api.Test;

class JacobiPreconditionerTest {

  @Test
  void dividesByTheSumOfTheDiagonals() {
    double[] data = {1, 2, 0};
    double[] penalty = {0.5, 0, 0.25};
    double[] r = {2, 8, -3};
    double[] before = r.clone();
    double[] x = JacobiPreconditioner.of(data, penalty, 0.5).solve(r);
    assertArrayEquals(new double[] {1, 3.2, -4}, x, 1e-15);
    assertArrayEquals(before, r, 0);
  }

  @Test
  void isExactForADiagonalMatrix() {
    double[] diagonal = TestProblems.vector(1, 30, 1);
    for (int j = 0; j < diagonal.length; j++) {
      diagonal[j] = Math.exp(10 * diagonal[j]);
    }
    double[] x = TestProblems.vector(2, 30, 1);
    double[] image = x.clone();
    for (int j = 0; j < x.length; j++) {
      image[j] *= diagonal[j];
    }
    double[] none = new double[30];
    assertArrayEquals(x, JacobiPreconditioner.of(diagonal, none, 0).solve(image), 1e-15);
  }

  @Test
  void entriesThatNothingSeesAreTakenForTheMean() {
    double[] data = {4, 0, 2};
    double[] none = new double[3];
    double[] ones = {1, 1, 1};
    assertArrayEquals(
        new double[] {0.25, 0.5, 0.5}, JacobiPreconditioner.of(data, none, 0).solve(ones), 1e-15);
    assertArrayEquals(ones, JacobiPreconditioner.of(none, none, 0).solve(ones), 0);
  }

  @Test
  void negativeEntriesAreRoundingOfZero() {
    double[] data = {-1e-18, 1};
    double[] penalty = {0.5, 0.5};
    double[] ones = {1, 1};
    assertArrayEquals(
        new double[] {2, 1 / 1.5}, JacobiPreconditioner.of(data, penalty, 0).solve(ones), 1e-15);
  }
}

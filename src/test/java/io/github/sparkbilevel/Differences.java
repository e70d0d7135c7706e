package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Derivatives by differences, and what they are compared with. */
public final class Differences {
  private Differences() {}

  /** Central difference of fourth order of a vector-valued function along a direction. */
  public static double[] difference(UnaryOperator<double[]> f, double[] at, double[] v) {
    double h = 1e-3;
    double[][] values = new double[5][];
    for (int t = -2; t <= 2; t++) {
      values[t + 2] = f.apply(Vectors.plus(at, t * h, v));
    }
    double[] result = Vectors.scaled(8 / (12 * h), Vectors.plus(values[3], -1, values[1]));
    Vectors.addTo(result, -1 / (12 * h), Vectors.plus(values[4], -1, values[0]));
    return result;
  }

  /** Asserts how far numbers are apart at most, in units of the largest, or of 1. */
  public static void assertClose(double[] expected, double[] got, double tolerance) {
    double scale = Math.max(1, Vectors.normInf(expected));
    double error = Vectors.normInf(Vectors.plus(got, -1, expected));
    assertTrue(error <= tolerance * scale, "off by " + error + " of " + scale);
  }

  /** H v. */
  public static double[] times(double[][] h, double[] v) {
    return Arrays.stream(h).mapToDouble(row -> Vectors.dot(row, v)).toArray();
  }
}

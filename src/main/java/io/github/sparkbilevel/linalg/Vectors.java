package io.github.sparkbilevel.linalg;

import java.util.Arrays;

/** Sums, products and norms of vectors held in plain arrays. */
public final class Vectors {
  private Vectors() {}

  /** ⟨x, y⟩. */
  public static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** y += a x. */
  public static void addTo(double[] y, double a, double[] x) {
    for (int i = 0; i < x.length; i++) {
      y[i] += a * x[i];
    }
  }

  /** y += a x, where x is the part of a longer array that begins at {@code from}. */
  public static void addTo(double[] y, double a, double[] x, int from) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a * x[from + i];
    }
  }

  /** x + a y as a new vector. */
  public static double[] plus(double[] x, double a, double[] y) {
    double[] sum = x.clone();
    addTo(sum, a, y);
    return sum;
  }

  /** a x as a new vector. */
  public static double[] scaled(double a, double[] x) {
    double[] result = new double[x.length];
    addTo(result, a, x);
    return result;
  }

  /** The Euclidean norm. */
  public static double norm(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  /** The largest absolute value; NaN when an entry is NaN, 0 for the empty vector. */
  public static double normInf(double[] x) {
    double max = 0;
    for (double value : x) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  /** Writes x into {@code out} from an offset on. */
  public static void copyTo(double[] x, double[] out, int at) {
    System.arraycopy(x, 0, out, at, x.length);
  }

  /** Whether no entry is NaN or infinite. */
  public static boolean isFinite(double[] x) {
    for (double value : x) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** The index of the greatest entry, the first of equals. */
  public static int argMax(double[] x) {
    int best = 0;
    for (int j = 1; j < x.length; j++) {
      best = x[j] > x[best] ? j : best;
    }
    return best;
  }

  /** The entries of some vectors, one after the other. */
  public static double[] join(double[]... vectors) {
    double[] all = new double[Arrays.stream(vectors).mapToInt(vector -> vector.length).sum()];
    int at = 0;
    for (double[] vector : vectors) {
      copyTo(vector, all, at);
      at += vector.length;
    }
    return all;
  }

  /** The entries {@code from … from + length − 1} as a new vector. */
  public static double[] slice(double[] x, int from, int length) {
    double[] result = new double[length];
    System.arraycopy(x, from, result, 0, length);
    return result;
  }
}

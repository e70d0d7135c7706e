package io.github.sparkbilevel;

import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.RealLoss;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.Arrays;

/**
 * The known answers: the textbook formulas of both levels over plain rows, in loops, and Gaussian
 * elimination. Shares no line with the code under test.
 */
public final class DenseReference {
  private final LinearModel model;
  private final Rows rows;
  private final int q;
  private final int k;

  /** Takes the rows as they are. */
  public DenseReference(LinearModel model, Rows rows) {
    this.model = model;
    this.rows = rows;
    this.q = model.features() + (model.intercept() ? 1 : 0);
    this.k = model.loss().outputs();
  }

  private double feature(int row, int j) {
    return j < model.features() ? rows.x()[row][j] : 1;
  }

  /** The outputs z of a row. */
  public double[] outputs(double[] theta, int row) {
    double[] z = new double[k];
    for (int c = 0; c < k; c++) {
      for (int j = 0; j < q; j++) {
        z[c] += theta[c * q + j] * feature(row, j);
      }
    }
    return z;
  }

  /** Class probabilities of the outputs; for real labels what {@link RealLoss#link} makes of it. */
  public double[] prediction(double[] z) {
    if (isSquared()) {
      return z.clone();
    }
    if (model.loss() instanceof RealLoss real) {
      return new double[] {real.link(z[0])};
    }
    if (model.loss() instanceof LogisticLoss) {
      return new double[] {1 / (1 + Math.exp(-z[0]))};
    }
    double most = Arrays.stream(z).max().getAsDouble();
    double sum = 0;
    double[] p = new double[k];
    for (int c = 0; c < k; c++) {
      p[c] = Math.exp(z[c] - most);
      sum += p[c];
    }
    for (int c = 0; c < k; c++) {
      p[c] /= sum;
    }
    return p;
  }

  /** ℓ of a row. */
  public double loss(double[] theta, int row) {
    double[] p = prediction(outputs(theta, row));
    double label = rows.labels()[row];
    if (isSquared()) {
      return (p[0] - label) * (p[0] - label) / 2;
    }
    if (model.loss() instanceof RealLoss real) {
      return real.value(p[0], label);
    }
    if (model.loss() instanceof LogisticLoss) {
      double margin = (label == 1 ? 1 : -1) * outputs(theta, row)[0];
      return Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
    }
    return -Math.log(p[(int) label]);
  }

  /** ∂ℓ/∂z of a row. */
  private double[] residual(double[] theta, int row) {
    double[] r = prediction(outputs(theta, row));
    if (model.loss() instanceof RealLoss real) {
      r[0] = real.residual(r[0], rows.labels()[row]);
    } else if (k == 1) {
      r[0] -= rows.labels()[row];
    } else {
      r[(int) rows.labels()[row]] -= 1;
    }
    return r;
  }

  /** The entry (a, b) of ∂²ℓ/∂z² for predictions p. */
  private double curvature(double[] p, int row, int a, int b) {
    if (isSquared()) {
      return 1;
    }
    if (model.loss() instanceof RealLoss real) {
      return real.curvature(p[0], rows.labels()[row]);
    }
    if (model.loss() instanceof LogisticLoss) {
      return p[0] * (1 - p[0]);
    }
    return (a == b ? p[a] : 0) - p[a] * p[b];
  }

  /** ⟨∇_θ ℓ_i, u⟩. */
  public double directional(double[] theta, double[] u, int row) {
    double[] r = residual(theta, row);
    double[] t = outputs(u, row);
    double sum = 0;
    for (int c = 0; c < k; c++) {
      sum += r[c] * t[c];
    }
    return sum;
  }

  /** (1/n) Σ s_i ℓ_i + ½ Σ c_j θ_j². */
  public double value(double[] theta, double[] s, double[] c) {
    double sum = 0;
    for (int i = 0; i < rows.count(); i++) {
      sum += s[i] * loss(theta, i) / rows.count();
    }
    for (int j = 0; j < theta.length; j++) {
      sum += c[j] * theta[j] * theta[j] / 2;
    }
    return sum;
  }

  /** The gradient of {@link #value}. */
  public double[] gradient(double[] theta, double[] s, double[] c) {
    double[] g = new double[theta.length];
    for (int i = 0; i < rows.count(); i++) {
      double[] r = residual(theta, i);
      for (int out = 0; out < k; out++) {
        for (int j = 0; j < q; j++) {
          g[out * q + j] += s[i] * r[out] * feature(i, j) / rows.count();
        }
      }
    }
    for (int j = 0; j < g.length; j++) {
      g[j] += c[j] * theta[j];
    }
    return g;
  }

  /** The Hessian of {@link #value}. */
  public double[][] hessian(double[] theta, double[] s, double[] c) {
    double[][] h = new double[theta.length][theta.length];
    for (int i = 0; i < rows.count(); i++) {
      double[] p = prediction(outputs(theta, i));
      for (int a = 0; a < k; a++) {
        for (int b = 0; b < k; b++) {
          double w = s[i] * curvature(p, i, a, b) / rows.count();
          for (int j = 0; j < q; j++) {
            for (int l = 0; l < q; l++) {
              h[a * q + j][b * q + l] += w * feature(i, j) * feature(i, l);
            }
          }
        }
      }
    }
    for (int j = 0; j < theta.length; j++) {
      h[j][j] += c[j];
    }
    return h;
  }

  /** The product of {@link #hessian} with a direction, row by row; without penalty. */
  public double[] product(double[] theta, double[] s, double[] v) {
    double[] product = new double[theta.length];
    for (int i = 0; i < rows.count(); i++) {
      double[] p = prediction(outputs(theta, i));
      double[] t = outputs(v, i);
      for (int a = 0; a < k; a++) {
        double bent = 0;
        for (int b = 0; b < k; b++) {
          bent += curvature(p, i, a, b) * t[b];
        }
        for (int j = 0; j < q; j++) {
          product[a * q + j] += s[i] * bent * feature(i, j) / rows.count();
        }
      }
    }
    return product;
  }

  /** A = Σ s ā āᵀ / Σ s. */
  public double[][] inputFactor(double[] s) {
    double[][] a = new double[q][q];
    double total = Arrays.stream(s).sum();
    for (int i = 0; i < rows.count(); i++) {
      for (int j = 0; j < q; j++) {
        for (int l = 0; l < q; l++) {
          a[j][l] += s[i] * feature(i, j) * feature(i, l) / total;
        }
      }
    }
    return a;
  }

  /** B = Σ s C / n. */
  public double[][] outputFactor(double[] theta, double[] s) {
    double[][] b = new double[k][k];
    for (int i = 0; i < rows.count(); i++) {
      double[] p = prediction(outputs(theta, i));
      for (int a = 0; a < k; a++) {
        for (int c = 0; c < k; c++) {
          b[a][c] += s[i] * curvature(p, i, a, c) / rows.count();
        }
      }
    }
    return b;
  }

  /** argmin of {@link #value} by Newton's method from a start, to the last digits. */
  public double[] minimize(double[] start, double[] s, double[] c) {
    double[] theta = start.clone();
    for (int iteration = 0; iteration < 60; iteration++) {
      double[] g = gradient(theta, s, c);
      if (maxAbs(g) <= 1e-15) {
        break;
      }
      double[] v = solve(hessian(theta, s, c), g, c);
      double length = 1;
      double before = value(theta, s, c);
      while (length > 1e-3 && maxAbs(g) > 1e-6 && value(stepped(theta, length, v), s, c) > before) {
        length /= 2;
      }
      theta = stepped(theta, length, v);
    }
    return theta;
  }

  private static double[] stepped(double[] theta, double length, double[] v) {
    double[] next = theta.clone();
    for (int j = 0; j < next.length; j++) {
      next[j] -= length * v[j];
    }
    return next;
  }

  /**
   * H x = b. Softmax intercepts that are not penalised are fixed up to a common shift only: the
   * last is taken to be 0.
   */
  public double[] solve(double[][] h, double[] b, double[] c) {
    int d = b.length;
    boolean free = model.intercept() && k > 1 && c[d - 1] == 0;
    double[] x = eliminate(h, b, free ? d - 1 : d);
    return Arrays.copyOf(x, d);
  }

  /** Gaussian elimination with row exchanges on the leading m × m part. */
  public static double[] eliminate(double[][] matrix, double[] b, int m) {
    double[][] a = new double[m][];
    for (int i = 0; i < m; i++) {
      a[i] = Arrays.copyOf(matrix[i], m + 1);
      a[i][m] = b[i];
    }
    for (int col = 0; col < m; col++) {
      int pivot = col;
      for (int i = col + 1; i < m; i++) {
        pivot = Math.abs(a[i][col]) > Math.abs(a[pivot][col]) ? i : pivot;
      }
      double[] swap = a[col];
      a[col] = a[pivot];
      a[pivot] = swap;
      for (int i = col + 1; i < m; i++) {
        double f = a[i][col] / a[col][col];
        for (int j = col; j <= m; j++) {
          a[i][j] -= f * a[col][j];
        }
      }
    }
    double[] x = new double[m];
    for (int i = m - 1; i >= 0; i--) {
      double sum = a[i][m];
      for (int j = i + 1; j < m; j++) {
        sum -= a[i][j] * x[j];
      }
      x[i] = sum / a[i][i];
    }
    return x;
  }

  /** The product of a matrix of rows with a vector. */
  public static double[] times(double[][] matrix, double[] x) {
    double[] y = new double[matrix.length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += matrix[i][j] * x[j];
      }
    }
    return y;
  }

  /** max |x_j|. */
  public static double maxAbs(double[] x) {
    return Arrays.stream(x).map(Math::abs).max().orElse(0);
  }

  /** max |a − b| / max |b|. */
  public static double distance(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new AssertionError("got " + a.length + " numbers, expected " + b.length);
    }
    double most = 0;
    for (int j = 0; j < a.length; j++) {
      double difference = Math.abs(a[j] - b[j]);
      if (!Double.isFinite(difference)) {
        throw new AssertionError("got " + a[j] + " at " + j + ", expected " + b[j]);
      }
      most = Math.max(most, difference);
    }
    return most / Math.max(maxAbs(b), Double.MIN_NORMAL);
  }

  /** A number for each row. */
  public static double[] filled(int n, double value) {
    double[] all = new double[n];
    Arrays.fill(all, value);
    return all;
  }

  private boolean isSquared() {
    return model.loss() instanceof SquaredLoss
        || model.loss() instanceof ScaledLoss known && known.loss() instanceof SquaredLoss;
  }
}

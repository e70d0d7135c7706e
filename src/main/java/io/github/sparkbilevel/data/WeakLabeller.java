package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.linalg.Cholesky;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * A linear classifier fitted on a handful of rows, whose mistakes are those of a labeller that has
 * seen too little.
 *
 * <p>Least squares on the classes: with Z the rows, standardised by themselves and limited to
 * ±{@value #CLIP}, and Y their classes as unit vectors less the mean ȳ, Θ = Zᵀ C, (Z Zᵀ + ρI) C =
 * Y, ρ = {@value #RIDGE} · tr(Z Zᵀ)/m. A row gets the class of the greatest entry of ȳ + Θᵀz, the
 * first of equals. One factorisation of an m × m matrix solves it to the last digits, so that its
 * labels hang on nothing but the rows.
 */
final class WeakLabeller implements Serializable {
  private static final long serialVersionUID = 1L;

  /** m, the rows that it is fitted on. */
  static final int ROWS = 150;

  private static final double CLIP = 5;
  private static final double RIDGE = 0.1;

  private final Standardizer standardizer;
  private final double[] shares;

  /** Θ, a column for each class, one after the other. */
  private final double[][] theta;

  private WeakLabeller(Standardizer standardizer, double[] shares, double[][] theta) {
    this.standardizer = standardizer;
    this.shares = shares;
    this.theta = theta;
  }

  /** Which rows of a table it is fitted on: drawn by the seed; costs the jobs of a draw. */
  static Splits.Cut draw(Table train, long seed) {
    if (train.rowCount() <= ROWS) {
      throw new DataException(
          train.origin()
              + " has "
              + train.rowCount()
              + " training rows, expected more than "
              + ROWS
              + " for data.corrupt.kind = weak-labeller, which fits a model on "
              + ROWS
              + " of them and has it label others; give more rows or try next-class");
    }
    return Splits.cut(train.examples(), train.rowCount(), seed, "weak labeller", ROWS);
  }

  /** Fits it on the rows of a draw, which come to the driver; one Spark job. */
  static WeakLabeller fit(Table train, Splits.Cut drawn, ClassIndex classes) {
    List<Example> rows =
        train.examples().filter(drawn::contains).collect().stream()
            .sorted(Comparator.comparingLong(Example::id))
            .toList();
    return fit(rows, train.columns(), classes);
  }

  static WeakLabeller fit(List<Example> rows, int columns, ClassIndex classes) {
    int m = rows.size();
    int k = classes.size();
    Standardizer standardizer = standardizer(rows, columns);
    double[][] z = new double[m][];
    double[] shares = new double[k];
    for (int i = 0; i < m; i++) {
      z[i] = standardizer.dense(rows.get(i).features());
      shares[classes.index(rows.get(i).label())] += 1.0 / m;
    }
    Cholesky gram = gram(z);
    double[][] theta = new double[k][columns];
    for (int c = 0; c < k; c++) {
      double[] y = new double[m];
      for (int i = 0; i < m; i++) {
        y[i] = (classes.index(rows.get(i).label()) == c ? 1 : 0) - shares[c];
      }
      double[] coefficients = gram.solve(y);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < columns; j++) {
          theta[c][j] += coefficients[i] * z[i][j];
        }
      }
    }
    return new WeakLabeller(standardizer, shares, theta);
  }

  private static Standardizer standardizer(List<Example> rows, int columns) {
    Moments moments = Moments.of(rows.iterator(), columns, 0);
    double[] mean = new double[columns];
    double[] scale = new double[columns];
    for (int j = 0; j < columns; j++) {
      double inverse = 1 / moments.deviation(j);
      // A feature that is constant here, or too large to be squared, tells it nothing.
      boolean usable = Double.isFinite(inverse) && inverse > 0;
      mean[j] = usable ? moments.mean(j) : 0;
      scale[j] = usable ? inverse : 0;
    }
    return Standardizer.of(mean, scale, CLIP);
  }

  /** Z Zᵀ + ρI, factored. */
  private static Cholesky gram(double[][] z) {
    int m = z.length;
    double[] gram = new double[m * m];
    double trace = 0;
    for (int i = 0; i < m; i++) {
      for (int l = 0; l <= i; l++) {
        gram[i + l * m] = dot(z[i], z[l]);
      }
      trace += gram[i + i * m];
    }
    // Without any usable feature the classes' shares are all there is.
    double ridge = trace > 0 ? RIDGE * trace / m : 1;
    for (int i = 0; i < m; i++) {
      gram[i + i * m] += ridge;
    }
    return Cholesky.factor(gram, m).orElseThrow();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  /** The class that it gives to a row. */
  int classOf(Example row) {
    double[] z = standardizer.dense(row.features());
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < theta.length; c++) {
      double score = shares[c] + dot(theta[c], z);
      if (score > most) {
        most = score;
        best = c;
      }
    }
    return best;
  }
}

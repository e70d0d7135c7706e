package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Systems of an objective that falls into parts, solved part by part. */
final class Parts {
  private Parts() {}

  /**
   * Whether an objective has parts whose Hessians are at hand: no product is saved by solving for
   * all of them together.
   */
  static boolean areFormed(LowerObjective.Point point) {
    return point.parts().size() > 1 && point.parts().get(0).denseHessian() != null;
  }

  /** What is done for a part. */
  interface Work<T> {
    T of(LowerObjective<?> objective, LowerObjective.Point point, double[][] columns);
  }

  /**
   * Does something for each part.
   *
   * @param columns laid out as θ
   */
  static <T> List<T> each(
      LowerObjective<?> objective, LowerObjective.Point point, double[][] columns, Work<T> work) {
    List<T> done = new ArrayList<>();
    int at = 0;
    for (int k = 0; k < point.parts().size(); k++) {
      LowerObjective<?> part = objective.parts().get(k);
      int from = at;
      double[][] own =
          Stream.of(columns)
              .map(column -> Vectors.slice(column, from, part.size()))
              .toArray(double[][]::new);
      done.add(work.of(part, point.parts().get(k), own));
      at += part.size();
    }
    return done;
  }

  /** The solution for all parts. */
  static Solution joined(List<Solution> parts) {
    Solution first = parts.get(0);
    int columns = first.columns().length;
    double[][] x = new double[columns][];
    double[][] remainders = new double[columns][];
    double[] residuals = new double[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      x[c] = joined(parts.stream().map(part -> part.columns()[column]));
      remainders[c] = joined(parts.stream().map(part -> part.remainders()[column]));
      residuals[c] = parts.stream().mapToDouble(part -> part.residuals()[column]).max().orElse(0);
    }
    Status worst =
        parts.stream()
            .map(Solution::status)
            .reduce((a, b) -> a.isUsable() && !b.isUsable() ? b : a)
            .orElseThrow();
    int products = parts.stream().mapToInt(Solution::products).sum();
    return new Solution(x, worst, products, residuals, remainders);
  }

  static double[] joined(Stream<double[]> vectors) {
    return Vectors.join(vectors.toArray(double[][]::new));
  }

  /** r += H u, by the matrices of the parts, which are formed. */
  static void addProduct(LowerObjective.Point point, double[] u, double[] r) {
    int at = 0;
    for (LowerObjective.Point part : point.parts()) {
      double[] h = part.denseHessian();
      int n = part.theta().length;
      for (int column = 0; column < n; column++) {
        for (int row = 0; row < n; row++) {
          r[at + row] += h[row + column * n] * u[at + column];
        }
      }
      at += n;
    }
  }
}

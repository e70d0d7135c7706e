package io.github.sparkbilevel.linalg;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Some of the coordinates of vectors of one length; the others are 0.
 *
 * <p>Where it takes in all coordinates, vectors and matrices pass through as they are.
 */
public final class Support {
  private final int size;
  private final int[] indices;

  private Support(int size, int[] indices) {
    this.size = size;
    this.indices = indices;
  }

  /** All coordinates. */
  public static Support all(int size) {
    return of(size, j -> true);
  }

  /** Those that are chosen. */
  public static Support of(int size, IntPredicate chosen) {
    return new Support(size, IntStream.range(0, size).filter(chosen).toArray());
  }

  /** Their number. */
  public int count() {
    return indices.length;
  }

  /** The coordinates themselves, rising. */
  public int[] indices() {
    return indices.clone();
  }

  /** Those of the coordinates of a part of the vectors, counted from where the part begins. */
  public Support part(int from, int length) {
    return new Support(
        length,
        Arrays.stream(indices)
            .filter(j -> j >= from && j < from + length)
            .map(j -> j - from)
            .toArray());
  }

  /** The place among these of each of them; 0 for the other coordinates. */
  int[] places() {
    int[] places = new int[size];
    for (int i = 0; i < indices.length; i++) {
      places[indices[i]] = i;
    }
    return places;
  }

  private boolean isAll() {
    return indices.length == size;
  }

  /** The vector with 0 for the other coordinates. */
  public double[] of(double[] x) {
    return isAll() ? x : scatter(gather(x));
  }

  /** The same for several vectors. */
  public double[][] of(double[][] columns) {
    return isAll() ? columns : Arrays.stream(columns).map(this::of).toArray(double[][]::new);
  }

  /** P A P, with P the projection. */
  public LinearOperator of(LinearOperator a) {
    return isAll() ? a : LinearOperator.of(size, columns -> of(a.applyAll(of(columns))));
  }

  /** P M⁻¹ P: positive definite on the coordinates where M is. */
  public Preconditioner of(Preconditioner m) {
    if (isAll()) {
      return m;
    }
    return new Preconditioner() {
      @Override
      public double[] solve(double[] r) {
        return of(m.solve(of(r)));
      }

      @Override
      public boolean isLinear() {
        return m.isLinear();
      }
    };
  }

  /** The coordinates alone. */
  public double[] gather(double[] x) {
    if (isAll()) {
      return x;
    }
    double[] part = new double[indices.length];
    Arrays.setAll(part, i -> x[indices[i]]);
    return part;
  }

  /** The rows and columns of a column-major matrix. */
  public double[] gatherMatrix(double[] matrix) {
    if (isAll()) {
      return matrix;
    }
    int n = indices.length;
    double[] part = new double[n * n];
    for (int column = 0; column < n; column++) {
      for (int row = 0; row < n; row++) {
        part[row + column * n] = matrix[indices[row] + indices[column] * size];
      }
    }
    return part;
  }

  /** The vector with these coordinates. */
  public double[] scatter(double[] part) {
    if (isAll()) {
      return part;
    }
    double[] x = new double[size];
    for (int i = 0; i < indices.length; i++) {
      x[indices[i]] = part[i];
    }
    return x;
  }
}

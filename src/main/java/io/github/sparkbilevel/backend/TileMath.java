package io.github.sparkbilevel.backend;

/**
 * Copies between float64 operands with a leading dimension and packed scratch; the small change of
 * every backend.
 *
 * <p>All matrices are column-major; a packed one has its height as leading dimension.
 */
public final class TileMath {
  // A 32 × 32 square of float64 is 8 KiB: read and written squares fit in L1 together.
  private static final int SQUARE = 32;

  private TileMath() {}

  /** Rounds a height × width matrix to float32, packed. */
  public static void pack(double[] a, int offset, int ld, int height, int width, float[] packed) {
    for (int j = 0; j < width; j++) {
      int from = offset + j * ld;
      int to = j * height;
      for (int i = 0; i < height; i++) {
        packed[to + i] = (float) a[from + i];
      }
    }
  }

  /** Copies a height × width matrix, packed. */
  public static void pack(double[] a, int offset, int ld, int height, int width, double[] packed) {
    for (int j = 0; j < width; j++) {
      System.arraycopy(a, offset + j * ld, packed, j * height, height);
    }
  }

  /** out += a, where a is packed height × width. */
  public static void add(float[] a, int height, int width, double[] out, int offset, int ld) {
    for (int j = 0; j < width; j++) {
      int from = j * height;
      int to = offset + j * ld;
      for (int i = 0; i < height; i++) {
        out[to + i] += a[from + i];
      }
    }
  }

  /** out += a, where a is packed height × width. */
  public static void add(double[] a, int height, int width, double[] out, int offset, int ld) {
    for (int j = 0; j < width; j++) {
      int from = j * height;
      int to = offset + j * ld;
      for (int i = 0; i < height; i++) {
        out[to + i] += a[from + i];
      }
    }
  }

  /** out += a, where a is packed height × width. */
  public static void add(float[] a, int height, int width, float[] out, int offset, int ld) {
    for (int j = 0; j < width; j++) {
      int from = j * height;
      int to = offset + j * ld;
      for (int i = 0; i < height; i++) {
        out[to + i] += a[from + i];
      }
    }
  }

  /**
   * out += the symmetric matrix whose upper triangle is {@code upper} (packed p × p; below the
   * diagonal it is not read).
   */
  public static void addSymmetric(float[] upper, int p, double[] out, int offset, int ld) {
    for (int j0 = 0; j0 < p; j0 += SQUARE) {
      int j1 = Math.min(p, j0 + SQUARE);
      for (int i0 = 0; i0 <= j0; i0 += SQUARE) {
        for (int j = j0; j < j1; j++) {
          int end = Math.min(i0 + SQUARE, j + 1);
          for (int i = i0; i < end; i++) {
            double value = upper[i + j * p];
            out[offset + i + j * ld] += value;
            if (i < j) {
              out[offset + j + i * ld] += value;
            }
          }
        }
      }
    }
  }

  /** As {@link #addSymmetric(float[], int, double[], int, int)}, float64. */
  public static void addSymmetric(double[] upper, int p, double[] out, int offset, int ld) {
    for (int j0 = 0; j0 < p; j0 += SQUARE) {
      int j1 = Math.min(p, j0 + SQUARE);
      for (int i0 = 0; i0 <= j0; i0 += SQUARE) {
        for (int j = j0; j < j1; j++) {
          int end = Math.min(i0 + SQUARE, j + 1);
          for (int i = i0; i < end; i++) {
            double value = upper[i + j * p];
            out[offset + i + j * ld] += value;
            if (i < j) {
              out[offset + j + i * ld] += value;
            }
          }
        }
      }
    }
  }

  /** Copies a height × width matrix to packed rows. */
  public static void turn(double[] a, int offset, int ld, int height, int width, double[] turned) {
    for (int i0 = 0; i0 < height; i0 += SQUARE) {
      int i1 = Math.min(height, i0 + SQUARE);
      for (int j0 = 0; j0 < width; j0 += SQUARE) {
        int j1 = Math.min(width, j0 + SQUARE);
        for (int j = j0; j < j1; j++) {
          for (int i = i0; i < i1; i++) {
            turned[i * width + j] = a[offset + i + j * ld];
          }
        }
      }
    }
  }

  /** The way back of {@link #turn}: out = a, where a has packed rows. */
  public static void turnBack(
      double[] turned, int height, int width, double[] out, int offset, int ld) {
    for (int i0 = 0; i0 < height; i0 += SQUARE) {
      int i1 = Math.min(height, i0 + SQUARE);
      for (int j0 = 0; j0 < width; j0 += SQUARE) {
        int j1 = Math.min(width, j0 + SQUARE);
        for (int j = j0; j < j1; j++) {
          for (int i = i0; i < i1; i++) {
            out[offset + i + j * ld] = turned[i * width + j];
          }
        }
      }
    }
  }

  /** out += a, where a has packed rows. */
  public static void addTurned(
      double[] turned, int height, int width, double[] out, int offset, int ld) {
    for (int i0 = 0; i0 < height; i0 += SQUARE) {
      int i1 = Math.min(height, i0 + SQUARE);
      for (int j0 = 0; j0 < width; j0 += SQUARE) {
        int j1 = Math.min(width, j0 + SQUARE);
        for (int j = j0; j < j1; j++) {
          for (int i = i0; i < i1; i++) {
            out[offset + i + j * ld] += turned[i * width + j];
          }
        }
      }
    }
  }

  /** Scratch itself, or new scratch where it is too short. */
  public static float[] ensure(float[] scratch, int length) {
    return scratch.length >= length ? scratch : new float[length];
  }

  /** Scratch itself, or new scratch where it is too short. */
  public static double[] ensure(double[] scratch, int length) {
    return scratch.length >= length ? scratch : new double[length];
  }

  /**
   * {@code width × height} numbers for scratch; fails where an array cannot be that long.
   *
   * @return height · width
   */
  public static int length(int height, int width) {
    long length = (long) height * width;
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "got a scratch matrix of "
              + height
              + " x "
              + width
              + ", expected less than 2^31 numbers; try fewer columns at a time");
    }
    return (int) length;
  }
}

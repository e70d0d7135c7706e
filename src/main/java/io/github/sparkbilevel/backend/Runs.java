package io.github.sparkbilevel.backend;

import java.util.Arrays;

/**
 * Which columns of one matrix stand where in another, as runs of neighbours in both.
 *
 * <p>A {@link Tile} copies and adds a run at once: its columns lie one after the other.
 */
public final class Runs {
  /** A gap: the column of the target has no source. */
  public static final int NONE = -1;

  private final int[] from;
  private final int[] to;
  private final int[] length;

  private Runs(int[] from, int[] to, int[] length) {
    this.from = from;
    this.to = to;
    this.length = length;
  }

  /**
   * The runs of a map.
   *
   * @param source for each column of the target that of the source, or {@link #NONE}
   */
  public static Runs of(int[] source) {
    int[] from = new int[source.length];
    int[] to = new int[source.length];
    int[] length = new int[source.length];
    int count = 0;
    for (int j = 0; j < source.length; j++) {
      if (source[j] == NONE) {
        continue;
      }
      boolean follows = j > 0 && source[j - 1] != NONE && source[j] == source[j - 1] + 1;
      if (follows) {
        length[count - 1]++;
      } else {
        from[count] = source[j];
        to[count] = j;
        length[count++] = 1;
      }
    }
    return new Runs(
        Arrays.copyOf(from, count), Arrays.copyOf(to, count), Arrays.copyOf(length, count));
  }

  /** The way back: source and target change places. */
  public Runs reversed() {
    return new Runs(to, from, length);
  }

  /** Number of runs. */
  int count() {
    return from.length;
  }

  /** The first column of a run in the source. */
  int from(int run) {
    return from[run];
  }

  /** The first column of a run in the target. */
  int to(int run) {
    return to[run];
  }

  /** Columns of a run. */
  int length(int run) {
    return length[run];
  }
}

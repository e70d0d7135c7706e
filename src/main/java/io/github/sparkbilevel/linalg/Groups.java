package io.github.sparkbilevel.linalg;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A partition of the coordinates of vectors of one length. */
public final class Groups implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The coordinates, group after group. */
  private final int[] members;

  /** Where each group starts among them, and where the last one ends. */
  private final int[] starts;

  private Groups(int[] members, int[] starts) {
    this.members = members;
    this.starts = starts;
  }

  /** Each coordinate is a group. */
  public static Groups single(int size) {
    return new Groups(IntStream.range(0, size).toArray(), IntStream.rangeClosed(0, size).toArray());
  }

  /**
   * Coordinates with the same key are a group.
   *
   * @param keys one for each coordinate; those with a negative one stand alone, behind the others
   */
  public static Groups of(int[] keys) {
    int named = Arrays.stream(keys).max().orElse(-1) + 1;
    int[] starts = new int[named + (int) Arrays.stream(keys).filter(key -> key < 0).count() + 1];
    int[] groupOf = new int[keys.length];
    int alone = named;
    for (int j = 0; j < keys.length; j++) {
      groupOf[j] = keys[j] < 0 ? alone++ : keys[j];
      starts[groupOf[j] + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] next = starts.clone();
    int[] members = new int[keys.length];
    for (int j = 0; j < keys.length; j++) {
      members[next[groupOf[j]]++] = j;
    }
    return new Groups(members, starts);
  }

  /** The groups of vectors of several parts, one after the other, that are each grouped as here. */
  public Groups copies(int count) {
    int size = members.length;
    int[] all = new int[count * size];
    Arrays.setAll(all, i -> i / size * size + members[i % size]);
    int[] at = new int[count * count() + 1];
    Arrays.setAll(at, g -> g / count() * size + starts[g % count()]);
    at[count * count()] = all.length;
    return new Groups(all, at);
  }

  /** Number of groups. */
  public int count() {
    return starts.length - 1;
  }

  /** Whether every group is a single coordinate. */
  public boolean areSingle() {
    return count() == members.length;
  }

  /** Number of coordinates of a group. */
  public int size(int group) {
    return starts[group + 1] - starts[group];
  }

  /** A coordinate of a group, by its place in the group. */
  public int member(int group, int place) {
    return members[starts[group] + place];
  }

  /** ‖x_g‖₂ of a group, which is 0 only where all of x_g is. */
  public double norm(int group, double[] x) {
    double most = 0;
    for (int i = starts[group]; i < starts[group + 1]; i++) {
      most = Math.max(most, Math.abs(x[members[i]]));
    }
    if (size(group) == 1 || most == 0 || !Double.isFinite(most)) {
      return most;
    }
    double squares = 0;
    for (int i = starts[group]; i < starts[group + 1]; i++) {
      double share = x[members[i]] / most;
      squares += share * share;
    }
    return most * Math.sqrt(squares);
  }

  /** The largest of the numbers of a group, or 0 if they are less. */
  public double largest(int group, double[] x) {
    double most = 0;
    for (int i = starts[group]; i < starts[group + 1]; i++) {
      most = Math.max(most, x[members[i]]);
    }
    return most;
  }

  /** ⟨x_g, y_g⟩ of a group. */
  public double dot(int group, double[] x, double[] y) {
    double sum = 0;
    for (int i = starts[group]; i < starts[group + 1]; i++) {
      sum += x[members[i]] * y[members[i]];
    }
    return sum;
  }

  /** A vector that has the number of its group at each coordinate. */
  public double[] spread(double[] ofGroups) {
    double[] x = new double[members.length];
    for (int g = 0; g < count(); g++) {
      for (int i = starts[g]; i < starts[g + 1]; i++) {
        x[members[i]] = ofGroups[g];
      }
    }
    return x;
  }
}

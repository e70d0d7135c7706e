package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Directions of limited-memory BFGS within bounds, for a λ whose entries are logarithms.
 *
 * <p>With the free entries those that do not lie on a bound with the gradient g pointing out of it,
 * the direction is d = −H g over the free entries, 0 elsewhere, where H is the two-loop recursion
 * (Nocedal and Wright, algorithm 7.4) over the pairs (s, y) from
 *
 * <pre>  H_0 = γ S,   S = diag(1 / (|g_j| + ε ‖g‖∞)),   γ = ⟨s, y⟩ / ⟨y, S y⟩</pre>
 *
 * of the last pair, and γ = 1 without one. Far from its minimum Φ falls or rises along an entry
 * like e^{±λ_j}, whose second derivative is as large as the first: |g_j| is the curvature that an
 * entry has as long as nothing better is known of it. So all entries take a first step of about
 * one, where the plain H_0 = γ I lets those of small gradient wait until the others are done. ε
 * keeps entries without any gradient where they are.
 *
 * <p>A direction is shortened so that no entry moves by more than {@code limit}: outside of it,
 * between one plateau and the next, the quadratic model knows nothing. A pair with ⟨s, y⟩ ≤ 0 means
 * that Φ curves down along s: all pairs are dropped, for they belong to another valley.
 *
 * <p>Life cycle: {@link #direction}, a line search, {@link #update}; and again.
 */
final class ProjectedLbfgs {
  private static final double FLOOR = 0.01;
  private static final double LEAST_CURVATURE = 1e-10;

  private final double[] low;
  private final double[] high;
  private final int memory;
  private final double limit;
  private final Deque<Pair> pairs = new ArrayDeque<>();

  private record Pair(double[] s, double[] y) {}

  /**
   * Sets up the recursion, with no pairs.
   *
   * @param low the least value of each entry
   * @param high the greatest value of each entry
   * @param memory the most pairs, 1 or more
   * @param limit the most that an entry may move in one step, positive
   */
  ProjectedLbfgs(double[] low, double[] high, int memory, double limit) {
    for (int j = 0; j < low.length; j++) {
      if (!(low[j] < high[j])) {
        throw new IllegalArgumentException(
            "got bounds [%s, %s], expected low < high".formatted(low[j], high[j]));
      }
    }
    if (memory < 1 || !(limit > 0)) {
      throw new IllegalArgumentException(
          "got memory %d and limit %s, expected at least 1 and > 0".formatted(memory, limit));
    }
    this.low = low.clone();
    this.high = high.clone();
    this.memory = memory;
    this.limit = limit;
  }

  /** The nearest λ within the bounds. */
  double[] project(double[] lambda) {
    double[] inside = new double[lambda.length];
    Arrays.setAll(inside, j -> Math.max(low[j], Math.min(high[j], lambda[j])));
    return inside;
  }

  /** g with the entries that the bounds hold set to 0: zero at a stationary point. */
  double[] projectedGradient(double[] lambda, double[] g) {
    double[] free = new double[g.length];
    for (int j = 0; j < g.length; j++) {
      boolean held = (lambda[j] <= low[j] && g[j] > 0) || (lambda[j] >= high[j] && g[j] < 0);
      free[j] = held ? 0 : g[j];
    }
    return free;
  }

  /** Whether there are pairs, so that {@link #restart} would change the direction. */
  boolean hasMemory() {
    return !pairs.isEmpty();
  }

  /** Forgets all pairs. */
  void restart() {
    pairs.clear();
  }

  /**
   * A descent direction at λ; zero only where the projected gradient is.
   *
   * @param g the gradient of Φ; not changed
   */
  double[] direction(double[] lambda, double[] g) {
    double[] q = projectedGradient(lambda, g);
    double[] scale = scale(q);
    double[] d = recursion(q.clone(), scale, free(lambda, g));
    if (!(Vectors.dot(d, q) < 0) || !Vectors.isFinite(d)) {
      restart();
      for (int j = 0; j < d.length; j++) {
        d[j] = -scale[j] * q[j];
      }
    }
    double longest = Vectors.normInf(d);
    return longest > limit ? Vectors.scaled(limit / longest, d) : d;
  }

  private boolean[] free(double[] lambda, double[] g) {
    boolean[] free = new boolean[g.length];
    for (int j = 0; j < g.length; j++) {
      free[j] = !((lambda[j] <= low[j] && g[j] > 0) || (lambda[j] >= high[j] && g[j] < 0));
    }
    return free;
  }

  private static double[] scale(double[] q) {
    double floor = FLOOR * Vectors.normInf(q);
    double[] scale = new double[q.length];
    Arrays.setAll(scale, j -> floor == 0 ? 0 : 1 / (Math.abs(q[j]) + floor));
    return scale;
  }

  /** −H q over the free entries; overwrites q. */
  private double[] recursion(double[] q, double[] scale, boolean[] free) {
    List<Pair> used = new ArrayList<>();
    List<Double> alphas = new ArrayList<>();
    double gamma = 1;
    for (Iterator<Pair> newest = pairs.descendingIterator(); newest.hasNext(); ) {
      Pair pair = newest.next();
      double curvature = dot(pair.s(), pair.y(), free);
      if (!(curvature > 0)) {
        continue; // What made it positive lies on the bounds now.
      }
      if (used.isEmpty()) {
        double scaled = 0;
        for (int j = 0; j < q.length; j++) {
          scaled += free[j] ? pair.y()[j] * scale[j] * pair.y()[j] : 0;
        }
        gamma = curvature / scaled;
      }
      double alpha = dot(pair.s(), q, free) / curvature;
      addTo(q, -alpha, pair.y(), free);
      used.add(pair);
      alphas.add(alpha);
    }
    for (int j = 0; j < q.length; j++) {
      q[j] *= gamma * scale[j];
    }
    for (int i = used.size() - 1; i >= 0; i--) {
      Pair pair = used.get(i);
      double beta = dot(pair.y(), q, free) / dot(pair.s(), pair.y(), free);
      addTo(q, alphas.get(i) - beta, pair.s(), free);
    }
    for (int j = 0; j < q.length; j++) {
      q[j] = free[j] ? -q[j] : 0;
    }
    return q;
  }

  private static double dot(double[] x, double[] y, boolean[] free) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      sum += free[j] ? x[j] * y[j] : 0;
    }
    return sum;
  }

  private static void addTo(double[] y, double a, double[] x, boolean[] free) {
    for (int j = 0; j < x.length; j++) {
      if (free[j]) {
        y[j] += a * x[j];
      }
    }
  }

  /**
   * Learns from a step that was taken.
   *
   * @param s the change of λ
   * @param y the change of the gradient
   */
  void update(double[] s, double[] y) {
    if (!(Vectors.dot(s, y) > LEAST_CURVATURE * Vectors.norm(s) * Vectors.norm(y))) {
      restart();
      return;
    }
    pairs.addLast(new Pair(s, y));
    if (pairs.size() > memory) {
      pairs.removeFirst();
    }
  }

  /** Writes down the pairs, the oldest first. */
  void save(Snapshot snapshot) {
    snapshot.put("pairs", pairs.size());
    int i = 0;
    for (Pair pair : pairs) {
      snapshot.put("s" + i, pair.s());
      snapshot.put("y" + i++, pair.y());
    }
  }

  /** Remembers the pairs that {@link #save} wrote. */
  void restore(Snapshot snapshot) {
    pairs.clear();
    for (int i = 0; i < snapshot.integer("pairs"); i++) {
      pairs.addLast(new Pair(snapshot.numbers("s" + i), snapshot.numbers("y" + i)));
    }
  }
}

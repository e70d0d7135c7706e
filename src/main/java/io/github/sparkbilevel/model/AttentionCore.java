package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import io.github.sparkbilevel.linalg.Elementary;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What attention does between its dense layers. With queries q_t, keys k_t and values v_t of a
 * head, w channels each,
 *
 * <pre>
 *   s_tr = q_t·k_r/√w,   p_tr = e^s_tr / Σ_r e^s_tr,   y_t = Σ_r p_tr v_r
 * </pre>
 *
 * and back, with dp_tr = dy_t·v_r: ds_tr = p_tr (dp_tr − Σ_r p_tr dp_tr), dq_t = Σ_r ds_tr k_r/√w,
 * dk_r = Σ_t ds_tr q_t/√w, dv_r = Σ_t p_tr dy_t. At steps r that are padding p_tr = 0, and so is
 * all that is made of it; where all steps are padding, y = 0.
 *
 * @param in steps × three times the width: the queries of all heads, then the keys and the values
 * @param heads a divisor of the width
 */
record AttentionCore(RowShape in, int heads) implements Layer {

  private int width() {
    return in.channels() / 3;
  }

  @Override
  public RowShape out() {
    return in.withChannels(width());
  }

  @Override
  public Padding padding() {
    return Padding.KEEPS;
  }

  /** Heads as matrices of channels × steps: Y = V softmax(Kᵀ Q/√w), over the rows of Kᵀ Q. */
  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    int channels = width() / heads;
    String parts = graph.reshaped(x, List.of(3, heads, channels, in.positions()));
    String scale = graph.number(1 / Math.sqrt(channels));
    String queries = graph.node("Mul", List.of(part(graph, parts, 0), scale));
    Map<String, Object> turned = Map.of("perm", List.of(0, 1, 3, 2));
    String keys = graph.node("Transpose", List.of(part(graph, parts, 1)), turned);
    String scores = graph.node("MatMul", List.of(keys, queries));
    String seen = graph.mask() == null ? scores : masked(graph, scores);
    String weights = graph.node("Softmax", List.of(seen), Map.of("axis", 2));
    String y = graph.node("MatMul", List.of(part(graph, parts, 2), weights));
    return graph.reshaped(y, OnnxGraph.extents(out()));
  }

  /** Scores that are lower by 10⁹ at keys of padding. */
  private String masked(OnnxGraph graph, String scores) {
    String less = graph.node("Sub", List.of(graph.mask(), graph.number(1)));
    String lower = graph.node("Mul", List.of(less, graph.number(1e9)));
    String ofKeys = graph.reshaped(lower, List.of(1, in.positions(), 1));
    return graph.node("Add", List.of(scores, ofKeys));
  }

  private static String part(OnnxGraph graph, String parts, int number) {
    List<String> inputs = List.of(parts, graph.integer(number));
    return graph.node("Gather", inputs, Map.of("axis", 1));
  }

  @Override
  public List<Map<String, Object>> form() {
    throw new UnsupportedOperationException("a part of attention");
  }

  @Override
  public int widest() {
    return Math.max(in.size(), 2 * heads * in.positions() * in.positions());
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Heads<>(tile, in.positions(), width(), heads);
  }

  private static final class Heads<A> implements Tape<A> {
    private final Tile<A> tile;
    private final int steps;
    private final int width;
    private final int heads;
    private final double root;
    private final A y;
    private final A yDot;
    private final double[][] p;
    private final double[][] pDot;
    private final double[][] scratch;
    private A x;
    private A xDot;

    Heads(Tile<A> tile, int steps, int width, int heads) {
      int rows = tile.capacity(1);
      this.tile = tile;
      this.steps = steps;
      this.width = width;
      this.heads = heads;
      this.root = 1 / Math.sqrt((double) width / heads);
      this.y = tile.room(steps * width);
      this.yDot = tile.room(steps * width);
      this.p = new double[heads * steps * steps][rows];
      this.pDot = new double[heads * steps * steps][rows];
      this.scratch = new double[3 * steps + 1][rows];
    }

    /** The channels of a head at a step: of queries (0), keys (1) or values (2). */
    private Columns of(int kind, int head, int step) {
      int channel = kind * width + head * width / heads;
      return new Columns(channel * steps + step, steps, width / heads);
    }

    private Columns queries(int head, int step) {
      return of(0, head, step);
    }

    private Columns keys(int head, int step) {
      return of(1, head, step);
    }

    private Columns values(int head, int step) {
      return of(2, head, step);
    }

    /** The row t of p of a head. */
    private double[][] row(double[][] of, int head, int t) {
      int from = (head * steps + t) * steps;
      return Arrays.copyOfRange(of, from, from + steps);
    }

    /** a += scale · b. */
    private void add(double scale, double[] b, double[] a) {
      for (int i = 0; i < tile.count(); i++) {
        a[i] += scale * b[i];
      }
    }

    /** out = p ∘ (a − Σ_r p a) in place of a. */
    private void center(double[][] weights, double[][] a, double[] mean) {
      Arrays.fill(mean, 0);
      for (int r = 0; r < steps; r++) {
        for (int i = 0; i < tile.count(); i++) {
          mean[i] += weights[r][i] * a[r][i];
        }
      }
      for (int r = 0; r < steps; r++) {
        for (int i = 0; i < tile.count(); i++) {
          a[r][i] = weights[r][i] * (a[r][i] - mean[i]);
        }
      }
    }

    /** A score of −∞ for each step that is padding. */
    private void hide(StepMask mask, double[][] scores) {
      for (int r = 0; mask != null && r < steps; r++) {
        for (int i = 0; i < tile.count(); i++) {
          scores[r][i] = mask.isPadding(r, i) ? Double.NEGATIVE_INFINITY : scores[r][i];
        }
      }
    }

    private void softmax(double[][] scores) {
      double[] sum = scratch[0];
      for (int i = 0; i < tile.count(); i++) {
        double most = Double.NEGATIVE_INFINITY;
        for (double[] score : scores) {
          most = Math.max(most, score[i]);
        }
        boolean none = most == Double.NEGATIVE_INFINITY;
        sum[i] = none ? 1 : 0;
        for (double[] score : scores) {
          boolean hidden = score[i] == Double.NEGATIVE_INFINITY;
          score[i] = hidden ? 0 : Elementary.exp(root * (score[i] - most));
          sum[i] += score[i];
        }
      }
      for (double[] score : scores) {
        for (int i = 0; i < tile.count(); i++) {
          score[i] /= sum[i];
        }
      }
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> input) {
      x = input.values();
      tile.clear(y, steps * width);
      for (int head = 0; head < heads; head++) {
        for (int t = 0; t < steps; t++) {
          double[][] weights = row(p, head, t);
          for (int r = 0; r < steps; r++) {
            tile.multiplyRows(x, queries(head, t), x, keys(head, r), weights[r]);
          }
          hide(input.mask(), weights);
          softmax(weights);
          for (int r = 0; r < steps; r++) {
            tile.addScaledRows(weights[r], x, values(head, r), y, queries(head, t));
          }
        }
      }
      return y;
    }

    @Override
    public A jvp(Numbers<A> v, A inputDot) {
      xDot = inputDot;
      if (xDot == null) {
        return null;
      }
      tile.clear(yDot, steps * width);
      for (int head = 0; head < heads; head++) {
        for (int t = 0; t < steps; t++) {
          double[][] weights = row(p, head, t);
          double[][] dot = row(pDot, head, t);
          for (int r = 0; r < steps; r++) {
            tile.multiplyRows(xDot, queries(head, t), x, keys(head, r), dot[r]);
            tile.multiplyRows(x, queries(head, t), xDot, keys(head, r), scratch[0]);
            add(1, scratch[0], dot[r]);
            for (int i = 0; i < tile.count(); i++) {
              dot[r][i] *= root;
            }
          }
          center(weights, dot, scratch[0]);
          for (int r = 0; r < steps; r++) {
            tile.addScaledRows(dot[r], x, values(head, r), yDot, queries(head, t));
            tile.addScaledRows(weights[r], xDot, values(head, r), yDot, queries(head, t));
          }
        }
      }
      return yDot;
    }

    /** dp of the row t. */
    private double[][] backToWeights(A dy, A of, int head, int t, int from) {
      double[][] dp = Arrays.copyOfRange(scratch, from, from + steps);
      for (int r = 0; r < steps; r++) {
        tile.multiplyRows(dy, queries(head, t), of, values(head, r), dp[r]);
      }
      return dp;
    }

    /** Adds what ds of the row t gives queries and keys, of which there are those of {@code of}. */
    private void addBack(double[][] ds, A of, int head, int t, A dx) {
      for (int r = 0; r < steps; r++) {
        for (int i = 0; i < tile.count(); i++) {
          scratch[0][i] = root * ds[r][i];
        }
        tile.addScaledRows(scratch[0], of, keys(head, r), dx, queries(head, t));
        tile.addScaledRows(scratch[0], of, queries(head, t), dx, keys(head, r));
      }
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx == null) {
        return;
      }
      tile.clear(dx, 3 * steps * width);
      for (int head = 0; head < heads; head++) {
        for (int t = 0; t < steps; t++) {
          double[][] weights = row(p, head, t);
          for (int r = 0; r < steps; r++) {
            tile.addScaledRows(weights[r], dy, queries(head, t), dx, values(head, r));
          }
          double[][] ds = backToWeights(dy, x, head, t, 1);
          center(weights, ds, scratch[0]);
          addBack(ds, x, head, t, dx);
        }
      }
    }

    /**
     * With m = Σ_r p dp, ds˙ = ṗ (dp − m) + p (dp˙ − m˙), and in the sums of dq and dk both ds and
     * what it is multiplied by move.
     */
    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (dxDot == null || xDot == null) {
        return;
      }
      for (int head = 0; head < heads; head++) {
        for (int t = 0; t < steps; t++) {
          double[][] weights = row(p, head, t);
          double[][] dot = row(pDot, head, t);
          for (int r = 0; r < steps; r++) {
            tile.addScaledRows(dot[r], dy, queries(head, t), dxDot, values(head, r));
          }
          double[][] dp = backToWeights(dy, x, head, t, 1);
          double[][] dpDot = backToWeights(dy, xDot, head, t, 1 + steps);
          double[][] dsDot = Arrays.copyOfRange(scratch, 1 + 2 * steps, 1 + 3 * steps);
          moved(weights, dot, dp, dpDot, dsDot);
          addBack(dsDot, x, head, t, dxDot);
          center(weights, dp, scratch[0]);
          addBack(dp, xDot, head, t, dxDot);
        }
      }
    }

    private void moved(
        double[][] weights, double[][] dot, double[][] dp, double[][] dpDot, double[][] dsDot) {
      for (int i = 0; i < tile.count(); i++) {
        double mean = 0;
        double meanDot = 0;
        for (int r = 0; r < steps; r++) {
          mean += weights[r][i] * dp[r][i];
          meanDot += dot[r][i] * dp[r][i] + weights[r][i] * dpDot[r][i];
        }
        for (int r = 0; r < steps; r++) {
          dsDot[r][i] = dot[r][i] * (dp[r][i] - mean) + weights[r][i] * (dpDot[r][i] - meanDot);
        }
      }
    }
  }
}

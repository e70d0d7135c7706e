package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Sets of numbers of a row, each with mean 0 and variance 1: y = (x − μ)/σ with σ² = var(x) + ε.
 *
 * <p>With the mean ⟨·⟩ over a set, ẏ = (ẋ − ⟨ẋ⟩ − y⟨y∘ẋ⟩)/σ, a symmetric matrix times ẋ, so that
 * the way back is the same; and σ̇ = ⟨y∘ẋ⟩.
 *
 * @param in the shape of a row
 * @param groups of channels, over all positions of which a set reaches; or 0 for a set of all
 *     channels at each position
 */
record Normalized(RowShape in, int groups) implements Layer {
  static final double EPSILON = 1e-5;

  @Override
  public Padding padding() {
    return groups > 0 ? Padding.COUNTS : Padding.KEEPS;
  }

  @Override
  public List<Map<String, Object>> form() {
    throw new UnsupportedOperationException("a part of a norm");
  }

  private List<Columns> sets() {
    List<Columns> sets = new ArrayList<>();
    int positions = in.positions();
    int size = groups > 0 ? in.size() / groups : in.channels();
    for (int s = 0; s < in.size() / size; s++) {
      sets.add(groups > 0 ? new Columns(s * size, 1, size) : new Columns(s, positions, size));
    }
    return sets;
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Sets<>(tile, sets(), in.size());
  }

  private static final class Sets<A> implements Tape<A> {
    private final Tile<A> tile;
    private final List<Columns> sets;
    private final int width;
    private final A y;
    private final A yDot;
    private final double[][] inverse;
    private final double[][] inverseDot;
    private final double[] first;
    private final double[] second;
    private boolean moves;

    Sets(Tile<A> tile, List<Columns> sets, int width) {
      int rows = tile.capacity(1);
      this.tile = tile;
      this.sets = sets;
      this.width = width;
      this.y = tile.room(width);
      this.yDot = tile.room(width);
      this.inverse = new double[sets.size()][rows];
      this.inverseDot = new double[sets.size()][rows];
      this.first = new double[rows];
      this.second = new double[rows];
    }

    /** numbers ∘ by, times a number. */
    private double[] scaled(double[] numbers, double[] by, double scale) {
      for (int i = 0; i < tile.count(); i++) {
        numbers[i] *= by[i] * scale;
      }
      return numbers;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      tile.clear(y, width);
      tile.add(x.values(), y, y, width);
      for (int s = 0; s < sets.size(); s++) {
        Columns set = sets.get(s);
        double[] one = inverse[s];
        Arrays.fill(one, -1.0 / set.count());
        tile.sumRows(y, set, first);
        tile.addToRows(scaled(first, one, 1), y, set);
        tile.multiplyRows(y, set, y, set, second);
        for (int i = 0; i < tile.count(); i++) {
          one[i] = 1 / Math.sqrt(second[i] / set.count() + EPSILON);
          first[i] = one[i] - 1;
        }
        tile.addScaledRows(first, y, set, y, set);
      }
      return y;
    }

    /** out += (a − ⟨a⟩ − y⟨y∘a⟩) ∘ by. */
    private void addProjected(A a, double[] by, Columns set, A out) {
      tile.addScaledRows(by, a, set, out, set);
      tile.sumRows(a, set, first);
      tile.addToRows(scaled(first, by, -1.0 / set.count()), out, set);
      tile.multiplyRows(y, set, a, set, second);
      tile.addScaledRows(scaled(second, by, -1.0 / set.count()), y, set, out, set);
    }

    private void project(A a, A out) {
      tile.clear(out, width);
      for (int s = 0; s < sets.size(); s++) {
        addProjected(a, inverse[s], sets.get(s), out);
      }
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      moves = xDot != null;
      if (!moves) {
        return null;
      }
      project(xDot, yDot);
      for (int s = 0; s < sets.size(); s++) {
        // (1/σ)˙ = −⟨y∘ẋ⟩/σ².
        double[] dot = inverseDot[s];
        tile.multiplyRows(y, sets.get(s), xDot, sets.get(s), dot);
        scaled(dot, inverse[s], -1.0 / sets.get(s).count());
        scaled(dot, inverse[s], 1);
      }
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        project(dy, dx);
      }
    }

    /** dẋ += (1/σ)˙ (dy − ⟨dy⟩ − y⟨y∘dy⟩) − (ẏ⟨y∘dy⟩ + y⟨ẏ∘dy⟩)/σ. */
    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (dxDot == null || !moves) {
        return;
      }
      for (int s = 0; s < sets.size(); s++) {
        Columns set = sets.get(s);
        addProjected(dy, inverseDot[s], set, dxDot);
        tile.multiplyRows(y, set, dy, set, first);
        tile.addScaledRows(scaled(first, inverse[s], -1.0 / set.count()), yDot, set, dxDot, set);
        tile.multiplyRows(yDot, set, dy, set, second);
        tile.addScaledRows(scaled(second, inverse[s], -1.0 / set.count()), y, set, dxDot, set);
      }
    }
  }
}

package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.model.BlockKernel.At;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums over the rows of a tile that are made of a root of C: with S Sᵀ = s C, what comes back from
 * a column c of S gives each block of parameters a matrix D_c, and
 *
 * <pre>
 *   factors    A = Σ s ā āᵀ,  B = Σ_c D_cᵀ D_c          over positions as {@link Sharing} says
 *   diagonal   Σ ā_j² Σ_c d_co²     of the Gauss-Newton matrix, in bases or as it is
 * </pre>
 *
 * @param <A> what holds numbers
 */
record RootSums<A>(Model model, String backend, Propagation<A> tile, RootSums.Rows rows) {
  private static final LabelDraws NO_DRAWS = (id, number) -> 0.5;

  /** Rows of a block from {@code from} on, at a point. */
  record Rows(Block block, At point, int from) {}

  /** Goes back from each column of a root of s C. */
  private void back(Fisher fisher, LabelDraws draws, Tape.Gradients<A> work) {
    tile.forward(rows.point().theta(), 0);
    Loss loss = model.loss();
    int count = tile.count();
    int columns = fisher.columns(loss);
    double[] root = new double[count];
    for (int i = 0; i < count; i++) {
      root[i] = Math.sqrt(rows.point().weights()[rows.from() + i]);
      if (fisher instanceof Fisher.MonteCarlo) {
        root[i] *= 1 / Math.sqrt(columns);
      }
    }
    OutputTile r = new OutputTile(new double[count * model.outputs()], 0, count, count);
    OutputTile p = rows.point().predictions(0, rows.from(), count);
    TileColumn labels = new TileColumn(rows.block().labels(), rows.from());
    TileColumn s = TileColumn.of(root);
    for (int c = 0; c < columns; c++) {
      if (fisher instanceof Fisher.Exact) {
        loss.curvatureRoot(p, labels, c, s, r);
      } else if (fisher instanceof Fisher.MonteCarlo) {
        loss.drawnResidual(p, labels, uniform(draws, 2 * c), uniform(draws, 2 * c + 1), s, r);
      } else {
        loss.residual(p, labels, s, r);
      }
      tile.back(r.values(), work);
    }
  }

  private TileColumn uniform(LabelDraws draws, int number) {
    double[] u = new double[tile.count()];
    Arrays.setAll(u, i -> draws.uniform(rows.block().ids()[rows.from() + i], number));
    return TileColumn.of(u);
  }

  /** Adds A and B of each block of parameters. */
  void addFactors(LabelDraws draws, double[] sums, int at) {
    int to = rows.from() + tile.count();
    double[] w = Arrays.copyOfRange(rows.point().weights(), rows.from(), to);
    Map<ParameterBlock, Integer> starts = new LinkedHashMap<>();
    int next = at;
    for (ParameterBlock block : model.parameters()) {
      starts.put(block, next);
      next += Math.toIntExact(block.factorSize()) + square(block.outputs());
    }
    Map<ParameterBlock, TileInput<A>> known = new LinkedHashMap<>();
    back(
        model.fisher(),
        draws,
        (block, x, d) -> {
          int start = starts.get(block);
          int k = block.outputs();
          Tile<A> ofRows = tile.tile();
          // Of one-hot inputs the mean over positions is not one-hot: its factor is no diagonal.
          boolean reduced =
              x.tile() != ofRows && x.oneHot() == null && model.sharing() == Sharing.REDUCE;
          if (known.put(block, x) == null) {
            (reduced ? x.averaged(ofRows) : x).addGram(block, w, sums, start);
          }
          A side = d;
          if (reduced) {
            side = ofRows.room(k);
            ofRows.sumPositions(d, x.tile().count() / ofRows.count(), 1, k, side);
          }
          int ofOutputs = start + Math.toIntExact(block.factorSize());
          (reduced ? ofRows : x.tile()).addTransposed(side, k, side, k, sums, ofOutputs, k);
        });
  }

  private static int square(int side) {
    return side * side;
  }

  /** What comes in to a block of parameters, and Σ_c D_c ∘ D_c. */
  private record Squares<A>(TileInput<A> x, double[] ofOutputs) {}

  /** The two sides of a gradient before it is squared, in float64. */
  private interface Sides<A> {
    /** Ā, in a basis or as it is; a new array. */
    double[] inputs(ParameterBlock block, TileInput<A> x);

    /** D, likewise; not to be changed. */
    double[] outputs(ParameterBlock block, A d, Tile<A> tile);
  }

  /** Ā and D in the bases of their blocks. */
  private final class Rotated implements Sides<A> {
    private final MatrixProducts<double[]> matrices = DenseBackends.doubleMatrices(backend);
    private final List<ParameterBlock> blocks = model.parameters();
    private final List<KroneckerBasis> bases;

    Rotated(List<KroneckerBasis> bases) {
      this.bases = bases;
    }

    private KroneckerBasis basis(ParameterBlock block) {
      return bases.get(blocks.indexOf(block));
    }

    @Override
    public double[] inputs(ParameterBlock block, TileInput<A> x) {
      return x.rotated(block, basis(block).inputs().vectors(), matrices);
    }

    @Override
    public double[] outputs(ParameterBlock block, A d, Tile<A> of) {
      int k = block.outputs();
      int n = of.count();
      double[] rotated = new double[n * k];
      Operand<double[]> from = Operand.of(of.widen(d, k), 0, n);
      Operand<double[]> basis = Operand.of(basis(block).outputs().vectors(), 0, k);
      matrices.product(n, k, k, from, basis, Operand.of(rotated, 0, n), false);
      return rotated;
    }
  }

  /** Ā and D. */
  private final class AsTheyAre implements Sides<A> {
    @Override
    public double[] inputs(ParameterBlock block, TileInput<A> x) {
      int n = x.tile().count();
      double[] inputs = new double[n * block.height()];
      Arrays.fill(inputs, 1);
      System.arraycopy(x.tile().widen(x.values(), x.width()), 0, inputs, 0, n * x.width());
      return inputs;
    }

    @Override
    public double[] outputs(ParameterBlock block, A d, Tile<A> of) {
      return of.widen(d, block.outputs());
    }
  }

  /** Adds the squares of blocks whose rows are positions, and returns those of the others. */
  private Map<ParameterBlock, Squares<A>> squares(Sides<A> sides, double[] sums, int at) {
    Map<ParameterBlock, Squares<A>> squares = new LinkedHashMap<>();
    Map<ParameterBlock, double[]> ofPositions = new LinkedHashMap<>();
    back(
        new Fisher.Exact(),
        NO_DRAWS,
        (block, x, d) -> {
          double[] outputs = sides.outputs(block, d, x.tile());
          if (x.oneHot() != null) {
            x.oneHot().addSquares(outputs, block, sums, at);
            return;
          }
          if (x.tile() != tile.tile()) {
            double[] inputs = ofPositions.computeIfAbsent(block, b -> sides.inputs(b, x));
            addSquaresOfSums(block, inputs, outputs, sums, at);
            return;
          }
          int length = tile.count() * block.outputs();
          double[] kept =
              squares.computeIfAbsent(block, b -> new Squares<>(x, new double[length])).ofOutputs();
          for (int i = 0; i < length; i++) {
            kept[i] += outputs[i] * outputs[i];
          }
        });
    return squares;
  }

  /** Adds Σ_i (Σ_t ā_it d_itᵀ)², over the positions t of each row. */
  private void addSquaresOfSums(
      ParameterBlock block, double[] inputs, double[] outputs, double[] sums, int at) {
    int n = tile.count();
    int q = block.height();
    int k = block.outputs();
    int positions = inputs.length / q / n;
    double[] x = new double[positions * q];
    double[] d = new double[positions * k];
    double[] gradient = new double[q * k];
    MatrixProducts<double[]> matrices = DenseBackends.doubleMatrices(backend);
    for (int i = 0; i < n; i++) {
      int row = i;
      Arrays.setAll(x, j -> inputs[j * n + row]);
      Arrays.setAll(d, j -> outputs[j * n + row]);
      Operand<double[]> turned = Operand.of(x, 0, positions).transpose();
      Operand<double[]> to = Operand.of(gradient, 0, q);
      matrices.product(q, k, positions, turned, Operand.of(d, 0, positions), to, false);
      for (int j = 0; j < gradient.length; j++) {
        sums[at + block.at() + j] += gradient[j] * gradient[j];
      }
    }
  }

  /** Adds the diagonal in the bases of each block of parameters. */
  void addScales(List<KroneckerBasis> bases, double[] sums, int at) {
    Sides<A> rotated = new Rotated(bases);
    squares(rotated, sums, at)
        .forEach(
            (block, squares) ->
                addSquares(
                    block, rotated.inputs(block, squares.x()), squares.ofOutputs(), sums, at));
  }

  private void addSquares(
      ParameterBlock block, double[] inputs, double[] ofOutputs, double[] sums, int at) {
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] *= inputs[i];
    }
    int n = tile.count();
    int q = block.height();
    Operand<double[]> turned = Operand.of(inputs, 0, n).transpose();
    Operand<double[]> to = Operand.of(sums, at + block.at(), q);
    DenseBackends.doubleMatrices(backend)
        .product(q, block.outputs(), n, turned, Operand.of(ofOutputs, 0, n), to, true);
  }

  /**
   * Adds the diagonal, but for coefficients of features.
   *
   * @param ofFeatures the squares that belong to these, a row for each row of the block
   */
  void addDiagonal(Map<ParameterBlock, double[]> ofFeatures, double[] sums, int at) {
    int n = tile.count();
    Sides<A> sides = new AsTheyAre();
    squares(sides, sums, at)
        .forEach(
            (block, squares) -> {
              double[] d = squares.ofOutputs();
              if (!squares.x().isOfBlock()) {
                addSquares(block, sides.inputs(block, squares.x()), d, sums, at);
                return;
              }
              int k = block.outputs();
              double[] kept =
                  ofFeatures.computeIfAbsent(block, b -> new double[rows.block().rows() * k]);
              for (int j = 0; j < d.length; j++) {
                kept[(rows.from() + j % n) * k + j / n] = d[j];
                if (block.bias()) {
                  sums[at + block.biases() + j / n * block.height()] += d[j];
                }
              }
            });
  }
}

package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The sums of any model, by {@link Propagation} on tiles.
 *
 * <p>What layers give is not kept between passes: a product computes it again, once for all its
 * directions. Memory beside the sums: some seven numbers for each unit and row of a tile, and a
 * tile has at most {@value #TILE_UNITS} of them in its widest layer.
 */
record LayerKernel(Model model, String backend) implements BlockKernel {
  private static final int TILE_UNITS = 1 << 19;
  private static final int HESSIAN_COLUMNS = 32;
  private static final LabelDraws NO_DRAWS = (id, number) -> 0.5;

  /** What is done with a tile. */
  @FunctionalInterface
  private interface TileWork {
    void accept(Propagation<?> tile, int from);
  }

  /** Outputs of the first block of parameters: columns of the products with the rows. */
  int firstWidth() {
    return model.parameters().get(0).outputs();
  }

  private void tiles(Block block, TileWork work) {
    if (block.rows() == 0) {
      return;
    }
    int widest = model.parameters().stream().mapToInt(ParameterBlock::outputs).max().orElse(1);
    int tile = Math.min(Tiles.rows(block, firstWidth()), Math.max(16, TILE_UNITS / widest));
    Propagation<?> propagation = Propagation.of(model, block, tile, backend);
    Tiles.forEach(
        block,
        firstWidth(),
        tile,
        backend,
        (rows, from) -> {
          propagation.load(rows, block, from);
          work.accept(propagation, from);
        });
  }

  @Override
  public void evaluate(
      Block block,
      double[] theta,
      int sets,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at) {
    evaluate(block, theta, sets, tangent, false, weights, outputs, sums, at);
  }

  private void evaluate(
      Block block,
      double[] theta,
      int sets,
      double[] tangent,
      boolean known,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at) {
    int d = model.size();
    tiles(
        block,
        (tile, from) -> {
          TileOutputs rows = new TileOutputs(model.loss(), block, outputs, from, tile.count());
          double[] s = new double[tile.count()];
          double[] r = new double[tile.count() * model.outputs()];
          for (int set = 0; set < sets; set++) {
            rows.keep(set, tile.forward(theta, set * d), 0);
            if (tangent != null && !known) {
              rows.keepTangents(tile.tangent(tangent, 0), 0);
            }
            rows.weigh(weights, set, s, sums, at + set);
            rows.residual(set, s, r, 0);
            tile.addGradient(r, sums, at + sets + set * d);
          }
          if (tangent != null) {
            double[] rDot = new double[r.length];
            rows.curvature(s, rDot, 0);
            addProduct(tile, r, rDot, sums, at + sets + sets * d);
          }
        });
  }

  /** Adds the product with H along the tangent. */
  private void addProduct(Propagation<?> tile, double[] r, double[] rDot, double[] sums, int at) {
    if (model.exactHessian()) {
      tile.addHessianProduct(r, rDot, sums, at);
    } else {
      tile.addGradient(rDot, sums, at);
    }
  }

  @Override
  public void predict(Block block, double[] theta, int sets, double[] tangent, RowOutputs outputs) {
    int d = model.size();
    tiles(
        block,
        (tile, from) -> {
          TileOutputs rows = new TileOutputs(model.loss(), block, outputs, from, tile.count());
          for (int set = 0; set < sets; set++) {
            rows.keep(set, tile.forward(theta, set * d), 0);
          }
          if (tangent != null) {
            rows.keepTangents(tile.tangent(tangent, 0), 0);
          }
        });
  }

  // What the way back needs is not kept: the forward products are repeated. Of the tangent a
  // Gauss-Newton product needs the outputs alone.
  @Override
  public void evaluateFrom(
      Block block,
      double[] theta,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at) {
    evaluate(block, theta, 1, tangent, !model.exactHessian(), weights, outputs, sums, at);
  }

  @Override
  public void product(
      Block block, At point, double[] directions, int[] setOf, double[] sums, int at) {
    int d = model.size();
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          double[] r = new double[model.exactHessian() ? count * model.outputs() : 0];
          int current = -1;
          for (int c = 0; c < setOf.length; c++) {
            OutputTile p = point.predictions(setOf[c], from, count);
            TileColumn s = point.weights(setOf[c], from);
            if (setOf[c] != current) {
              current = setOf[c];
              tile.forward(point.theta(), current * d);
              if (model.exactHessian()) {
                TileColumn labels = new TileColumn(block.labels(), from);
                model.loss().residual(p, labels, s, new OutputTile(r, 0, count, count));
              }
            }
            double[] z = tile.tangent(directions, c * d);
            model.loss().curvatureInPlace(p, s, new OutputTile(z, 0, count, count));
            addProduct(tile, r, z, sums, at + c * d);
          }
        });
  }

  /** Some rows of a block at a point. */
  private record TilePoint(Block block, At point, int from, int count) {
    OutputTile predictions() {
      return point.predictions(0, from, count);
    }
  }

  /** Gives a root of Σ s C for the rows of a tile, one column (count × K) after the other. */
  private void roots(Fisher fisher, TilePoint rows, LabelDraws draws, Consumer<double[]> work) {
    Loss loss = model.loss();
    int count = rows.count();
    int columns = fisher.columns(loss);
    double[] root = new double[count];
    for (int i = 0; i < count; i++) {
      root[i] = Math.sqrt(rows.point().weights()[rows.from() + i]);
      if (fisher instanceof Fisher.MonteCarlo) {
        root[i] *= 1 / Math.sqrt(columns);
      }
    }
    OutputTile r = new OutputTile(new double[count * model.outputs()], 0, count, count);
    OutputTile p = rows.predictions();
    TileColumn s = TileColumn.of(root);
    for (int c = 0; c < columns; c++) {
      if (fisher instanceof Fisher.Exact) {
        loss.curvatureRoot(p, c, s, r);
      } else if (fisher instanceof Fisher.MonteCarlo) {
        TileColumn u = uniform(rows, draws, 2 * c);
        loss.drawnResidual(p, u, uniform(rows, draws, 2 * c + 1), s, r);
      } else {
        loss.residual(p, new TileColumn(rows.block().labels(), rows.from()), s, r);
      }
      work.accept(r.values());
    }
  }

  private static TileColumn uniform(TilePoint rows, LabelDraws draws, int number) {
    double[] u = new double[rows.count()];
    Arrays.setAll(u, i -> draws.uniform(rows.block().ids()[rows.from() + i], number));
    return TileColumn.of(u);
  }

  @Override
  public void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at) {
    tiles(
        block,
        (tile, from) ->
            addFactors(tile, new TilePoint(block, point, from, tile.count()), draws, sums, at));
    double total = 0;
    for (int i = 0; i < block.rows(); i++) {
      total += point.weights()[i];
    }
    sums[at + factorSums() - 1] += total;
  }

  private <A> void addFactors(
      Propagation<A> tile, TilePoint rows, LabelDraws draws, double[] sums, int at) {
    int count = rows.count();
    double[] w = Arrays.copyOfRange(rows.point().weights(), rows.from(), rows.from() + count);
    Map<ParameterBlock, Integer> starts = new LinkedHashMap<>();
    int next = at;
    for (ParameterBlock block : model.parameters()) {
      starts.put(block, next);
      next += square(block.height()) + square(block.outputs());
    }
    Map<ParameterBlock, TileInput<A>> known = new LinkedHashMap<>();
    tile.forward(rows.point().theta(), 0);
    roots(
        model.fisher(),
        rows,
        draws,
        r ->
            tile.back(
                r,
                (block, x, d) -> {
                  int start = starts.get(block);
                  if (known.put(block, x) == null) {
                    x.addGram(block, w, sums, start);
                  }
                  int k = block.outputs();
                  tile.ops().addSquare(d, d, k, count, sums, start + square(block.height()), k);
                }));
  }

  private static int square(int side) {
    return side * side;
  }

  /**
   * What comes in to a block of parameters, and Σ D² over the columns of a root.
   *
   * @param ofOutputs count × outputs
   */
  private record Squares<A>(TileInput<A> x, double[] ofOutputs) {}

  /** What is done with D before it is squared. */
  @FunctionalInterface
  private interface Rotation {
    double[] apply(ParameterBlock block, double[] d);
  }

  private <A> Map<ParameterBlock, Squares<A>> squares(
      Propagation<A> tile, TilePoint rows, Rotation rotation) {
    Map<ParameterBlock, Squares<A>> squares = new LinkedHashMap<>();
    tile.forward(rows.point().theta(), 0);
    roots(
        new Fisher.Exact(),
        rows,
        NO_DRAWS,
        r ->
            tile.back(
                r,
                (block, x, d) -> {
                  int length = rows.count() * block.outputs();
                  double[] sums =
                      squares
                          .computeIfAbsent(block, b -> new Squares<>(x, new double[length]))
                          .ofOutputs();
                  double[] rotated = rotation.apply(block, tile.ops().widen(d, length));
                  for (int i = 0; i < length; i++) {
                    sums[i] += rotated[i] * rotated[i];
                  }
                }));
    return squares;
  }

  @Override
  public void eigenScales(
      Block block, At point, List<KroneckerBasis> bases, double[] sums, int at) {
    MatrixProducts<double[]> matrices = DenseBackends.doubleMatrices(backend);
    List<ParameterBlock> blocks = model.parameters();
    tiles(
        block,
        (tile, from) -> {
          int n = tile.count();
          squares(
                  tile,
                  new TilePoint(block, point, from, n),
                  (of, d) -> {
                    double[] q = bases.get(blocks.indexOf(of)).outputs().vectors();
                    double[] rotated = new double[d.length];
                    int k = of.outputs();
                    Operand<double[]> to = Operand.of(rotated, 0, n);
                    matrices.product(n, k, k, Operand.of(d, 0, n), Operand.of(q, 0, k), to, false);
                    return rotated;
                  })
              .forEach(
                  (of, squares) -> {
                    double[] basis = bases.get(blocks.indexOf(of)).inputs().vectors();
                    double[] inputs = rotated(squares.x(), of, basis, n, matrices);
                    addSquares(of, inputs, squares.ofOutputs(), n, sums, at);
                  });
        });
  }

  /** Ā Q for a q × q matrix Q. */
  private static double[] rotated(
      TileInput<?> x, ParameterBlock of, double[] basis, int n, MatrixProducts<double[]> matrices) {
    int q = of.height();
    double[] rotated = new double[n * q];
    x.multiply(basis, q, q, rotated, matrices);
    for (int j = 0; j < q && of.bias(); j++) {
      for (int i = j * n; i < (j + 1) * n; i++) {
        rotated[i] += basis[j * q + q - 1];
      }
    }
    return rotated;
  }

  /** Adds Σ ā_j² d_o² of a block. */
  private void addSquares(
      ParameterBlock of, double[] inputs, double[] ofOutputs, int n, double[] sums, int at) {
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] *= inputs[i];
    }
    int q = of.height();
    DenseBackends.doubleMatrices(backend)
        .product(
            q,
            of.outputs(),
            n,
            Operand.of(inputs, 0, n).transpose(),
            Operand.of(ofOutputs, 0, n),
            Operand.of(sums, at + of.at(), q),
            true);
  }

  /** The diagonal of the Gauss-Newton matrix: Σ ā_j² Σ_c d_co², for the columns c of a root. */
  @Override
  public void hessianDiagonal(Block block, At point, double[] sums, int at) {
    Map<ParameterBlock, double[]> ofRows = new LinkedHashMap<>();
    tiles(
        block,
        (tile, from) ->
            addDiagonal(tile, new TilePoint(block, point, from, tile.count()), ofRows, sums, at));
    ofRows.forEach(
        (of, squares) ->
            SquaredFeatures.addTransposed(
                block.features(), squares, of.outputs(), sums, at + of.at(), of.height()));
  }

  /** Adds the diagonal but for coefficients of the rows, for which squares are kept row-major. */
  private <A> void addDiagonal(
      Propagation<A> tile,
      TilePoint rows,
      Map<ParameterBlock, double[]> ofRows,
      double[] sums,
      int at) {
    int n = rows.count();
    squares(tile, rows, (of, d) -> d)
        .forEach(
            (of, squares) -> {
              int k = of.outputs();
              double[] d = squares.ofOutputs();
              if (squares.x() instanceof BlockRows) {
                double[] kept =
                    ofRows.computeIfAbsent(of, b -> new double[rows.block().rows() * k]);
                for (int j = 0; j < d.length; j++) {
                  kept[(rows.from() + j % n) * k + j / n] = d[j];
                }
                for (int j = 0; of.bias() && j < d.length; j++) {
                  sums[at + of.biases() + j / n * of.height()] += d[j];
                }
                return;
              }
              int width = squares.x().width();
              double[] inputs = new double[n * of.height()];
              double[] x = tile.ops().widen(squares.x().values(), n * width);
              System.arraycopy(x, 0, inputs, 0, n * width);
              Arrays.fill(inputs, n * width, inputs.length, 1);
              addSquares(of, inputs, d, n, sums, at);
            });
  }

  // A network is not linear in t: a forward product for each step.
  @Override
  public void lossesAlong(
      Block block,
      double[] theta,
      double[] v,
      double[] steps,
      double[] weights,
      double[] sums,
      int at) {
    RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, model.outputs(), false);
    for (int t = 0; t < steps.length; t++) {
      double[] shorter = new double[theta.length];
      for (int j = 0; j < theta.length; j++) {
        shorter[j] = theta[j] + (1 - steps[t]) * v[j];
      }
      predict(block, shorter, 1, null, outputs);
      for (int i = 0; i < block.rows(); i++) {
        sums[at + t] += weights[i] == 0 ? 0 : weights[i] * outputs.losses()[i];
      }
    }
  }

  /** Adds H column by column: products with the unit vectors. */
  @Override
  public void hessian(Block block, At point, double[] sums, int at) {
    int d = model.size();
    for (int from = 0; from < d; from += HESSIAN_COLUMNS) {
      int columns = Math.min(HESSIAN_COLUMNS, d - from);
      double[] units = new double[columns * d];
      for (int c = 0; c < columns; c++) {
        units[c * d + from + c] = 1;
      }
      product(block, point, units, new int[columns], sums, at + from * d);
    }
  }
}

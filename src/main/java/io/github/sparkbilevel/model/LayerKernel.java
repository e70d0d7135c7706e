package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sums of any model, by {@link Propagation} on tiles.
 *
 * <p>What layers give is not kept between passes: a product computes it again, once for all its
 * directions. Memory beside the sums: some seven numbers for each unit and row of a tile, and a
 * tile has at most {@value #TILE_UNITS} of them in its widest layer.
 */
record LayerKernel(Model model, String backend) implements BlockKernel {
  private static final int TILE_UNITS = 1 << 19;
  private static final int LEAST_ROWS = 16;
  private static final int HESSIAN_COLUMNS = 32;

  @Override
  public LayerKernel with(Loss loss) {
    return new LayerKernel(model.with(loss), backend);
  }

  /** What is done with a tile. */
  @FunctionalInterface
  private interface TileWork {
    void accept(Propagation<?> tile, int from);
  }

  /** Outputs of the first block of parameters: columns of the products with the rows. */
  int firstWidth() {
    return firstWidth(model.layer());
  }

  static int firstWidth(Layer layer) {
    List<ParameterBlock> blocks = layer.parameters();
    return blocks.isEmpty() ? 1 : blocks.get(0).outputs();
  }

  /** The most rows of a tile of a block. */
  static int tileRows(Block block, Layer layer, String backend) {
    int most = Math.max(LEAST_ROWS, TILE_UNITS / layer.widest() / LEAST_ROWS * LEAST_ROWS);
    return Math.min(Tiles.rows(block, firstWidth(layer), backend), most);
  }

  private void tiles(Block block, TileWork work) {
    if (block.rows() == 0) {
      return;
    }
    int tile = tileRows(block, model.layer(), backend);
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
          TileColumn labels = new TileColumn(block.labels(), from);
          int current = -1;
          for (int c = 0; c < setOf.length; c++) {
            OutputTile p = point.predictions(setOf[c], from, count);
            TileColumn s = point.weights(setOf[c], from);
            if (setOf[c] != current) {
              current = setOf[c];
              tile.forward(point.theta(), current * d);
              if (model.exactHessian()) {
                model.loss().residual(p, labels, s, new OutputTile(r, 0, count, count));
              }
            }
            double[] z = tile.tangent(directions, c * d);
            model.loss().curvatureInPlace(p, labels, s, new OutputTile(z, 0, count, count));
            addProduct(tile, r, z, sums, at + c * d);
          }
        });
  }

  @Override
  public void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at) {
    tiles(
        block,
        (tile, from) ->
            new RootSums<>(model, backend, tile, new RootSums.Rows(block, point, from))
                .addFactors(draws, sums, at));
    double total = 0;
    for (int i = 0; i < block.rows(); i++) {
      total += point.weights()[i];
    }
    sums[at + factorSums() - 1] += total;
  }

  @Override
  public void eigenScales(
      Block block, At point, List<KroneckerBasis> bases, double[] sums, int at) {
    tiles(
        block,
        (tile, from) ->
            new RootSums<>(model, backend, tile, new RootSums.Rows(block, point, from))
                .addScales(bases, sums, at));
  }

  /** The diagonal of the Gauss-Newton matrix. */
  @Override
  public void hessianDiagonal(Block block, At point, double[] sums, int at) {
    Map<ParameterBlock, double[]> ofRows = new LinkedHashMap<>();
    tiles(
        block,
        (tile, from) ->
            new RootSums<>(model, backend, tile, new RootSums.Rows(block, point, from))
                .addDiagonal(ofRows, sums, at));
    ofRows.forEach(
        (of, squares) ->
            SquaredFeatures.addTransposed(
                block.features(), squares, of.outputs(), sums, at + of.at(), of.height()));
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

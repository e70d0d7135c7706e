package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.SquaredFeatures;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The sums of a network, by {@link Propagation} on tiles.
 *
 * <p>Activations are not kept between passes: a product computes them again, once for all its
 * directions. Memory beside the sums: some seven numbers for each unit and row of a tile, and a
 * tile has at most {@value #TILE_UNITS} of them in its widest layer.
 */
record MlpKernel(Mlp model, String backend) implements BlockKernel {
  private static final int TILE_UNITS = 1 << 19;
  private static final int HESSIAN_COLUMNS = 32;

  /** What is done with a tile. */
  @FunctionalInterface
  private interface TileWork {
    void accept(Propagation tile, int from);
  }

  private void tiles(Block block, TileWork work) {
    int columns = model.layers().get(0).outputs();
    int widest = model.hidden().isEmpty() ? model.outputs() : Collections.max(model.hidden());
    int tile = Math.min(Tiles.rows(block, columns), Math.max(16, TILE_UNITS / widest));
    if (block.rows() == 0) {
      return;
    }
    Propagation propagation = Propagation.of(model, block, tile, backend);
    Tiles.forEach(
        block,
        columns,
        tile,
        backend,
        (rows, from) -> {
          propagation.load(rows);
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
    int k = model.outputs();
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          double[] s = new double[count];
          OutputTile r = new OutputTile(new double[count * k], 0, count, count);
          OutputTile rDot =
              tangent == null ? null : new OutputTile(new double[count * k], 0, count, count);
          for (int set = 0; set < sets; set++) {
            keepPredictions(block, from, tile.forward(theta, set * d), count, set, outputs);
            if (tangent != null && !known) {
              keepTangents(block, from, tile.tangent(theta, 0, tangent, 0), count, outputs);
            }
            RowTile rows = rows(block, from, count, set, outputs);
            weights.weigh(rows, s);
            for (int i = 0; i < count; i++) {
              sums[at + set] += s[i] == 0 ? 0 : s[i] * rows.losses().value(i);
            }
            bend(block, rows, TileColumn.of(s), outputs, r, rDot);
            tile.addGradient(theta, set * d, r.values(), sums, at + sets + set * d);
          }
          if (tangent != null) {
            int to = at + sets + sets * d;
            if (model.exactHessian()) {
              tile.addHessianProduct(theta, 0, tangent, 0, r.values(), rDot.values(), sums, to);
            } else {
              tile.addGradient(theta, 0, rDot.values(), sums, to);
            }
          }
        });
  }

  private OutputTile predictions(Block block, RowOutputs outputs, int set, int from, int count) {
    int n = block.rows();
    return new OutputTile(outputs.predictions(), set * model.outputs() * n + from, n, count);
  }

  private RowTile rows(Block block, int from, int count, int set, RowOutputs outputs) {
    int n = block.rows();
    TileColumn directional = null;
    if (outputs.tangents() != null) {
      directional = TileColumn.of(new double[count]);
      model
          .loss()
          .directional(
              predictions(block, outputs, set, from, count),
              new TileColumn(block.labels(), from),
              new OutputTile(outputs.tangents(), from, n, count),
              directional);
    }
    TileColumn losses = new TileColumn(outputs.losses(), set * n + from);
    return new RowTile(from, count, set, losses, directional);
  }

  /** r = the weighted residuals and, with a tangent, ṙ = the weighted curvature of it. */
  private void bend(
      Block block, RowTile rows, TileColumn s, RowOutputs outputs, OutputTile r, OutputTile rDot) {
    OutputTile p = predictions(block, outputs, rows.set(), rows.from(), rows.rows());
    model.loss().residual(p, new TileColumn(block.labels(), rows.from()), s, r);
    if (rDot != null) {
      int n = block.rows();
      for (int j = 0; j < model.outputs(); j++) {
        System.arraycopy(
            outputs.tangents(), j * n + rows.from(), rDot.values(), rDot.column(j), rows.rows());
      }
      model.loss().curvatureInPlace(p, s, rDot);
    }
  }

  private void keepPredictions(
      Block block, int from, double[] z, int count, int set, RowOutputs outputs) {
    model
        .loss()
        .evaluate(
            new OutputTile(z, 0, count, count),
            new TileColumn(block.labels(), from),
            predictions(block, outputs, set, from, count),
            new TileColumn(outputs.losses(), set * block.rows() + from));
  }

  private void keepTangents(Block block, int from, double[] z, int count, RowOutputs outputs) {
    for (int j = 0; j < model.outputs(); j++) {
      System.arraycopy(z, j * count, outputs.tangents(), j * block.rows() + from, count);
    }
  }

  @Override
  public void predict(Block block, double[] theta, int sets, double[] tangent, RowOutputs outputs) {
    int d = model.size();
    tiles(
        block,
        (tile, from) -> {
          for (int set = 0; set < sets; set++) {
            double[] z = tile.forward(theta, set * d);
            keepPredictions(block, from, z, tile.count(), set, outputs);
          }
          if (tangent != null) {
            keepTangents(block, from, tile.tangent(theta, 0, tangent, 0), tile.count(), outputs);
          }
        });
  }

  // The hidden activations that the way back needs are not kept: the forward product is repeated.
  // Of the tangent a Gauss-Newton product needs the outputs alone.
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
    int k = model.outputs();
    Loss loss = model.loss();
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          double[] r = new double[model.exactHessian() ? count * k : 0];
          int current = -1;
          for (int c = 0; c < setOf.length; c++) {
            if (setOf[c] != current) {
              current = setOf[c];
              tile.forward(point.theta(), current * d);
            }
            double[] z = tile.tangent(point.theta(), current * d, directions, c * d);
            OutputTile p = point.predictions(current, from, count);
            TileColumn s = point.weights(current, from);
            loss.curvatureInPlace(p, s, new OutputTile(z, 0, count, count));
            if (model.exactHessian()) {
              TileColumn labels = new TileColumn(block.labels(), from);
              loss.residual(p, labels, s, new OutputTile(r, 0, count, count));
              tile.addHessianProduct(
                  point.theta(), current * d, directions, c * d, r, z, sums, at + c * d);
            } else {
              tile.addGradient(point.theta(), current * d, z, sums, at + c * d);
            }
          }
        });
  }

  /** A root of Σ s C for the rows of a tile, one column (count × K) after the other. */
  private void roots(Block block, At point, LabelDraws draws, int from, int count, RootWork work) {
    int k = model.outputs();
    Loss loss = model.loss();
    Fisher fisher = model.fisher();
    int columns =
        fisher instanceof Fisher.Exact
            ? loss.rootColumns()
            : fisher instanceof Fisher.MonteCarlo drawn ? drawn.samples() : 1;
    OutputTile r = new OutputTile(new double[count * k], 0, count, count);
    OutputTile p = point.predictions(0, from, count);
    double drawn = fisher instanceof Fisher.MonteCarlo ? 1 / Math.sqrt(columns) : 1;
    double[] root = new double[count];
    for (int i = 0; i < count; i++) {
      root[i] = Math.sqrt(point.weights()[from + i]) * drawn;
    }
    TileColumn s = TileColumn.of(root);
    for (int c = 0; c < columns; c++) {
      if (fisher instanceof Fisher.Exact) {
        loss.curvatureRoot(p, c, s, r);
      } else if (fisher instanceof Fisher.MonteCarlo) {
        double[] u = new double[count];
        double[] w = new double[count];
        for (int i = 0; i < count; i++) {
          u[i] = draws.uniform(block.ids()[from + i], 2 * c);
          w[i] = draws.uniform(block.ids()[from + i], 2 * c + 1);
        }
        loss.drawnResidual(p, TileColumn.of(u), TileColumn.of(w), s, r);
      } else {
        loss.residual(p, new TileColumn(block.labels(), from), s, r);
      }
      work.accept(r.values());
    }
  }

  @FunctionalInterface
  private interface RootWork {
    void accept(double[] r);
  }

  @Override
  public void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at) {
    int[] ofInputs = factorStarts(at);
    int[] ofOutputs = ofInputs.clone();
    Arrays.setAll(ofOutputs, l -> ofInputs[l] + square(model.layers().get(l).height()));
    double[] s = point.weights();
    Layer first = model.layers().get(0);
    Tiles.addGram(
        block,
        true,
        backend,
        (from, rows, w) -> System.arraycopy(s, from, w, 0, rows),
        sums,
        at,
        first.height());
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          tile.forward(point.theta(), 0);
          double[] w = Arrays.copyOfRange(s, from, from + count);
          for (int l = 1; l < model.layers().size(); l++) {
            tile.addGram(l - 1, w, sums, ofInputs[l]);
          }
          roots(
              block,
              point,
              draws,
              from,
              count,
              r -> tile.addOutputGrams(point.theta(), 0, r, sums, ofOutputs));
        });
    double total = 0;
    for (int i = 0; i < block.rows(); i++) {
      total += s[i];
    }
    sums[at + factorSums() - 1] += total;
  }

  private static int square(int side) {
    return side * side;
  }

  @Override
  public void eigenScales(
      Block block, At point, List<KroneckerBasis> bases, double[] sums, int at) {
    MatrixProducts<double[]> matrices = DenseBackends.doubleMatrices(backend);
    MlpKernel exact = new MlpKernel(model.with(new Fisher.Exact()), backend);
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          tile.forward(point.theta(), 0);
          double[][] squares = new double[bases.size()][];
          Arrays.setAll(squares, l -> new double[count * bases.get(l).width()]);
          exact.roots(
              block,
              point,
              (id, number) -> 0.5,
              from,
              count,
              r ->
                  tile.back(
                      point.theta(),
                      0,
                      r,
                      (l, dl) -> {
                        int k = bases.get(l).width();
                        double[] rotated = new double[count * k];
                        matrices.product(
                            count,
                            k,
                            k,
                            Operand.of(dl, 0, count),
                            Operand.of(bases.get(l).outputs().vectors(), 0, k),
                            Operand.of(rotated, 0, count),
                            false);
                        for (int i = 0; i < rotated.length; i++) {
                          squares[l][i] += rotated[i] * rotated[i];
                        }
                      }));
          for (int l = 0; l < squares.length; l++) {
            int q = bases.get(l).height();
            int k = bases.get(l).width();
            double[] inputs = rotated(tile, l, bases.get(l).inputs().vectors(), matrices);
            for (int i = 0; i < count * q; i++) {
              inputs[i] *= inputs[i];
            }
            matrices.product(
                q,
                k,
                count,
                Operand.of(inputs, 0, count).transpose(),
                Operand.of(squares[l], 0, count),
                Operand.of(sums, at + model.layers().get(l).at(), q),
                true);
          }
        });
  }

  /** Ā_{l−1} Q for a q × q matrix Q. */
  private double[] rotated(
      Propagation tile, int l, double[] basis, MatrixProducts<double[]> matrices) {
    int q = model.layers().get(l).height();
    int n = tile.count();
    double[] rotated = new double[n * q];
    if (l == 0) {
      tile.rows().multiply(basis, 0, q, q, rotated);
    } else {
      matrices.product(
          n,
          q,
          q - 1,
          Operand.of(tile.activations(l - 1), 0, n),
          Operand.of(basis, 0, q),
          Operand.of(rotated, 0, n),
          false);
    }
    for (int j = 0; j < q; j++) {
      double constant = basis[j * q + q - 1];
      for (int i = j * n; i < (j + 1) * n; i++) {
        rotated[i] += constant;
      }
    }
    return rotated;
  }

  private int[] factorStarts(int at) {
    int[] starts = new int[model.layers().size()];
    int next = at;
    for (int l = 0; l < starts.length; l++) {
      starts[l] = next;
      Layer layer = model.layers().get(l);
      next += layer.height() * layer.height() + layer.outputs() * layer.outputs();
    }
    return starts;
  }

  /** The diagonal of the Gauss-Newton matrix: Σ ā_j² Σ_c d_co², for the columns c of a root. */
  @Override
  public void hessianDiagonal(Block block, At point, double[] sums, int at) {
    Layer first = model.layers().get(0);
    double[] squares = new double[block.rows() * first.outputs()];
    Mlp exact = model.with(new Fisher.Exact());
    MlpKernel kernel = new MlpKernel(exact, backend);
    tiles(
        block,
        (tile, from) -> {
          int count = tile.count();
          tile.forward(point.theta(), 0);
          double[][] hidden = new double[model.hidden().size()][];
          Arrays.setAll(hidden, tile::activations);
          kernel.roots(
              block,
              point,
              (id, number) -> 0.5,
              from,
              count,
              r ->
                  tile.back(
                      point.theta(),
                      0,
                      r,
                      (l, dl) -> {
                        if (l == 0) {
                          addSquares(dl, count, first.outputs(), squares, from);
                        } else {
                          addSquaredInner(l, hidden[l - 1], dl, count, sums, at);
                        }
                      }));
        });
    SquaredFeatures.addTransposed(
        block.features(), squares, first.outputs(), sums, at, first.height());
    for (int o = 0; o < first.outputs(); o++) {
      for (int i = 0; i < block.rows(); i++) {
        sums[at + o * first.height() + first.inputs()] += squares[i * first.outputs() + o];
      }
    }
  }

  private static void addSquares(double[] d, int count, int outputs, double[] squares, int from) {
    for (int i = 0; i < count; i++) {
      for (int o = 0; o < outputs; o++) {
        squares[(from + i) * outputs + o] += d[o * count + i] * d[o * count + i];
      }
    }
  }

  private void addSquaredInner(int l, double[] a, double[] d, int count, double[] sums, int at) {
    Layer layer = model.layers().get(l);
    for (int o = 0; o < layer.outputs(); o++) {
      int to = at + layer.at() + o * layer.height();
      for (int i = 0; i < count; i++) {
        double square = d[o * count + i] * d[o * count + i];
        for (int j = 0; j < layer.inputs(); j++) {
          sums[to + j] += square * a[j * count + i] * a[j * count + i];
        }
        sums[to + layer.inputs()] += square;
      }
    }
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
    double[] shorter = new double[theta.length];
    for (int t = 0; t < steps.length; t++) {
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
      int[] setOf = new int[columns];
      Arrays.fill(setOf, 0);
      product(block, point, units, setOf, sums, at + from * d);
    }
  }
}

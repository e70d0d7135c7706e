package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.Shifts;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.Features;
import java.util.Arrays;
import java.util.List;

/**
 * The matrix X that a layer takes in, with a row for each row of the tile: what another layer gave,
 * or the rows of a block, dense or sparse. Ā is X with a constant column behind it.
 *
 * @param <A> what holds numbers
 */
public final class TileInput<A> {
  private final Tile<A> tile;
  private final int width;
  private final double constant;
  private final BlockRows rows;
  private final ShiftedImage<A> image;
  private final OneHot hot;
  private final StepMask mask;
  private A values;

  /** Loaded rows of a block, the first of which is row {@code from}. */
  private record BlockRows(RowProducts products, Block block, int from) {

    Features features() {
      return block.features();
    }
  }

  /** A column of X is an image shifted, whose rows are those of {@code images}. */
  private record ShiftedImage<A>(Tile<A> images, A image, Shifts shifts) {

    /** Without the constant, taps × outputs. */
    A transposed(A d, int outputs) {
      A product = images.allocate(shifts.taps() * outputs);
      images.transposeShifted(image, shifts, d, outputs, product);
      return product;
    }
  }

  private TileInput(Tile<A> tile, int width, double constant, A values, StepMask mask) {
    this.tile = tile;
    this.width = width;
    this.constant = constant;
    this.rows = null;
    this.image = null;
    this.hot = null;
    this.mask = mask;
    this.values = values;
  }

  private TileInput(Tile<A> tile, BlockRows rows) {
    this.tile = tile;
    this.width = rows.features().columns();
    this.constant = 1;
    this.rows = rows;
    this.image = null;
    this.hot = null;
    this.mask = null;
  }

  private TileInput(Tile<A> tile, double constant, ShiftedImage<A> image) {
    this.tile = tile;
    this.width = image.shifts().taps();
    this.constant = constant;
    this.rows = null;
    this.image = image;
    this.hot = null;
    this.mask = null;
  }

  private TileInput(Tile<A> tile, OneHot hot) {
    this.tile = tile;
    this.width = hot.inputs();
    this.constant = 0;
    this.rows = null;
    this.image = null;
    this.hot = hot;
    this.mask = null;
  }

  /** What a layer gave. */
  public static <A> TileInput<A> of(Tile<A> tile, A values, int width) {
    return new TileInput<>(tile, width, 1, values, null);
  }

  /** The derivative of what a layer gave; that of the constant is 0. */
  public static <A> TileInput<A> derivative(Tile<A> tile, A values, int width) {
    return new TileInput<>(tile, width, 0, values, null);
  }

  /**
   * The windows of an image.
   *
   * @param images the tile whose rows the images are
   * @param places the tile whose rows are the places of the window
   */
  static <A> TileInput<A> shifted(Tile<A> images, Tile<A> places, A image, Shifts shifts) {
    return new TileInput<>(places, 1, new ShiftedImage<>(images, image, shifts));
  }

  /** The derivative of the same; that of the constant is 0. */
  TileInput<A> derivative(A imageDot) {
    return new TileInput<>(tile, 0, new ShiftedImage<>(image.images(), imageDot, image.shifts()));
  }

  /** The constant alone. */
  public static <A> TileInput<A> ones(Tile<A> tile) {
    return of(tile, tile.room(0), 0);
  }

  /** The loaded rows of a block, the first of which is row {@code from}. */
  static <A> TileInput<A> of(Tile<A> tile, RowProducts products, Block block, int from) {
    return new TileInput<>(tile, new BlockRows(products, block, from));
  }

  /** Rows of which one number at most is 1, and the others 0. */
  static <A> TileInput<A> of(Tile<A> tile, OneHot hot) {
    return new TileInput<>(tile, hot);
  }

  /** The same, of what a layer gave, where steps may be padding; null where none are. */
  TileInput<A> masked(StepMask other) {
    return other == null ? this : new TileInput<>(tile, width, constant, values(), other);
  }

  /** Which steps are padding; null where none are. */
  public StepMask mask() {
    return mask;
  }

  /** The numbers that are 1; null where X is of any numbers. */
  OneHot oneHot() {
    return hot;
  }

  /** The tile whose rows X has: those of the tile that is loaded, or their positions. */
  Tile<A> tile() {
    return tile;
  }

  /** The means over the positions of each row, padding apart. */
  TileInput<A> averaged(Tile<A> ofRows) {
    int positions = tile.count() / ofRows.count();
    A means = ofRows.room(width);
    if (mask == null) {
      ofRows.sumPositions(values(), positions, 1.0 / positions, width, means);
    } else {
      addMeans(ofRows, values(), new RowShape(List.of(positions, width)), means);
    }
    return of(ofRows, means, width);
  }

  /** means += the means over steps, padding apart, of each channel of rows of a shape. */
  void addMeans(Tile<A> ofRows, A steps, RowShape shape, A means) {
    Columns channels = new Columns(0, 1, shape.channels());
    for (int t = 0; t < shape.positions(); t++) {
      Columns step = new Columns(t, shape.positions(), shape.channels());
      ofRows.addScaledRows(mask.shares()[t], steps, step, means, channels);
    }
  }

  /** Columns of X. */
  int width() {
    return width;
  }

  /** Whether X is rows of a block. */
  boolean isOfBlock() {
    return rows != null;
  }

  /** What a message calls a row. */
  String rowName(int row) {
    return rows == null ? "a row" : "the row with the id " + rows.block().ids()[rows.from() + row];
  }

  /** X, not to be changed; of the rows of a block a copy, made when it is first asked for. */
  public A values() {
    if (values == null && image != null) {
      values = tile.room(width);
      image.images().copy(image.image(), image.shifts().copies(), values);
    }
    if (values == null) {
      double[] row = new double[width];
      values = tile.room(width);
      for (int i = 0; i < tile.count(); i++) {
        rows.features().copyRow(rows.from() + i, row);
        for (int j = 0; j < width; j++) {
          tile.set(values, j * tile.count() + i, row[j]);
        }
      }
    }
    return values;
  }

  /** Z = X C. */
  public void multiply(Operand<A> c, int k, A z) {
    if (rows == null) {
      tile.multiply(values(), width, c, k, z, false);
    } else {
      tile.multiply(rows.products(), c, k, z);
    }
  }

  /** Ā Q for a height × height matrix Q, in float64. */
  double[] rotated(ParameterBlock block, double[] basis, MatrixProducts<double[]> matrices) {
    int n = tile.count();
    int q = block.height();
    double[] z = new double[n * q];
    if (rows != null) {
      rows.products().multiply(basis, 0, q, q, z);
    } else if (width > 0) {
      Operand<double[]> x = Operand.of(tile.widen(values(), width), 0, n);
      matrices.product(n, q, width, x, Operand.of(basis, 0, q), Operand.of(z, 0, n), false);
    }
    for (int i = 0; i < z.length && block.bias(); i++) {
      z[i] += basis[i / n * q + width];
    }
    return z;
  }

  private double[] ofPositions(double[] weights) {
    int positions = tile.count() / weights.length;
    double[] shares = new double[tile.count()];
    int n = weights.length;
    if (mask != null) {
      Arrays.setAll(shares, i -> weights[i % n] * mask.shares()[i / n][i % n]);
      return shares;
    }
    if (positions == 1) {
      return weights;
    }
    Arrays.setAll(shares, i -> weights[i % n] / positions);
    return shares;
  }

  /** sums += Āᵀ D, where the block lies behind {@code at}. */
  void addTransposed(ParameterBlock block, A d, double[] sums, int at) {
    int k = block.outputs();
    if (rows != null) {
      tile.addTransposed(rows.products(), d, k, sums, at + block.at(), block.height());
    } else if (image != null) {
      A product = image.transposed(d, k);
      for (int i = 0; i < width * k; i++) {
        sums[at + block.at() + i / width * block.height() + i % width] += tile.get(product, i);
      }
    } else if (hot != null) {
      hot.addTransposed(tile, d, block, sums, at);
    } else if (width > 0) {
      tile.addTransposed(values, width, d, k, sums, at + block.at(), block.height());
    }
    for (int o = 0; block.bias() && constant != 0 && o < k; o++) {
      sums[at + block.biases() + o * block.height()] += tile.sum(d, o);
    }
  }

  /** The block of {@code out} = Āᵀ D. */
  void transpose(ParameterBlock block, A d, A out) {
    int k = block.outputs();
    Operand<A> to = Operand.of(out, block.at(), block.height());
    if (rows != null) {
      tile.transpose(rows.products(), width, d, k, to);
    } else if (image != null) {
      A product = image.transposed(d, k);
      for (int i = 0; i < width * k; i++) {
        tile.set(out, block.at() + i / width * block.height() + i % width, tile.get(product, i));
      }
    } else if (hot != null) {
      hot.transpose(tile, d, block, out);
    } else if (width > 0) {
      tile.transpose(values, width, d, k, to, false);
    }
    for (int o = 0; block.bias() && o < k; o++) {
      tile.set(out, block.biases() + o * block.height(), tile.sum(d, o));
    }
  }

  /**
   * sums += Āᵀ diag(w) Ā from {@code at} on, without the constant where the block has no bias; the
   * diagonal alone of a block that is one-hot.
   *
   * @param weights w; those of rows are shared out among their positions
   */
  void addGram(ParameterBlock block, double[] weights, double[] sums, int at) {
    int q = block.height();
    if (hot != null) {
      hot.addFrequencies(weights, sums, at);
      return;
    }
    double[] w = ofPositions(weights);
    if (rows != null) {
      Tiles.addGram(rows.products(), width, block.bias(), w, sums, at, q);
      return;
    }
    A weighted = tile.room(q);
    Columns inputs = new Columns(0, 1, width);
    tile.clear(weighted, q);
    tile.addScaledRows(w, values(), inputs, weighted, inputs);
    tile.addToRows(w, weighted, new Columns(width, 1, q - width));
    if (width > 0) {
      tile.addTransposed(values(), width, weighted, width, sums, at, q);
    }
    for (int j = 0; block.bias() && j < q; j++) {
      double border = tile.sum(weighted, j);
      sums[at + j + width * q] += border;
      sums[at + width + j * q] += j < width ? border : 0;
    }
  }
}

package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.backend.CheckedRowProducts;
import io.github.sparkbilevel.backend.Precision;
import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.TileMath;
import io.github.sparkbilevel.backend.cuda.CudaStream.Room;
import io.github.sparkbilevel.block.DenseFeatures;

/**
 * Products on a GPU with the dense rows of a block, which stay there; operands and results cross
 * the bus.
 *
 * <p>Sums over rows: those of a slab of some hundred rows in the precision of the rows and in their
 * order, those of the slabs of a tile in float64 and in a fixed tree. Slabs follow from the shape
 * alone, so the bits are the same for every GPU that rounds alike.
 */
final class CudaProducts extends CheckedRowProducts {
  /** Columns up to which the narrow kernels are used. */
  private static final int NARROW = 8;

  private static final int WIDE = 32;

  /** Rows and features that a block of threads works on. */
  private static final int SQUARE = 64;

  private static final int THREADS = 128;

  /** Rows of a slab are a multiple of this. */
  private static final int CHUNK = 32;

  /** Blocks of threads that keep a large GPU busy. */
  private static final int BUSY = 1024;

  private static final int MOST_SLAB_ROWS = 4096;
  private static final long PARTIAL_BYTES = 64L << 20;

  private final DenseLayout block;
  private final boolean single;
  private final String precision;
  private final Lease lease;
  private final CudaStream stream;
  private long tile;
  private float[] singles = new float[0];
  private double[] doubles = new double[0];

  /**
   * Copies the rows to the GPU, unless they are there or do not fit.
   *
   * @param share of the GPU's memory that rows may take; with 0 they are not kept
   */
  CudaProducts(CudaDevice device, DenseFeatures features, int maxTileRows, double share) {
    super(features.rows(), features.columns(), maxTileRows);
    this.block = new DenseLayout(features);
    this.single = features.isSingle();
    this.precision = single ? "_f32" : "_f64";
    this.lease = new Lease(device, block, share);
    this.stream = lease.stream();
  }

  private long bytes(long numbers) {
    return numbers * (single ? Float.BYTES : Double.BYTES);
  }

  @Override
  protected void loadTile(int from, int count) {
    int p = columns();
    if (lease.address().isPresent()) {
      tile = lease.address().getAsLong() + bytes((long) from * p);
      return;
    }
    tile = stream.room(Room.TILE, bytes((long) tileCapacity() * p));
    block.copy(from, count, tile, stream);
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    long result = multiplied(put(c, cOffset, ldc, columns(), k), k);
    if (single) {
      singles = TileMath.ensure(singles, n * k);
      stream.get(result, singles, n * k);
      Precision.widen(singles, 0, z, 0, n * k);
    } else {
      stream.get(result, z, n * k);
    }
  }

  @Override
  protected void multiplyTile(float[] c, int cOffset, int ldc, int k, float[] z) {
    if (!single) {
      super.multiplyTile(c, cOffset, ldc, k, z);
      return;
    }
    int p = columns();
    int length = TileMath.length(p, k);
    long operand = stream.room(Room.OPERAND, bytes(length));
    singles = TileMath.ensure(singles, length);
    for (int j = 0; j < k; j++) {
      System.arraycopy(c, cOffset + j * ldc, singles, j * p, p);
    }
    stream.put(operand, singles, 0, length);
    stream.get(multiplied(operand, k), z, count() * k);
  }

  /** Z of an operand that is there. */
  private long multiplied(long operand, int k) {
    int n = count();
    long result = stream.room(Room.RESULT, bytes(TileMath.length(n, k)));
    int width = k <= NARROW ? NARROW : WIDE;
    stream.rows(tile, n, columns()).operand(operand, k).out(result, 0);
    int across = Curving.parts(k, width);
    stream.run("multiply_" + width + precision, Curving.parts(n, SQUARE), across, 1);
    return result;
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int width = k <= NARROW ? NARROW : WIDE;
    long operand = put(r, 0, count(), count(), k);
    sums(operand, k, "transposed_" + width, width);
    TileMath.add(doubles, columns(), k, out, outOffset, ldOut);
  }

  @Override
  protected void addTransposedTile(float[] r, int k, double[] out, int outOffset, int ldOut) {
    if (!single) {
      super.addTransposedTile(r, k, out, outOffset, ldOut);
      return;
    }
    int width = k <= NARROW ? NARROW : WIDE;
    int length = TileMath.length(count(), k);
    long operand = stream.room(Room.OPERAND, bytes(length));
    stream.put(operand, r, 0, length);
    sums(operand, k, "transposed_" + width, width);
    TileMath.add(doubles, columns(), k, out, outOffset, ldOut);
  }

  @Override
  protected void addCurvedTile(
      RowCurvature curvature, int from, double[] v, int ld, int k, double[] out, int outOffset) {
    int p = columns();
    Curving curving = new Curving(lease, block.features().rows(), single, false);
    long z = multiplied(put(v, 0, ld, p, k), k);
    double[] constants = new double[k];
    for (int j = 0; j < k && ld > p; j++) {
      constants[j] = v[j * ld + p];
    }
    long r = curving.curve(curvature, from, count(), z, constants);
    int width = k <= NARROW ? NARROW : WIDE;
    sums(r, k, "transposed_" + width, width);
    TileMath.add(doubles, p, k, out, outOffset, ld);
    if (ld > p) {
      double[] totals = curving.totals(r, count(), k);
      for (int j = 0; j < k; j++) {
        out[outOffset + j * ld + p] += totals[j];
      }
    }
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int p = columns();
    sums(put(w, 0, count(), count(), 1), p, "gram", WIDE);
    TileMath.addSymmetric(doubles, p, out, outOffset, ldOut);
  }

  /**
   * Sums over the rows of the tile, p × k, to {@code doubles}.
   *
   * @param width columns that a block of threads works on
   */
  private void sums(long operand, int k, String kernel, int width) {
    int n = count();
    int p = columns();
    int length = TileMath.length(p, k);
    int slab = slabRows(n, p, k);
    int slabs = Curving.parts(n, slab);
    long partial = stream.room(Room.PARTIAL, bytes((long) slabs * length));
    long result = stream.room(Room.SUMS, (long) length * Double.BYTES);
    stream.rows(tile, n, p).operand(operand, k).out(partial, slab);
    stream.run(kernel + precision, Curving.parts(p, SQUARE), slabs, Curving.parts(k, width));
    stream.operand(partial, k).out(result, slabs);
    stream.run("sums" + precision, Curving.parts(length, THREADS), 1, 1);
    doubles = TileMath.ensure(doubles, length);
    stream.get(result, doubles, length);
  }

  /** As many slabs as keep a GPU busy and have room, none of them too long for its precision. */
  private int slabRows(int n, int p, int k) {
    long each = (long) Curving.parts(p, SQUARE) * Curving.parts(k, WIDE);
    long fitting = PARTIAL_BYTES / bytes((long) p * k);
    long slabs = Math.max(1, Math.min(fitting, BUSY / each));
    long rows = Curving.parts(Curving.parts(n, (int) slabs), CHUNK) * (long) CHUNK;
    return (int) Math.min(MOST_SLAB_ROWS, rows);
  }

  /** Puts a matrix where operands lie, in the precision of the rows. */
  private long put(double[] a, int offset, int ld, int height, int width) {
    int length = TileMath.length(height, width);
    long operand = stream.room(Room.OPERAND, bytes(length));
    if (single) {
      singles = TileMath.ensure(singles, length);
      TileMath.pack(a, offset, ld, height, width, singles);
      stream.put(operand, singles, 0, length);
    } else {
      doubles = TileMath.ensure(doubles, length);
      TileMath.pack(a, offset, ld, height, width, doubles);
      stream.put(operand, doubles, 0, length);
    }
    return operand;
  }

  @Override
  protected void release() {
    lease.close();
  }
}

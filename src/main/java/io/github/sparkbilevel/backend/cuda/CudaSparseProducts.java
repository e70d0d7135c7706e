package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.SparseProducts;
import io.github.sparkbilevel.backend.TileMath;
import io.github.sparkbilevel.backend.cuda.CudaStream.Room;
import io.github.sparkbilevel.block.CsrFeatures;
import java.util.stream.IntStream;

/**
 * Products on a GPU with the sparse rows of a block, which stay there; operands and results cross
 * the bus.
 *
 * <p>All numbers are float64. Sums over rows: those of a piece of a column in the order of the
 * rows, by up to 32 threads in turn, and those of the pieces of a column in theirs. All of that
 * follows from the rows and from K, so the bits are the same for every GPU that rounds alike.
 */
final class CudaSparseProducts extends SparseProducts {
  /** Threads that work on a line; columns beyond are another block's. */
  private static final int GROUP = 32;

  private static final int THREADS = 128;

  private final SparseLayout block;
  private final Lease lease;
  private final CudaStream stream;

  /** What lies on the GPU: the block, or the tile alone. */
  private SparseLayout layout;

  private long address;
  private int first;
  private double[] turned = new double[0];

  /**
   * Copies the rows to the GPU, unless they are there or do not fit.
   *
   * @param share of the GPU's memory that rows may take; with 0 they are not kept
   */
  CudaSparseProducts(CudaDevice device, CsrFeatures features, int maxTileRows, double share) {
    super(features, maxTileRows);
    this.block = new SparseLayout(features);
    this.lease = new Lease(device, block, share);
    this.stream = lease.stream();
  }

  @Override
  protected void loadTile(int from, int count) {
    if (lease.address().isPresent()) {
      layout = block;
      address = lease.address().getAsLong();
      first = from;
      return;
    }
    int[] chosen = IntStream.range(from, from + count).toArray();
    layout = new SparseLayout(block.features().select(chosen));
    address = stream.room(Room.TILE, layout.bytes());
    first = 0;
    layout.copy(address, stream);
  }

  @Override
  protected void multiplyStored(double[] c, int cOffset, int ldc, int k, double[] z) {
    stream.get(multiplied(put(c, cOffset, ldc, columns(), k), k), z, count() * k);
  }

  /** S times an operand that is there. */
  private long multiplied(long operand, int k) {
    int n = count();
    long result = stream.room(Room.RESULT, bytes(TileMath.length(n, k)));
    layout.rows(address, first, n, stream).operand(operand, k);
    lines(n, k, result);
    return result;
  }

  @Override
  protected void addTransposedStored(double[] r, int k, double[] out, int outOffset, int ldOut) {
    addSums(put(r, 0, count(), count(), k), k, out, outOffset, ldOut);
  }

  /** out += Sᵀ R for an R that is there, row after row. */
  private void addSums(long operand, int k, double[] out, int outOffset, int ldOut) {
    int p = columns();
    int length = TileMath.length(p, k);
    int pieces = layout.mostPieces();
    if (pieces == 0) {
      return;
    }
    long partial = stream.room(Room.PARTIAL, bytes((long) pieces * k));
    long result = stream.room(Room.SUMS, bytes(length));
    layout.pieces(address, first, count(), stream).operand(operand, k);
    lines(pieces, k, partial);
    stream.rows(partial, pieces, p).operand(partial, k).out(result, 0);
    stream.run("pieces", Curving.parts(length, THREADS), 1, 1);
    turned = TileMath.ensure(turned, length);
    stream.get(result, turned, length);
    TileMath.add(turned, p, k, out, outOffset, ldOut);
  }

  @Override
  protected void addCurvedTile(
      RowCurvature curvature, int from, double[] v, int ld, int k, double[] out, int outOffset) {
    int p = columns();
    Curving curving = new Curving(lease, block.features().rows(), false, true);
    long z = multiplied(put(v, 0, ld, p, k), k);
    double[] constants = new double[k];
    for (int j = 0; j < k; j++) {
      constants[j] = (ld > p ? v[j * ld + p] : 0) - taken(v, j * ld);
    }
    long r = curving.curve(curvature, from, count(), z, constants);
    addSums(r, k, out, outOffset, ld);
    if (ld > p || isShifted()) {
      double[] totals = curving.totals(r, count(), k);
      for (int j = 0; j < k; j++) {
        take(totals[j], out, outOffset + j * ld);
        if (ld > p) {
          out[outOffset + j * ld + p] += totals[j];
        }
      }
    }
  }

  private void lines(int lines, int k, long result) {
    int together = 1;
    while (together < Math.min(k, GROUP)) {
      together *= 2;
    }
    stream.out(result, together);
    stream.run("lines", Curving.parts(lines, THREADS / GROUP), Curving.parts(k, together), 1);
  }

  @Override
  protected void addGramStored(double[] w, double[] out, int outOffset, int ldOut) {
    int p = columns();
    int length = TileMath.length(p, p);
    long operand = put(w, 0, count(), count(), 1);
    long result = stream.room(Room.RESULT, bytes(length));
    layout.both(address, first, count(), stream).operand(operand, p).out(result, 0);
    stream.run("sparse_gram", p, 1, 1);
    turned = TileMath.ensure(turned, length);
    stream.get(result, turned, length);
    TileMath.addSymmetric(turned, p, out, outOffset, ldOut);
  }

  /** Puts a matrix where operands lie, row after row. */
  private long put(double[] a, int offset, int ld, int height, int width) {
    int length = TileMath.length(height, width);
    long operand = stream.room(Room.OPERAND, bytes(length));
    turned = TileMath.ensure(turned, length);
    TileMath.turn(a, offset, ld, height, width, turned);
    stream.put(operand, turned, 0, length);
    return operand;
  }

  private static long bytes(long numbers) {
    return numbers * Double.BYTES;
  }

  @Override
  protected void release() {
    lease.close();
  }
}

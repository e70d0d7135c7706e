package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.cuda.CudaStream.Room;
import java.util.Optional;

/**
 * What lies between the two products of a tile, on the GPU: R = C (Z + 1 cᵀ), and the sums of its
 * columns. W stays there beside the rows as long as the object that it belongs to lives; where it
 * does not fit, the part of the tile is copied.
 *
 * @param lease of the rows
 * @param rows of the block
 * @param isSingle whether Z, R and W are float32; they are float64 otherwise
 * @param isByRow whether R lies row after row, float64
 */
record Curving(Lease lease, int rows, boolean isSingle, boolean isByRow) {
  private static final int THREADS = 128;

  /** Rows whose sum one block of threads makes. */
  private static final int SLAB = 4096;

  /** W on the GPU, in the precision of the rows. */
  private record Laid(RowCurvature curvature, boolean isSingle, int rows)
      implements ResidentRows.Layout {
    @Override
    public Object key() {
      return curvature.key();
    }

    @Override
    public long bytes() {
      return (long) rows * curvature.outputs() * (isSingle ? Float.BYTES : Double.BYTES);
    }

    @Override
    public void copy(long address, CudaStream stream) {
      put(stream, address, curvature.numbers().get(), isSingle);
    }
  }

  private static void put(CudaStream stream, long to, double[] numbers, boolean isSingle) {
    if (!isSingle) {
      stream.put(to, numbers, 0, numbers.length);
      return;
    }
    float[] singles = new float[numbers.length];
    for (int i = 0; i < singles.length; i++) {
      singles[i] = (float) numbers[i];
    }
    stream.put(to, singles, 0, singles.length);
  }

  private long bytes(long numbers) {
    return numbers * (isSingle ? Float.BYTES : Double.BYTES);
  }

  private String kernel(String name) {
    return name + (isByRow ? "_by_row" : isSingle ? "_f32" : "_f64");
  }

  /** How many pieces of a size a whole falls into. */
  static int parts(int whole, int part) {
    return (whole - 1) / part + 1;
  }

  /**
   * R of a tile.
   *
   * @param from the first row of the tile
   * @param z count × k on the GPU
   * @param constants c, k numbers
   * @return where R lies: at z, unless it lies row after row
   */
  long curve(RowCurvature curvature, int from, int count, long z, double[] constants) {
    Laid laid = new Laid(curvature, isSingle, rows);
    Optional<ResidentRows.Rows> resident = lease.beside(laid);
    try {
      return resident.isPresent()
          ? curve(curvature, resident.get().address() + bytes(from), rows, count, z, constants)
          : curve(curvature, part(curvature, from, count), count, count, z, constants);
    } finally {
      resident.ifPresent(
          w -> {
            lease.stream().await();
            lease.release(w);
          });
    }
  }

  /** W of a tile alone. */
  private long part(RowCurvature curvature, int from, int count) {
    double[] all = curvature.numbers().get();
    double[] numbers = new double[count * curvature.outputs()];
    for (int j = 0; j < curvature.outputs(); j++) {
      System.arraycopy(all, j * rows + from, numbers, j * count, count);
    }
    long address = lease.stream().room(Room.CURVATURE, bytes(numbers.length));
    put(lease.stream(), address, numbers, isSingle);
    return address;
  }

  private long curve(RowCurvature of, long w, int ld, int count, long z, double[] constants) {
    CudaStream stream = lease.stream();
    int k = constants.length;
    long c = stream.room(Room.CONSTANTS, bytes(k));
    put(stream, c, constants, isSingle);
    long r = isByRow ? stream.room(Room.CURVED, bytes((long) count * k)) : z;
    stream.rows(w, count, of.outputs()).operand(z, k).out(r, ld);
    stream.curvatures(of.isCentred(), c);
    stream.run(kernel("curve"), parts(count, THREADS), k / of.outputs(), 1);
    return r;
  }

  /** The sums of the k columns of R. */
  double[] totals(long r, int count, int k) {
    CudaStream stream = lease.stream();
    int slabs = parts(count, SLAB);
    long partial = stream.room(Room.PARTIAL, (long) slabs * k * Double.BYTES);
    long result = stream.room(Room.SUMS, (long) k * Double.BYTES);
    stream.rows(r, count, 1).operand(r, k).out(partial, SLAB);
    stream.run(kernel("totals"), slabs, k, 1);
    stream.operand(partial, k).out(result, slabs);
    stream.run("sums_f64", parts(k, THREADS), 1, 1);
    double[] totals = new double[k];
    stream.get(result, totals, k);
    return totals;
  }
}

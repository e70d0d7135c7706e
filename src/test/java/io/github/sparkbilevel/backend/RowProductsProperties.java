package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws that hold for any shape: ⟨A C, R⟩ = ⟨C, Aᵀ R⟩, and tiles do not change a sum. */
class RowProductsProperties {

  @Property(tries = 60, seed = "7041")
  void transposedIsTheAdjoint(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 50) int p,
      @ForAll @IntRange(min = 1, max = 12) int k,
      @ForAll @IntRange(min = 1, max = 40) int tile,
      @ForAll boolean sparse,
      @ForAll long seed) {
    for (String name : new String[] {"jvm", "netlib", "nd4j"}) {
      var features =
          sparse
              ? Naive.sparse(seed, rows, p, 0.2, Naive.gaussian(seed + 1, p))
              : Naive.dense(Naive.values(seed, rows, p), rows, p, false);
      double[] c = Naive.gaussian(seed + 2, p * k);
      double[] out = new double[p * k];
      double left = 0;
      double scale = 0;
      try (RowProducts products = DenseBackends.open(features, k, tile, name)) {
        for (int from = 0; from < rows; from += tile) {
          int n = Math.min(tile, rows - from);
          double[] z = new double[n * k];
          double[] r = Naive.gaussian(seed + 3 + from, n * k);
          products.load(from, n);
          products.multiply(c, 0, p, k, z);
          products.addTransposed(r, k, out, 0, p);
          for (int i = 0; i < z.length; i++) {
            left += z[i] * r[i];
            scale += Math.abs(z[i] * r[i]);
          }
        }
      }
      double right = 0;
      for (int i = 0; i < out.length; i++) {
        right += out[i] * c[i];
        scale += Math.abs(out[i] * c[i]);
      }
      assertEquals(left, right, 1e-12 * Math.max(scale, 1), name);
    }
  }

  @Property(tries = 40, seed = "7042")
  void gramIsWhatTheProductsGive(
      @ForAll @IntRange(min = 1, max = 30) int rows,
      @ForAll @IntRange(min = 1, max = 40) int p,
      @ForAll boolean sparse,
      @ForAll long seed) {
    var features =
        sparse
            ? Naive.sparse(seed, rows, p, 0.3, Naive.gaussian(seed + 1, p))
            : Naive.dense(Naive.values(seed, rows, p), rows, p, false);
    double[] w = Naive.gaussian(seed + 2, rows);
    double[] x = Naive.gaussian(seed + 3, p);
    for (String name : new String[] {"jvm", "netlib", "nd4j"}) {
      double[] gram = new double[p * p];
      double[] z = new double[rows];
      double[] expected = new double[p];
      try (RowProducts products = DenseBackends.open(features, 1, rows, name)) {
        products.load(0, rows);
        products.addGram(w, gram, 0, p);
        products.multiply(x, 0, p, 1, z);
        for (int i = 0; i < rows; i++) {
          z[i] *= w[i];
        }
        products.addTransposed(z, 1, expected, 0, p);
      }
      double scale = 1;
      for (double v : gram) {
        scale = Math.max(scale, Math.abs(v) * p);
      }
      for (int i = 0; i < p; i++) {
        double got = 0;
        for (int j = 0; j < p; j++) {
          got += gram[i + j * p] * x[j];
        }
        assertEquals(expected[i], got, 1e-12 * scale, name);
      }
    }
  }
}

package io.github.sparkbilevel.backend;

import dev.ludovic.netlib.blas.BLAS;

/** Small products by the BLAS that Spark ML uses. */
final class NetlibMatrices {
  private NetlibMatrices() {}

  private static String letter(MatrixProducts.Operand<?> operand) {
    return operand.transposed() ? "T" : "N";
  }

  static MatrixProducts<double[]> doubles() {
    BLAS blas = BLAS.getInstance();
    return (m, n, k, a, b, c, add) ->
        blas.dgemm(
            letter(a),
            letter(b),
            m,
            n,
            k,
            1.0,
            a.values(),
            a.at(),
            a.ld(),
            b.values(),
            b.at(),
            b.ld(),
            add ? 1.0 : 0.0,
            c.values(),
            c.at(),
            c.ld());
  }

  static MatrixProducts<float[]> singles() {
    BLAS blas = BLAS.getInstance();
    return (m, n, k, a, b, c, add) ->
        blas.sgemm(
            letter(a),
            letter(b),
            m,
            n,
            k,
            1f,
            a.values(),
            a.at(),
            a.ld(),
            b.values(),
            b.at(),
            b.ld(),
            add ? 1f : 0f,
            c.values(),
            c.at(),
            c.ld());
  }
}

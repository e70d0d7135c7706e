package io.github.sparkbilevel.backend;

import dev.ludovic.netlib.blas.BLAS;

/** Small products by the BLAS that Spark ML uses, in float64. */
final class NetlibMatrices implements MatrixProducts {
  private static final BLAS BLAS_FOUND = BLAS.getInstance();

  @Override
  public void addProduct(int m, int n, int k, Operand a, Operand b, Operand c) {
    BLAS_FOUND.dgemm(
        a.transposed() ? "T" : "N",
        b.transposed() ? "T" : "N",
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
        1.0,
        c.values(),
        c.at(),
        c.ld());
  }
}

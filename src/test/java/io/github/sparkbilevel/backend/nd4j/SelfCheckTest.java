package io.github.sparkbilevel.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.linalg.SymmetricEigen;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelfCheckTest {
  private static final MatrixProducts<float[]> SINGLES = DenseBackends.singleMatrices("netlib");
  private static final MatrixProducts<double[]> DOUBLES = DenseBackends.doubleMatrices("netlib");

  @Test
  void rightProductsPass() {
    assertEquals("", SelfCheck.products(SINGLES, DOUBLES));
  }

  @Test
  void oneWrongNumberInTheRowsBeyond192IsFound() {
    MatrixProducts<double[]> wrong =
        (m, n, k, a, b, c, add) -> {
          DOUBLES.product(m, n, k, a, b, c, add);
          if (m > 192 && a.transposed() && b.transposed()) {
            c.values()[200] += 1;
          }
        };
    String reason = SelfCheck.products(SINGLES, wrong);
    assertTrue(reason.contains("float64") && reason.contains("OPENBLAS_CORETYPE"), reason);
  }

  @Test
  void wrongProductsInFloat32AreFound() {
    MatrixProducts<float[]> wrong =
        (m, n, k, a, b, c, add) -> {
          SINGLES.product(m, n, k, a, b, c, add);
          c.values()[m * n - 1] = Float.NaN;
        };
    String reason = SelfCheck.products(wrong, DOUBLES);
    assertTrue(reason.contains("float32"), reason);
  }

  @Test
  void aDecompositionHasToHaveEigenvectors() {
    assertTrue(SelfCheck.isRight(SelfCheckTest::decompose));
    assertFalse(SelfCheck.isRight((matrix, n, values) -> 1), "it said that it failed");
    assertFalse(
        SelfCheck.isRight(
            (matrix, n, values) -> {
              int info = decompose(matrix, n, values);
              matrix[70 + 100 * n] += 1e-6;
              return info;
            }),
        "one entry of one vector is wrong");
    assertFalse(
        SelfCheck.isRight(
            (matrix, n, values) -> {
              Arrays.fill(matrix, 0);
              return 0;
            }),
        "zeros are no vectors");
  }

  @Test
  void kernelsForHaswellNeedAvx2AndFma() {
    String avx512 = "avx512f avx512dq avx512cd avx512bw avx512vl";
    assertEquals("SkylakeX", OpenBlasKernels.of(List.of("flags : avx2 fma " + avx512)));
    assertEquals("Haswell", OpenBlasKernels.of(List.of("flags : fma sse avx2 avx512f avx512cd")));
    assertEquals("Haswell", OpenBlasKernels.of(List.of("model : 207", "flags\t\t: fpu fma avx2")));
    assertEquals("", OpenBlasKernels.of(List.of("flags : fpu fma avx2x avx")));
    assertEquals("", OpenBlasKernels.of(List.of("flags : avx2", "flags : avx2 fma")));
    assertEquals("", OpenBlasKernels.of(List.of("Features : fp asimd")));
  }

  private static int decompose(double[] matrix, int n, double[] values) {
    SymmetricEigen eigen = SymmetricEigen.of(matrix, n);
    System.arraycopy(eigen.values(), 0, values, 0, n);
    System.arraycopy(eigen.vectors(), 0, matrix, 0, n * n);
    return 0;
  }
}

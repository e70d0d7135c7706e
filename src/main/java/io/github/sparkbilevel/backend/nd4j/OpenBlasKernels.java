package io.github.sparkbilevel.backend.nd4j;

import com.sun.jna.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the kernels of OpenBLAS, which is older than many CPUs: one that it does not know it
 * takes for a Pentium 4, and of those for AVX-512 not all are right.
 *
 * <p>The choice is an environment variable that OpenBLAS reads when it loads. So it is set from
 * within the process, unless it is set already: drivers, executors and tests have the same kernels
 * then, and the same bits.
 */
final class OpenBlasKernels {
  private static final Logger LOG = LoggerFactory.getLogger(OpenBlasKernels.class);
  private static final String VARIABLE = "OPENBLAS_CORETYPE";

  /** Right and fast wherever there are AVX2 and FMA. */
  private static final String KERNELS = "Haswell";

  private static final Path CPU = Path.of("/proc/cpuinfo");

  private OpenBlasKernels() {}

  /** Sets the variable where that helps; has to come before anything of ND4J. */
  static void choose() {
    if (System.getenv(VARIABLE) != null || !hasAvx2()) {
      return;
    }
    try {
      Function.getFunction("c", "setenv").invokeInt(new Object[] {VARIABLE, KERNELS, 0});
    } catch (LinkageError | RuntimeException e) {
      LOG.warn(
          "OpenBLAS chooses its kernels by itself, which may be slow ones; set the environment"
              + " variable {}={} where there is AVX2: {}",
          VARIABLE,
          KERNELS,
          e.toString());
    }
  }

  private static boolean hasAvx2() {
    if (!Files.isReadable(CPU)) {
      return false;
    }
    try {
      return hasAvx2(Files.readAllLines(CPU));
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the first CPU of {@code /proc/cpuinfo} has what the kernels need. */
  static boolean hasAvx2(List<String> cpuInfo) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> Arrays.asList(line.split("\\s+")))
        .filter(flags -> flags.contains("avx2") && flags.contains("fma"))
        .isPresent();
  }
}

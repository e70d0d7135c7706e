package io.github.sparkbilevel.backend.nd4j;

import com.sun.jna.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the kernels of OpenBLAS by what the CPU can do, not by its model: one that OpenBLAS does
 * not know it may take for a Pentium 4, and with one choice for many models most clusters have the
 * same kernels everywhere, and the same bits.
 *
 * <p>The choice is an environment variable that OpenBLAS reads when it loads. So it is set from
 * within the process, unless it is set already.
 */
final class OpenBlasKernels {
  private static final Logger LOG = LoggerFactory.getLogger(OpenBlasKernels.class);
  private static final String VARIABLE = "OPENBLAS_CORETYPE";

  /** What kernels need, the fastest first. */
  private static final Map<String, Set<String>> KERNELS = new LinkedHashMap<>();

  static {
    KERNELS.put("SkylakeX", Set.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"));
    KERNELS.put("Haswell", Set.of("avx2", "fma"));
  }

  private static final Path CPU = Path.of("/proc/cpuinfo");

  private OpenBlasKernels() {}

  /** Sets the variable where that helps; has to come before anything of ND4J. */
  static void choose() {
    String kernels = System.getenv(VARIABLE) == null ? forThisCpu() : "";
    if (kernels.isEmpty()) {
      return;
    }
    try {
      Function.getFunction("c", "setenv").invokeInt(new Object[] {VARIABLE, kernels, 0});
    } catch (LinkageError | RuntimeException e) {
      LOG.warn(
          "OpenBLAS chooses its kernels by itself, which may be slow ones; set the environment"
              + " variable {}={}: {}",
          VARIABLE,
          kernels,
          e.toString());
    }
  }

  private static String forThisCpu() {
    if (!Files.isReadable(CPU)) {
      return "";
    }
    try {
      return of(Files.readAllLines(CPU));
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * The kernels for the first CPU of {@code /proc/cpuinfo}, empty where OpenBLAS should choose.
   *
   * @param cpuInfo the lines of that file
   */
  static String of(List<String> cpuInfo) {
    Set<String> flags =
        cpuInfo.stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> Set.copyOf(Arrays.asList(line.split("\\s+"))))
            .orElse(Set.of());
    return KERNELS.entrySet().stream()
        .filter(entry -> flags.containsAll(entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }
}

package io.github.sparkbilevel.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The compiled kernels that the jar holds. */
class PtxTest {
  private static final String BUILD = "src/main/cuda/build.sh";
  private static final Pattern COMPILER = Pattern.compile("release [0-9.]+, V[0-9.]+");
  private static final int MOST_BYTES = 1 << 20;

  @TempDir Path folder;

  private static String committed() throws IOException {
    return new String(
        CudaDevice.class.getResourceAsStream(CudaDevice.KERNELS).readAllBytes(),
        StandardCharsets.UTF_8);
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(m -> m.group(m.groupCount())).toList();
  }

  @Test
  void theJarHoldsEveryKernelOfTheSourceForOldDrivers() throws IOException {
    String ptx = committed();
    String source = Files.readString(Path.of("src/main/cuda/products.cu"));
    List<String> kernels = found(Pattern.compile("(?m)^KERNEL (\\w+)\\("), source);
    assertEquals(21, kernels.size());
    assertEquals(kernels, found(Pattern.compile("\\.visible \\.entry (\\w+)\\("), ptx));
    assertEquals(List.of("7.8"), found(Pattern.compile("(?m)^\\.version (.*)$"), ptx));
    assertEquals(List.of("sm_75"), found(Pattern.compile("(?m)^\\.target (.*)$"), ptx));
    assertTrue(ptx.length() < MOST_BYTES);
  }

  /** A sum that depends on which thread comes first gives other bits from run to run. */
  @Test
  void noKernelAddsAtomically() throws IOException {
    assertEquals(List.of(), found(Pattern.compile("\\b(atom|red)\\.[a-z.]+"), committed()));
  }

  @TestFactory
  Stream<DynamicTest> withTheToolkit() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    if (StandIn.isOnPath("nvcc") && sameCompiler()) {
      tests.add(DynamicTest.dynamicTest("compiled anew", this::theSourceGivesTheCommittedFile));
    }
    if (StandIn.isOnPath("ptxas")) {
      for (String gpu : List.of("sm_75", "sm_80", "sm_90", "sm_100")) {
        tests.add(DynamicTest.dynamicTest(gpu, () -> assembles(gpu)));
      }
    }
    return tests.stream();
  }

  /** Another compiler may write the same kernels otherwise. */
  private static boolean sameCompiler() throws Exception {
    Matcher here = COMPILER.matcher(StandIn.run(List.of("nvcc", "--version")));
    return here.find() && committed().contains(here.group());
  }

  private void theSourceGivesTheCommittedFile() throws Exception {
    Path fresh = folder.resolve("fresh.ptx");
    StandIn.run(List.of(BUILD, fresh.toString()));
    assertEquals(Files.readString(fresh), committed(), "run " + BUILD);
  }

  private void assembles(String gpu) throws Exception {
    Path ptx = folder.resolve(gpu + ".ptx");
    Path cubin = folder.resolve(gpu + ".cubin");
    Files.writeString(ptx, committed());
    StandIn.run(List.of("ptxas", "-arch=" + gpu, "-o", cubin.toString(), ptx.toString()));
    assertTrue(Files.size(cubin) > 0);
  }
}

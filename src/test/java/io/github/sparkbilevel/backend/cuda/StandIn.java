package io.github.sparkbilevel.backend.cuda;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The stand-in for NVIDIA's driver library: {@code src/test/cuda/driver.cpp}, compiled where there
 * is a compiler of C++. It counts what is allocated and copied, and fails on request.
 */
public final class StandIn {
  /** Where programs look for the library, for the environment variable that names folders. */
  public static final String NAME = CudaDriver.LIBRARY;

  private static final Path SOURCE = Path.of("src/test/cuda/driver.cpp");
  private static final Path FOLDER = Path.of("target/cuda");

  private final Path library;
  private final NativeLibrary loaded;

  private StandIn(Path library) {
    this.library = library;
    this.loaded = NativeLibrary.getInstance(library.toString());
  }

  /**
   * Tests with the stand-in; none where no compiler is.
   *
   * @param tests asked for them when there is one
   */
  public static Stream<DynamicTest> tests(List<DynamicTest> tests) {
    if (isOnPath("g++")) {
      return tests.stream();
    }
    System.out.println("there is no g++ here to build " + SOURCE);
    return Stream.of();
  }

  /** Whether there is such a program. */
  static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** The folder of the library, built anew where its sources are newer. */
  public static synchronized Path folder() {
    try {
      Files.createDirectories(FOLDER);
      Path built = FOLDER.resolve(NAME).toAbsolutePath();
      if (!Files.exists(built) || newest() > Files.getLastModifiedTime(built).toMillis()) {
        Path fresh = Files.createTempFile(FOLDER, "driver", ".so");
        run(
            List.of(
                "g++",
                "-std=c++17",
                "-O2",
                "-shared",
                "-fPIC",
                "-fvisibility=hidden",
                "-o",
                fresh.toString(),
                "-x",
                "c++",
                SOURCE.toString()));
        Files.move(fresh, built, StandardCopyOption.REPLACE_EXISTING);
      }
      return built.getParent();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("cannot build " + SOURCE, e);
    }
  }

  private static long newest() throws IOException {
    long newest = Files.getLastModifiedTime(SOURCE).toMillis();
    try (Stream<Path> kernels = Files.list(Path.of("src/main/cuda"))) {
      for (Path kernel : kernels.toList()) {
        newest = Math.max(newest, Files.getLastModifiedTime(kernel).toMillis());
      }
    }
    return newest;
  }

  /** Runs a program that must succeed, and gives what it said. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IllegalStateException(command + " failed: " + said);
    }
    return said;
  }

  /** The library in this process. */
  static StandIn load() {
    StandIn standIn = new StandIn(folder().resolve(NAME));
    standIn.loaded.getFunction("standInRepair").invokeVoid(new Object[0]);
    return standIn;
  }

  /** The library that this process has loaded already by its name, if it has. */
  public static Optional<StandIn> ofProcess() {
    return Optional.ofNullable(System.getenv("LD_LIBRARY_PATH"))
        .map(folder -> Path.of(folder, NAME))
        .filter(Files::exists)
        .map(StandIn::new);
  }

  /** A backend with a device of its own. */
  CudaBackend backend() {
    return new CudaBackend(library.toString());
  }

  /** A number that the library counts, such as {@code bytes} that are allocated. */
  public long counter(String name) {
    return loaded.getFunction("standInCounter").invokeLong(new Object[] {name});
  }

  /** Has a call fail. */
  public void fail(String what, int call) {
    loaded.getFunction("standInFail").invokeVoid(new Object[] {what, call});
  }

  /** Ends the failures. */
  public void repair() {
    loaded.getFunction("standInRepair").invokeVoid(new Object[0]);
  }
}

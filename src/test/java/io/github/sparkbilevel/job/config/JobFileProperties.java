package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Mutations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Whatever a job file has in it, it is a job or a sentence: exit code 2. */
class JobFileProperties {
  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Folders FOLDERS = new Folders(ROOT, ROOT);

  private static void parse(String text, List<String> overrides) {
    try {
      JobFile.parse(text, overrides, FOLDERS);
    } catch (ConfigException refused) {
      assertFalse(refused.getMessage().isBlank());
      assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }
  }

  @Provide
  Arbitrary<String> jobs() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("spark-job"))) {
      List<Path> all = files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
      return Arbitraries.of(all).map(JobFileProperties::read);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Property(tries = 400, seed = "7111", shrinking = ShrinkingMode.OFF)
  void aChangedJobFileIsAJobOrRefused(@ForAll("jobs") String job, @ForAll long seed) {
    byte[] changed = Mutations.of(job.getBytes(StandardCharsets.UTF_8), seed);
    parse(new String(changed, StandardCharsets.UTF_8), List.of());
  }

  @Property(tries = 300, seed = "7112", shrinking = ShrinkingMode.OFF)
  void anyTextIsAJobOrRefused(@ForAll String text, @ForAll String override) {
    parse(text, List.of(override));
    parse("job = clean", List.of(override, "seed=" + text));
  }

  @Example
  void valuesThatLieTooDeepAreRefused() {
    for (String open : List.of("a = [", "a { ", "job = ${?x} ${?job} [{")) {
      String deep = open.repeat(50_000);
      assertThrows(ConfigException.class, () -> JobFile.parse(deep, List.of(), FOLDERS));
    }
    ConfigException refused =
        assertThrows(
            ConfigException.class, () -> JobFile.parse("[".repeat(100_000), List.of(), FOLDERS));
    assertTrue(refused.getMessage().startsWith("job file text cannot be read"));
  }
}

package io.github.sparkbilevel.job.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.job.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFolderTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path folder;

  private OutputFolder open(Path path, boolean overwrite) {
    return OutputFolder.open("file:" + path, overwrite, CONF);
  }

  private String refused(Path path, boolean overwrite) {
    return assertThrows(ConfigException.class, () -> open(path, overwrite)).getMessage();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path earlier(String text) throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve(OutputFolder.SUMMARY), text);
    Files.writeString(out.resolve("report.html"), "old");
    return out;
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "a b", "deep/er/out", "100%", "λ#?x", "a+b"})
  void outputsAppearAtOnceAndNothingElseDoes(String name) throws IOException {
    Path out = folder.resolve(name);
    try (OutputFolder output = open(out, false)) {
      output.writeText("summary.json", "{}");
      output.writeText("sub/x.txt", "λ");
      assertFalse(Files.exists(out));
      assertFalse(output.isCommitted());
      output.commit();
      assertTrue(output.isCommitted());
    }
    assertEquals("{}", Files.readString(out.resolve("summary.json")));
    assertEquals("λ", Files.readString(out.resolve("sub/x.txt")));
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(2, files.count());
    }
    try (Stream<Path> files = Files.list(out.getParent())) {
      assertEquals(List.of(out), files.toList());
    }
  }

  @Test
  void withoutACommitNothingStays() throws IOException {
    try (OutputFolder output = open(folder.resolve("new/er/out"), false)) {
      output.writeText("x", "x");
      assertEquals(List.of("new"), names());
    }
    assertEquals(List.of(), names());
  }

  @Test
  void parentsThatWereThereStay() throws IOException {
    Files.createDirectory(folder.resolve("there"));
    open(folder.resolve("there/out"), false).close();
    assertEquals(List.of("there"), names());
  }

  @Test
  void parentsThatOthersUseMeanwhileStay() throws IOException {
    OutputFolder output = open(folder.resolve("new/out"), false);
    Files.writeString(folder.resolve("new/other"), "x");
    output.close();
    assertTrue(Files.exists(folder.resolve("new/other")));
  }

  @Test
  void anEarlierOutputIsRefusedOrReplacedAtTheVeryEnd() throws IOException {
    Path out = earlier("old");
    assertTrue(refused(out, false).contains("output.overwrite = true"));
    try (OutputFolder output = open(out, true)) {
      output.writeText("summary.json", "new");
      assertEquals("old", Files.readString(out.resolve("summary.json")));
      output.commit();
    }
    assertEquals("new", Files.readString(out.resolve("summary.json")));
    assertFalse(Files.exists(out.resolve("report.html")));
    assertEquals(List.of("out"), names());
  }

  @Test
  void anEarlierOutputOutlivesAFailure() throws IOException {
    Path out = earlier("old");
    open(out, true).close();
    assertEquals("old", Files.readString(out.resolve("summary.json")));
    assertEquals(List.of("out"), names());
  }

  @Test
  void aFolderOfSomebodyElseIsNeverReplaced() throws IOException {
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.writeString(home.resolve("thesis.tex"), "x");
    String error = refused(home, true);
    assertTrue(error.contains("holds no summary.json"), error);
    assertEquals(List.of("home"), names());
  }

  @Test
  void anOutputWithSomethingOfSomebodyElseIsNeverReplaced() throws IOException {
    Path out = earlier("old");
    Files.writeString(out.resolve("notes.txt"), "mine");
    String error = refused(out, true);
    assertTrue(error.contains("holds notes.txt, which no job wrote"), error);
    assertEquals("mine", Files.readString(out.resolve("notes.txt")));
  }

  /** The link goes, and what it leads to stays. */
  @Test
  void whatLinksLeadToIsNeverRemoved() throws IOException {
    Path elsewhere = earlier("linked");
    Path out = folder.resolve("link");
    Files.createSymbolicLink(out, elsewhere);
    try (OutputFolder output = open(out, true)) {
      output.writeText("summary.json", "new");
      output.commit();
    }
    assertEquals("new", Files.readString(out.resolve("summary.json")));
    assertFalse(Files.isSymbolicLink(out));
    assertEquals("linked", Files.readString(elsewhere.resolve("summary.json")));

    Path precious = Files.createDirectory(folder.resolve("precious"));
    Files.writeString(precious.resolve("thesis.txt"), "mine");
    Files.createSymbolicLink(out.resolve("scores"), precious);
    try (OutputFolder output = open(out, true)) {
      output.writeText("summary.json", "newer");
      output.commit();
    }
    assertFalse(Files.exists(out.resolve("scores")));
    assertEquals("mine", Files.readString(precious.resolve("thesis.txt")));
  }

  @Test
  void anEmptyFolderIsReplaced() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    assertTrue(refused(out, false).contains("exists"));
    try (OutputFolder output = open(out, true)) {
      output.writeText("x", "x");
      output.commit();
    }
    assertTrue(Files.exists(out.resolve("x")));
  }

  @Test
  void anOutputThatSomebodyElseWroteMeanwhileIsKept() throws IOException {
    Path out = folder.resolve("out");
    try (OutputFolder output = open(out, false)) {
      Files.createDirectory(out);
      assertThrows(ConfigException.class, output::commit);
    }
    assertEquals(List.of("out"), names());
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertTrue(refused(file, true).contains("is a file"));
    assertTrue(refused(file.resolve("out"), true).contains("its parent"));
    assertEquals(List.of("file"), names());
  }

  @Test
  void whatCannotBeWrittenIsFoundBeforeAnyWork() {
    String error = refused(Path.of("/proc/spark-bilevel/out"), false);
    assertTrue(error.contains("/proc/spark-bilevel/out"), error);
    assertTrue(error.contains("try a folder"), error);
    for (String foreign : List.of("nosuch://x/out", "s3a://bucket/out")) {
      String said =
          assertThrows(ConfigException.class, () -> OutputFolder.open(foreign, false, CONF))
              .getMessage();
      assertTrue(said.startsWith("output.path = " + foreign + " cannot be used: "), said);
    }
    assertThrows(ConfigException.class, () -> OutputFolder.open("file:/", true, CONF));
  }

  @Test
  void afterTheEndNothingCanBeWritten() throws IOException {
    OutputFolder output = open(folder.resolve("out"), false);
    output.close();
    output.close();
    assertThrows(IllegalStateException.class, () -> output.writeText("x", "x"));
    assertThrows(IllegalStateException.class, output::commit);
  }

  /** The local file system on a disk without space, as it shows there: by an error. */
  static final class FullDisk extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("nospace:///");
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress) {
      try {
        Constructor<FSError> error = FSError.class.getDeclaredConstructor(Throwable.class);
        error.setAccessible(true);
        throw error.newInstance(new IOException("No space left on device"));
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void fullDiskLeavesNothingBehind() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.nospace.impl", FullDisk.class.getName());
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () -> OutputFolder.open("nospace:" + folder + "/deep/out", false, conf));
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertEquals(List.of(), names());
  }
}

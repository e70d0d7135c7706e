package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldersTest {
  @TempDir Path folder;

  private Folders folders() throws IOException {
    Path current = Files.createDirectories(folder.resolve("a b"));
    Path root = Files.createDirectories(folder.resolve("root"));
    return new Folders(current, root);
  }

  @Test
  void inputIsHereThenInTheRepositoryThenLeftToTheDefaultFileSystem() throws IOException {
    Folders folders = folders();
    assertEquals("x.csv", folders.input("x.csv"));
    assertEquals("/data/x.csv", folders.input("/data/x.csv"));
    Path there = Files.createFile(folders.root().resolve("x.csv"));
    assertEquals("file:" + there, folders.input("x.csv"));
    Path here = Files.createFile(folders.current().resolve("x.csv"));
    assertEquals("file:" + here, folders.input("x.csv"));
    assertEquals("file:" + here, folders.input("./x.csv"));
    assertEquals("file:" + there, folders.input(there.toString()));
  }

  @Test
  void aPatternIsLookedUpByItsFolder() throws IOException {
    Folders folders = folders();
    Path parts = Files.createDirectories(folders.root().resolve("parts"));
    assertEquals("file:" + parts + "/*.csv", folders.input("parts/*.csv"));
    assertEquals("none/*.csv", folders.input("none/*.csv"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs://n:9000/a", "s3a://b/a b", "file:/tmp/x", "file:///tmp/x"})
  void aSchemeIsLeftAlone(String path) throws IOException {
    assertEquals(path, folders().input(path));
    assertEquals(path, folders().output(path));
  }

  @Test
  void outputIsInTheCurrentFolder() throws IOException {
    Folders folders = folders();
    assertEquals("file:" + folders.current() + "/out/x", folders.output("out/x"));
    assertEquals("/out/x", folders.output("/out/x"));
    assertEquals("x", new Folders(folders.current(), null).input("x"));
  }

  @Test
  void theEnvironmentNamesTheFolders() throws IOException {
    Folders folders = folders();
    Map<String, String> all =
        Map.of(
            Folders.CURRENT_VARIABLE, folders.current().toString(),
            Folders.ROOT_VARIABLE, folders.root().toString());
    assertEquals(folders, Folders.of(all));
    assertEquals(new Folders(Path.of("").toAbsolutePath(), null), Folders.of(Map.of()));
  }
}

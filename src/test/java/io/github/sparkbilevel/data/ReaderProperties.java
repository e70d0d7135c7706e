package io.github.sparkbilevel.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Mutations;
import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.spark.sql.SparkSession;

/** Whatever bytes a file has, it is read or refused with a sentence, for what it takes to read. */
class ReaderProperties {
  private static final SparkSession SPARK = LocalSpark.session();

  private Path folder;

  @BeforeTry
  void folder() throws IOException {
    folder = Files.createTempDirectory("fuzz");
  }

  @AfterTry
  void remove() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** Reads a table; gives the sentence of the refusal, or null. */
  private String read(TableSpec spec) {
    String sentence = null;
    try {
      TableReader.read(SPARK, "train", spec).close();
    } catch (DataException refused) {
      sentence = refused.getMessage();
      assertFalse(sentence.contains("\n"), sentence);
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "nothing stays cached");
    return sentence;
  }

  private TableSpec file(String name, byte[] bytes) {
    try {
      Path file = folder.resolve(name);
      Files.write(file, bytes);
      return TableSpec.of(file.toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The bytes of a file as it lies on the disk, compressed by its name. */
  private byte[] whole(String name, byte[] content) {
    try {
      return Files.readAllBytes(Path.of(TestFiles.bytes(folder, name, content)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] csv() {
    StringBuilder text = new StringBuilder("x,\"y \"\"z\"\"\",label\n");
    for (int i = 0; i < 20; i++) {
      text.append(i * .5).append(",\"").append(-i).append("\",").append(i % 2 == 0 ? "a\n" : "b\n");
    }
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] libsvm() {
    return "+1 qid:3 1:.5 4:-2e3 # first\n-1 2:1 5:7\n0 1:1\n".repeat(5).getBytes(UTF_8);
  }

  @Property(tries = 12, seed = "7101", shrinking = ShrinkingMode.OFF)
  void csvIsReadOrRefused(@ForAll long seed) {
    read(file("t.csv", Mutations.of(csv(), seed)));
  }

  @Property(tries = 10, seed = "7102", shrinking = ShrinkingMode.OFF)
  void libsvmIsReadOrRefused(@ForAll long seed) {
    read(file("t.libsvm", Mutations.of(libsvm(), seed)));
  }

  @Property(tries = 10, seed = "7103", shrinking = ShrinkingMode.OFF)
  void compressedFilesAreReadOrRefused(@ForAll long seed, @ForAll boolean gzip) {
    String name = gzip ? "t.csv.gz" : "t.csv.bz2";
    read(file(name, Mutations.of(whole(name, csv()), seed)));
  }

  @Property(tries = 15, seed = "7104", shrinking = ShrinkingMode.OFF)
  void idxIsReadOrRefused(@ForAll long seed, @ForAll boolean images) throws IOException {
    byte[] x = TestFiles.idx(6 * 4, 6, 2, 2);
    byte[] y = TestFiles.idx(6, 6);
    file("t-labels.idx1-ubyte", images ? y : Mutations.of(y, seed));
    read(
        file("t-images.idx3-ubyte", images ? Mutations.of(x, seed) : x)
            .withLabels(folder.resolve("t-labels.idx1-ubyte").toString()));
  }

  @Property(tries = 12, seed = "7105", shrinking = ShrinkingMode.OFF)
  void anyBytesAreReadOrRefused(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 3) int format) {
    String name = List.of("t.csv", "t.libsvm", "t.parquet", "t.txt").get(format);
    read(file(name, bytes));
  }

  @Property(tries = 4, seed = "7106", shrinking = ShrinkingMode.OFF)
  void parquetIsReadOrRefused(@ForAll long seed) {
    read(file("t.parquet", Mutations.of(ParquetSample.BYTES, seed)));
  }

  /** Written once. */
  private static final class ParquetSample {
    static final byte[] BYTES = bytes();

    private static byte[] bytes() {
      try {
        Path out = Files.createTempDirectory("fuzz").resolve("rows");
        SPARK
            .range(0, 10, 1, 1)
            .selectExpr("id * 0.5 as x", "cast(id % 2 as string) as label")
            .write()
            .parquet(out.toString());
        try (Stream<Path> files = Files.list(out)) {
          Path part = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().get();
          return Files.readAllBytes(part);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Property(tries = 2_000, seed = "7107")
  void everyTextHasCells(@ForAll String text) {
    CsvLine line = new CsvLine(CsvDialect.PLAIN);
    String[] cells = line.split(text);
    assertTrue(cells.length >= 1);
    for (String cell : cells) {
      if (Numbers.isNumber(cell)) {
        Numbers.parse(cell);
      }
      Numbers.canonical(cell);
    }
    String quoted = '"' + text.replace("\"", "\"\"") + '"';
    assertArrayEquals(new String[] {text, "next"}, line.split(quoted + ",next"));
    LibsvmReader.looksLike(text);
  }

  /** A header that promises rows of 2 GB, in a file of 20 bytes. */
  @Example
  void aHeaderAloneTakesNoMemory() throws IOException {
    byte[] huge = TestFiles.idx(4, 2_000_000_000, 46_340, 46_340);
    file("t-labels.idx1-ubyte", TestFiles.idx(6, 2_000_000_000));
    String sentence =
        read(
            file("t-images.idx3-ubyte", huge)
                .withLabels(folder.resolve("t-labels.idx1-ubyte").toString()));
    assertTrue(sentence.contains("ends within row 0 of 2147395600 bytes"), sentence);
  }

  /** One index that is wrong would make every vector on the driver as long. */
  @Example
  void anIndexAloneTakesNoMemory() {
    String sentence = read(file("t.libsvm", "0 1:1\n1 2147483647:1\n".getBytes(UTF_8)));
    assertTrue(
        sentence.contains("has 2,147,483,647 features (row 1), for which the driver needs 131,071"),
        sentence);
  }

  /** One quote too many, in a file of many lines: it took the square of their number. */
  @Example
  void aQuoteThatIsNeverClosedTakesOneScan() {
    String text = "x,label\n\"1,a\n" + "2,b\n".repeat(200_000);
    long start = System.nanoTime();
    String sentence = read(file("t.csv", text.getBytes(UTF_8)));
    assertTrue(sentence.contains("a quote is not closed within 100 lines"), sentence);
    assertTrue(System.nanoTime() - start < 60e9, "in time that grows with the file, no faster");
  }

  /** A row of many entries is no reason for a stack to overflow. */
  @Example
  void aLongRowIsARow() {
    StringBuilder row = new StringBuilder("1");
    for (int j = 1; j <= 50_000; j++) {
      row.append(' ').append(j).append(":1");
    }
    assertTrue(LibsvmReader.looksLike(row.toString()));
    assertFalse(LibsvmReader.looksLike(row.append(" x").toString()));
    byte[] bytes = (row + "\n").getBytes(UTF_8);
    assertTrue(read(file("t.csv", bytes)) != null);
  }
}

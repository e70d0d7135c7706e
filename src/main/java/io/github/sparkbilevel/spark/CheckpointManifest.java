package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.spark.CheckpointFiles.TornException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What a checkpoint is of, and the files that make it: the one written last.
 *
 * <p>Text, a line for each thing: a word, and behind a space what it says. The last line has the
 * checksum of all that stands before it, in every version of the format.
 *
 * @param state where the loop was
 * @param version of the program that wrote it
 * @param configuration every setting that the result depends on, by its name
 * @param data the rows
 * @param parts what is kept of each generation, in the order of the numbers of its files
 * @param names the names of the generations, likewise
 * @param files each file with its length and checksum
 */
record CheckpointManifest(
    State state,
    String version,
    Map<String, String> configuration,
    DataFingerprint data,
    List<Snapshot.Part> parts,
    List<String> names,
    List<FileSum> files) {
  static final int FORMAT = 4;
  private static final String FIRST = "spark-bilevel-checkpoint";
  private static final String LAST = "checksum";

  /**
   * Where the loop was.
   *
   * @param iteration outer iterations that were done
   * @param spent of what {@code budget} limits
   * @param budget the most iterations of the run, or evaluations of Φ
   * @param ended whether the loop had ended
   */
  record State(int iteration, int spent, int budget, boolean ended) {}

  /** A file. */
  record FileSum(String name, long length, long checksum) implements Serializable {}

  /** The bytes of the file. */
  byte[] bytes() {
    StringBuilder text = new StringBuilder();
    line(text, FIRST, FORMAT);
    line(text, "version", escaped(version));
    line(text, "iteration", state.iteration());
    line(text, "spent", state.spent());
    line(text, "budget", state.budget());
    line(text, "ended", state.ended());
    line(text, "train", data.train());
    line(text, "trusted", data.trusted());
    line(text, "test", data.test());
    line(text, "partitions", data.partitions());
    line(text, "hash", data.hash());
    new TreeMap<>(configuration)
        .forEach((key, value) -> line(text, "set", escaped(key) + " = " + escaped(value)));
    for (int i = 0; i < names.size(); i++) {
      line(text, "rows", parts.get(i) + " " + escaped(names.get(i)));
    }
    for (FileSum file : files) {
      line(text, "file", file.length() + " " + file.checksum() + " " + file.name());
    }
    line(text, LAST, checksum(text.toString().getBytes(StandardCharsets.UTF_8)));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void line(StringBuilder text, String word, Object rest) {
    text.append(word).append(' ').append(rest).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        plain.append(next == 'n' ? '\n' : next == 'r' ? '\r' : next);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  static long checksum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return sum.getValue();
  }

  /** Raised for a manifest that is whole, but of another format. */
  static final class OtherFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    OtherFormatException(String format) {
      super(format);
    }
  }

  /**
   * Reads the bytes of a manifest.
   *
   * @throws TornException when they are not what was written
   */
  static CheckpointManifest read(byte[] bytes) throws TornException, OtherFormatException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int last = text.lastIndexOf(LAST + " ");
    if (!text.startsWith(FIRST + " ") || last < 0 || !text.endsWith("\n")) {
      throw new TornException("the manifest is not whole");
    }
    byte[] before = text.substring(0, last).getBytes(StandardCharsets.UTF_8);
    String sum = text.substring(last + LAST.length() + 1, text.length() - 1);
    if (!sum.equals(Long.toString(checksum(before)))) {
      throw new TornException("the checksum of the manifest is wrong");
    }
    List<String> lines = text.substring(0, last).lines().toList();
    String format = lines.get(0).substring(FIRST.length() + 1);
    if (!format.equals(Integer.toString(FORMAT))) {
      throw new OtherFormatException(format);
    }
    CheckpointManifest manifest;
    try {
      manifest = parse(lines);
    } catch (RuntimeException e) {
      throw new TornException("the manifest cannot be read: " + e.getMessage());
    }
    requireFiles(manifest.files);
    return manifest;
  }

  /** The driver's file first, and no path out of the folder. */
  private static void requireFiles(List<FileSum> files) throws TornException {
    if (files.isEmpty() || !files.get(0).name().equals(CheckpointFiles.DRIVER)) {
      throw new TornException("the manifest has no file " + CheckpointFiles.DRIVER);
    }
    for (FileSum file : files) {
      if (!CheckpointFiles.isOurs(file.name())) {
        throw new TornException("the manifest has a file of another name");
      }
    }
  }

  private static CheckpointManifest parse(List<String> lines) {
    Map<String, String> single = new LinkedHashMap<>();
    Map<String, String> configuration = new TreeMap<>();
    List<Snapshot.Part> parts = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<FileSum> files = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case "set" -> {
          String[] pair = words[1].split(" = ", 2);
          configuration.put(unescaped(pair[0]), unescaped(pair[1]));
        }
        case "rows" -> {
          String[] pair = words[1].split(" ", 2);
          parts.add(Snapshot.Part.valueOf(pair[0].toUpperCase(Locale.ROOT)));
          names.add(unescaped(pair[1]));
        }
        case "file" -> {
          String[] file = words[1].split(" ", 3);
          files.add(new FileSum(file[2], Long.parseLong(file[0]), Long.parseLong(file[1])));
        }
        default -> single.put(words[0], words[1]);
      }
    }
    return new CheckpointManifest(
        new State(
            integer(single, "iteration"),
            integer(single, "spent"),
            integer(single, "budget"),
            Boolean.parseBoolean(single.get("ended"))),
        unescaped(single.get("version")),
        configuration,
        new DataFingerprint(
            Long.parseLong(single.get("train")),
            Long.parseLong(single.get("trusted")),
            Long.parseLong(single.get("test")),
            integer(single, "partitions"),
            Long.parseLong(single.get("hash"))),
        parts,
        names,
        files);
  }

  private static int integer(Map<String, String> values, String name) {
    return Integer.parseInt(values.get(name));
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.List;
import java.util.Locale;

/** Which format a file has: by its extension, and checked against its first bytes. */
final class Formats {
  static final List<String> ALL = TableSpec.OWN_FORMATS;

  private Formats() {}

  /** The format of the files, never {@code auto}; an error when the content is of another one. */
  static String resolve(String role, TableSpec spec, DataFiles files) {
    String format = spec.format().toLowerCase(Locale.ROOT);
    byte[] raw = files.rawHead();
    checkCompression(files, raw);
    if (format.equals("auto")) {
      format = byName(role, spec, files);
    }
    byte[] head = format.equals("parquet") ? raw : files.head();
    if (head.length == 0) {
      throw new DataException(
          files.origin() + " is empty once decompressed, expected at least one row");
    }
    String found =
        format.equals("parquet") || format.equals("idx") ? magic(head) : foreign(head, spec);
    if (found == null && (format.equals("parquet") || format.equals("idx"))) {
      found = looksLikeText(head) ? "text" : "of an unknown kind";
    }
    if (found != null && !found.equals(format)) {
      throw new DataException(
          files.origin()
              + " is "
              + found
              + " by its first bytes, expected "
              + format
              + "; set data."
              + role
              + ".format to what the file holds or correct its extension");
    }
    return format;
  }

  private static void checkCompression(DataFiles files, byte[] raw) {
    String name = files.firstName();
    String said = name.endsWith(".gz") ? "gzip" : name.endsWith(".bz2") ? "bzip2" : null;
    String found =
        startsWith(raw, 0x1f, 0x8b)
            ? "gzip"
            : startsWith(raw, 'B', 'Z', 'h') && raw.length > 3 && Character.isDigit(raw[3])
                ? "bzip2"
                : null;
    if (said != null && !said.equals(found)) {
      throw new DataException(
          files.origin()
              + " ends in "
              + name.substring(name.lastIndexOf('.'))
              + " but does not begin as a "
              + said
              + " file; is it compressed at all, or cut off?");
    }
    if (said == null && found != null) {
      throw new DataException(
          files.origin()
              + " is a "
              + found
              + " file by its first bytes, expected its name to end in "
              + (found.equals("gzip") ? ".gz" : ".bz2")
              + "; rename it");
    }
  }

  /** The format that the extension of a file tells, or null. */
  static String byExtension(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT).replaceAll("\\.(gz|bz2)$", "");
    if (name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".tab")) {
      return "csv";
    }
    if (name.endsWith(".libsvm") || name.endsWith(".svm") || name.endsWith(".svmlight")) {
      return "libsvm";
    }
    if (name.endsWith(".parquet") || name.endsWith(".parq")) {
      return "parquet";
    }
    if (name.endsWith("-ubyte")
        || name.endsWith(".idx")
        || name.matches(".*[.-]idx[1-4]([.-].*)?")) {
      return "idx";
    }
    return null;
  }

  private static String byName(String role, TableSpec spec, DataFiles files) {
    String known = byExtension(files.firstName());
    if (known != null) {
      return known;
    }
    String name = files.firstName().replaceAll("\\.(gz|bz2)$", "");
    if (name.endsWith(".txt") || name.startsWith("part-")) {
      String sniffed = sniff(files.head(), spec);
      if (sniffed != null) {
        return sniffed;
      }
    }
    throw new DataException(
        "data."
            + role
            + ".format is auto and the name '"
            + files.paths().get(0).getName()
            + "' does not tell the format, expected .csv, .libsvm, .svm, .parquet or -ubyte (with "
            + ".gz or .bz2); set data."
            + role
            + ".format");
  }

  /** The text format that the first line shows, or null. */
  private static String sniff(byte[] head, TableSpec spec) {
    String text = new String(head, TextEncoding.of(head, spec.options()));
    int end = text.indexOf('\n');
    String line = TextEncoding.withoutMark(end < 0 ? text : text.substring(0, end)).trim();
    int space = line.lastIndexOf(' ');
    // The head may cut the last entry off.
    if (LibsvmReader.looksLike(end < 0 && space > 0 ? line.substring(0, space) : line)) {
      return "libsvm";
    }
    Character sep = spec.options().character(TextOptions.SEP);
    boolean splits = sep != null ? line.indexOf(sep) > 0 : line.matches(".+[,;\t|].*");
    return splits || line.startsWith("#") && text.indexOf(',') > 0 ? "csv" : null;
  }

  /** The binary format that the first bytes show, or null. */
  static String magic(byte[] head) {
    // PARE begins a file whose footer is encrypted.
    if (startsWith(head, 'P', 'A', 'R', '1') || startsWith(head, 'P', 'A', 'R', 'E')) {
      return "parquet";
    }
    if (startsWith(head, 'P', 'K', 3, 4)) {
      return "zip";
    }
    if (startsWith(head, 'O', 'R', 'C')) {
      return "orc";
    }
    boolean idx =
        startsWith(head, 0, 0)
            && head.length > 3
            && head[2] >= 8
            && head[2] <= 14
            && head[3] >= 1
            && head[3] <= 8;
    return idx ? "idx" : null;
  }

  /** What the first bytes show that are no text; null for text. */
  private static String foreign(byte[] head, TableSpec spec) {
    boolean wide =
        TextEncoding.wide(head) != null || spec.options().text(TextOptions.ENCODING) != null;
    String known = magic(head);
    if (known != null || wide) {
      return known;
    }
    for (byte b : head) {
      if (b == 0) {
        return "binary";
      }
    }
    return null;
  }

  private static boolean looksLikeText(byte[] head) {
    for (byte b : head) {
      if (b >= 0 && b < 9) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}

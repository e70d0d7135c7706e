package io.github.sparkbilevel.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vectors;

/**
 * Reads libsvm files: a numeric label, then {@code index:value} with rising indices from 1.
 *
 * <p>Comments after {@code #} and {@code qid:} entries are skipped. A row's vector is as wide as
 * its last index; the table widens it.
 */
final class LibsvmReader {
  private static final Pattern LABEL = Pattern.compile("[+-]?[0-9.]+([eE][+-]?[0-9]+)?");
  private static final Pattern ENTRY = Pattern.compile("(qid|[0-9]+):\\S+");

  private LibsvmReader() {}

  static Parsed read(JavaSparkContext sc, TableSpec spec, DataFiles files) {
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    JavaRDD<ParsedRow> rows =
        TextRecords.all(sc, files, TextEncoding.of(files.head(512), spec.options()))
            .lines(null).map(TextRecord::text)
            .mapPartitionsWithIndex((source, lines) -> parse(source, lines, limit), true);
    return new Parsed(rows, null, List.of(), false, true, List.of());
  }

  /** Whether a line is a libsvm row with at least one entry. */
  static boolean looksLike(String line) {
    int comment = line.indexOf('#');
    // Word by word: one pattern for all of a long row would use up the stack.
    StringTokenizer words =
        new StringTokenizer(comment < 0 ? line : line.substring(0, comment), " \t\r\n");
    if (words.countTokens() < 2 || !LABEL.matcher(words.nextToken()).matches()) {
      return false;
    }
    while (words.hasMoreTokens()) {
      if (!ENTRY.matcher(words.nextToken()).matches()) {
        return false;
      }
    }
    return true;
  }

  static Iterator<ParsedRow> parse(int source, Iterator<String> lines, long limit) {
    Row row = new Row();
    return new RowIterator<>(lines, limit, (local, line) -> row.parse(source, local, line));
  }

  /** The parser of one partition, with buffers it uses again. */
  private static final class Row {
    private int[] indices = new int[256];
    private double[] values = new double[256];

    ParsedRow parse(int source, long local, String text) {
      int hash = text.indexOf('#');
      String line = TextEncoding.withoutMark(hash < 0 ? text : text.substring(0, hash)).strip();
      if (line.isEmpty()) {
        return null;
      }
      int end = tokenEnd(line, 0);
      String label = line.substring(0, end);
      if (!Numbers.isFinite(label)) {
        return ParsedRow.bad(
            source,
            local,
            "the line begins with "
                + Names.quote(label)
                + ", expected a numeric label and index:value entries; is the format libsvm?");
      }
      int n = 0;
      int last = 0;
      while (end < line.length()) {
        int from = end;
        while (from < line.length() && line.charAt(from) <= ' ') {
          from++;
        }
        end = tokenEnd(line, from);
        int colon = line.indexOf(':', from);
        String wrong = null;
        if (colon < 0 || colon >= end) {
          wrong = "expected index:value";
        } else if (line.startsWith("qid:", from)) {
          continue;
        } else {
          int index = index(line, from, colon);
          String value = line.substring(colon + 1, end);
          if (index < 1) {
            wrong = "expected an index from 1 to 2147483647";
          } else if (index <= last) {
            wrong = "expected an index above " + last + ", for indices rise within a row";
          } else if (!Numbers.isNumber(value)) {
            wrong = "expected a number after the colon";
          } else {
            last = index;
            double v = Numbers.parse(value);
            if (!Double.isFinite(v)) {
              wrong = "expected a finite number";
            } else if (v != 0) {
              n = add(n, index - 1, v);
            }
          }
        }
        if (wrong != null) {
          return ParsedRow.bad(
              source,
              local,
              "found "
                  + Names.quote(line.substring(from, end))
                  + ", "
                  + wrong
                  + "; correct the line");
        }
      }
      return ParsedRow.good(
          source,
          local,
          Numbers.canonical(Numbers.parse(label)),
          Vectors.sparse(last, Arrays.copyOf(indices, n), Arrays.copyOf(values, n)));
    }

    private int add(int n, int index, double value) {
      if (n == indices.length) {
        indices = Arrays.copyOf(indices, 2 * n);
        values = Arrays.copyOf(values, 2 * n);
      }
      indices[n] = index;
      values[n] = value;
      return n + 1;
    }

    private static int tokenEnd(String line, int from) {
      int i = from;
      while (i < line.length() && line.charAt(i) > ' ') {
        i++;
      }
      return i;
    }

    /** The index, or −1 when it is not one. */
    private static int index(String line, int from, int to) {
      if (to == from || to - from > 10) {
        return -1;
      }
      long value = 0;
      for (int i = from; i < to; i++) {
        char c = line.charAt(i);
        if (c < '0' || c > '9') {
          return -1;
        }
        value = value * 10 + (c - '0');
      }
      return value > Integer.MAX_VALUE ? -1 : (int) value;
    }
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/**
 * Reads libsvm files: a numeric label, then {@code index:value} with indices from 1 or from 0.
 *
 * <p>Comments after {@code #} and {@code qid:} entries are skipped. A row's vector is as wide as
 * its last index; the table widens it.
 */
final class LibsvmReader {
  private static final Pattern LABEL = Pattern.compile("[+-]?[0-9.]+([eE][+-]?[0-9]+)?");
  private static final Pattern ENTRY = Pattern.compile("(qid|[0-9]+):\\S+");

  private LibsvmReader() {}

  static Parsed read(
      JavaSparkContext sc, String role, TableSpec spec, DataFiles files, Table reference) {
    Charset charset = TextEncoding.of(files.head(), spec.options());
    JavaRDD<TextRecord> lines = TextRecords.all(sc, files, charset).anyLines();
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    boolean beside = reference != null && reference.indexBase() != null;
    int width = beside ? reference.columns() : Integer.MAX_VALUE;
    LibsvmScan scan = Tasks.run(files.origin(), () -> LibsvmScan.of(lines, width, limit));
    IndexBase base = IndexBase.of(role, spec, scan, reference);
    List<Notice> notices = new ArrayList<>(base.notices());
    if (!charset.equals(StandardCharsets.UTF_8)) {
      notices.add(
          Notice.of(
              Notice.Code.TEXT_DIALECT, files.origin() + ": the encoding is " + charset.name()));
    }
    if (beside) {
      tellUnseen(spec, scan.unseen(base.base()), reference, notices);
    }
    Integer features = beside ? null : spec.options().number(TextOptions.NUM_FEATURES);
    Layout layout =
        new Layout(base.base(), features, beside ? Integer.valueOf(width) : null, limit);
    JavaRDD<ParsedRow> rows =
        lines
            .map(TextRecord::text)
            .mapPartitionsWithIndex((source, texts) -> parse(source, texts, layout), true);
    return new Parsed(
        rows,
        null,
        List.of(),
        false,
        true,
        List.copyOf(notices),
        Integer.valueOf(base.base()),
        List.of());
  }

  private static void tellUnseen(
      TableSpec spec, List<Integer> unseen, Table train, List<Notice> notices) {
    if (!unseen.isEmpty()) {
      List<String> names = unseen.stream().map(String::valueOf).toList();
      notices.add(
          new Notice(
              Notice.Code.FEATURES_UNSEEN,
              spec.path()
                  + ": left out the features that no row of "
                  + train.origin()
                  + " has, for which nothing can be learned: index "
                  + Names.shortList(names),
              unseen.size()));
    }
  }

  /**
   * How to understand indices.
   *
   * @param base the first index, 0 or 1
   * @param features the number of features, beyond which an index is wrong, or null
   * @param known the number of features, beyond which entries are left out, or null
   * @param limit how many rows to read
   */
  record Layout(int base, Integer features, Integer known, long limit) implements Serializable {
    /** The layout of a file on its own. */
    static final Layout PLAIN = new Layout(1, null, null, Long.MAX_VALUE);
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

  static Iterator<ParsedRow> parse(int source, Iterator<String> lines, Layout layout) {
    Row row = new Row(layout);
    return new RowIterator<>(
        lines, layout.limit(), (local, line) -> row.parse(source, local, line));
  }

  /** The row of a line, empty where there is none. */
  static String withoutComment(String text) {
    int hash = text.indexOf('#');
    return TextEncoding.withoutMark(hash < 0 ? text : text.substring(0, hash)).strip();
  }

  static int tokenStart(String line, int from) {
    int i = from;
    while (i < line.length() && line.charAt(i) <= ' ') {
      i++;
    }
    return i;
  }

  static int tokenEnd(String line, int from) {
    int i = from;
    while (i < line.length() && line.charAt(i) > ' ') {
      i++;
    }
    return i;
  }

  /** The index in front of a colon, or −1 when there is none. */
  static int index(String line, int from, int colon) {
    if (colon <= from || colon - from > 10) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < colon; i++) {
      char c = line.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value > Integer.MAX_VALUE ? -1 : (int) value;
  }

  /** The parser of one partition, with buffers it uses again. */
  private static final class Row {
    private final Layout layout;
    private int[] indices = new int[256];
    private double[] values = new double[256];
    private int n;
    private boolean rising;
    private int greatest;

    Row(Layout layout) {
      this.layout = layout;
    }

    ParsedRow parse(int source, long local, String text) {
      String line = withoutComment(text);
      if (line.isEmpty()) {
        return null;
      }
      int end = tokenEnd(line, 0);
      String label = line.substring(0, end);
      if (MissingValues.DEFAULT.contains(label)) {
        return ParsedRow.unlabelled(source, local, label);
      }
      if (!Numbers.isFinite(label)) {
        return ParsedRow.bad(
            source,
            local,
            "the line begins with "
                + Names.quote(label)
                + ", expected a numeric label and index:value entries; is the format libsvm?");
      }
      n = 0;
      rising = true;
      greatest = -1;
      String wrong = null;
      while (wrong == null && end < line.length()) {
        int from = tokenStart(line, end);
        end = tokenEnd(line, from);
        wrong = line.startsWith("qid:", from) ? null : read(line, from, end);
        wrong = wrong == null ? null : "found " + Names.quote(line.substring(from, end)) + wrong;
      }
      wrong = wrong == null && !rising ? sort() : wrong;
      return wrong == null
          ? ParsedRow.good(source, local, Numbers.canonical(Numbers.parse(label)), vector())
          : ParsedRow.bad(source, local, wrong + "; correct the line");
    }

    /** Reads an entry; returns what is wrong with it, or null. */
    private String read(String line, int from, int end) {
      int colon = line.indexOf(':', from);
      if (colon < 0 || colon >= end) {
        return ", expected index:value";
      }
      int index = index(line, from, colon);
      if (index < 0 || index < layout.base() && layout.known() == null) {
        return ", expected an index from " + layout.base() + " to 2147483647";
      }
      int column = index - layout.base();
      if (layout.features() != null && column >= layout.features()) {
        return ", expected an index below "
            + (layout.features() + layout.base())
            + " for options.numFeatures = "
            + layout.features();
      }
      String text = line.substring(colon + 1, end);
      double value = Numbers.isNumber(text) ? Numbers.parse(text) : Double.NaN;
      if (!Double.isFinite(value)) {
        return Numbers.isNumber(text)
            ? ", expected a finite number"
            : ", expected a number after the colon";
      }
      boolean known = layout.known() == null || column >= 0 && column < layout.known();
      if (known) {
        add(column, value);
      }
      return null;
    }

    private void add(int column, double value) {
      if (n == indices.length) {
        indices = Arrays.copyOf(indices, 2 * n);
        values = Arrays.copyOf(values, 2 * n);
      }
      rising &= column > greatest;
      greatest = Math.max(greatest, column);
      indices[n] = column;
      values[n] = value;
      n++;
    }

    /** Brings the entries in order; returns what is wrong where two have the same index. */
    private String sort() {
      Integer[] order = new Integer[n];
      Arrays.setAll(order, k -> k);
      Arrays.sort(order, Comparator.comparingInt(k -> indices[k]));
      int[] sorted = new int[n];
      double[] moved = new double[n];
      for (int k = 0; k < n; k++) {
        sorted[k] = indices[order[k]];
        moved[k] = values[order[k]];
        if (k > 0 && sorted[k] == sorted[k - 1]) {
          return "found index " + (sorted[k] + layout.base()) + " twice, expected it once";
        }
      }
      System.arraycopy(sorted, 0, indices, 0, n);
      System.arraycopy(moved, 0, values, 0, n);
      return null;
    }

    private int size() {
      Integer fixed = layout.known() != null ? layout.known() : layout.features();
      return fixed != null ? fixed : greatest + 1;
    }

    /** The entries that are not 0. */
    private Vector vector() {
      int kept = 0;
      int[] columns = new int[n];
      double[] entries = new double[n];
      for (int k = 0; k < n; k++) {
        if (values[k] != 0) {
          columns[kept] = indices[k];
          entries[kept++] = values[k];
        }
      }
      return Vectors.sparse(size(), Arrays.copyOf(columns, kept), Arrays.copyOf(entries, kept));
    }
  }
}

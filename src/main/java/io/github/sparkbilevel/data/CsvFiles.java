package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.SerializableWritable;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * CSV files whose dialect and header are known.
 *
 * @param records their rows
 * @param dialect how to split them; how quotes are escaped may still turn out to be another way
 * @param header the names of the columns
 * @param told what is unusual about the text, in words
 */
record CsvFiles(TextRecords records, CsvDialect dialect, List<String> header, List<String> told) {
  private static final int HEAD = 4096;

  /** The files, after a look at the first lines of each. */
  static CsvFiles open(JavaSparkContext sc, String role, TableSpec spec, DataFiles files) {
    TextOptions options = spec.options();
    Charset charset = TextEncoding.of(files.head(HEAD), options);
    String first = files.paths().get(0).toString();
    try {
      CsvGuess guess;
      try (TextLines lines = new TextLines(files.conf(), new Path(first), charset)) {
        guess = CsvGuess.of(lines, options, spec.label(), CsvGuess.SAMPLE);
      }
      if (guess.sample().isEmpty()) {
        throw new DataException(
            files.origin() + " has only blank lines, expected a header row and rows below it");
      }
      CsvDialect dialect = dialect(role, spec, files, guess);
      Header header = header(new Look(files.conf(), charset, dialect, spec), first, guess);
      if (header.wrong != null) {
        throw new DataException(
            files.origin()
                + ": "
                + header.wrong
                + "; "
                + header.fault.advice("data." + role + ".options"));
      }
      Look look = new Look(files.conf(), charset, header.dialect, spec);
      List<TextStart> starts = new ArrayList<>(List.of(header.start));
      starts.addAll(later(sc, files, look, header.names));
      return new CsvFiles(
          new TextRecords(sc, files, charset, starts),
          header.dialect,
          header.names,
          told(charset, options, header.dialect, guess));
    } catch (IOException | UncheckedIOException e) {
      throw files.unreadable(
          files.paths().get(0),
          e instanceof UncheckedIOException u ? u.getCause() : (IOException) e);
    }
  }

  private static CsvDialect dialect(String role, TableSpec spec, DataFiles files, CsvGuess guess) {
    TextOptions options = spec.options();
    CsvDialect dialect = CsvDialect.of(options);
    if (options.character(TextOptions.SEP) == null) {
      Character sep = guess.separator(dialect, spec.label());
      String line = guess.sample().get(0);
      if (LibsvmReader.looksLike(line)) {
        throw new DataException(
            files.origin()
                + " begins with "
                + Names.quote(line)
                + ", which is libsvm and not csv with a header row; set format = libsvm");
      }
      if (sep == null && !line.trim().equals(spec.label()) && guess.sample().size() > 1) {
        throw new DataException(
            files.origin()
                + " has one column, "
                + Names.quote(line)
                + ", if its lines are split at a comma, semicolon, tab or bar, expected a column '"
                + spec.label()
                + "' and features; set data."
                + role
                + ".options.sep to the character between the cells");
      }
      dialect = sep == null ? dialect : dialect.withSep(sep);
    }
    if (dialect.sep() == dialect.quote() || dialect.sep() == dialect.escape()) {
      throw new IllegalArgumentException(
          "data."
              + role
              + ".options has "
              + CsvDialect.name(dialect.sep())
              + " for the separator and for quotes, expected different characters; correct one");
    }
    return options.character(TextOptions.DECIMAL) == null
        ? dialect.withDecimal(guess.decimal(dialect))
        : dialect;
  }

  private static List<String> told(
      Charset charset, TextOptions options, CsvDialect dialect, CsvGuess guess) {
    List<String> told = new ArrayList<>();
    if (!charset.equals(StandardCharsets.UTF_8)) {
      told.add("the encoding is " + charset.name());
    }
    if (dialect.sep() != ',') {
      told.add("the separator is " + CsvDialect.name(dialect.sep()));
    }
    if (guess.said() != null) {
      told.add("the first line, sep=" + guess.said() + ", names the separator and is no header");
    }
    if (dialect.decimal() != '.') {
      told.add("the decimal mark is '" + dialect.decimal() + "'");
    }
    if (dialect.quote() != '"') {
      told.add("the quote is " + dialect.quote());
    }
    if (guess.comments() > 0) {
      told.add(
          guess.comments() == 1
              ? "a comment in front of the header is skipped"
              : guess.comments() + " comments in front of the header are skipped");
    }
    if (options.character(TextOptions.COMMENT) != null) {
      told.add("lines that begin with " + dialect.comment() + " are skipped");
    }
    return told;
  }

  /** How to look at the beginning of a file, here or on another machine. */
  private static final class Look implements Serializable {
    private static final long serialVersionUID = 1L;
    private final SerializableWritable<Configuration> conf;
    private final String charset;
    private final CsvDialect dialect;
    private final TextOptions options;
    private final String label;

    Look(Configuration conf, Charset charset, CsvDialect dialect, TableSpec spec) {
      this.conf = new SerializableWritable<>(conf);
      this.charset = charset.name();
      this.dialect = dialect;
      this.options = spec.options();
      this.label = spec.label();
    }

    TextLines lines(String path) throws IOException {
      return new TextLines(conf.value(), new Path(path), Charset.forName(charset));
    }

    CsvGuess guess(String path) throws IOException {
      try (TextLines lines = lines(path)) {
        return CsvGuess.of(lines, options, label, 1);
      }
    }
  }

  /** The first record of a file. */
  private static final class Header implements Serializable {
    private static final long serialVersionUID = 1L;
    private final ArrayList<String> names = new ArrayList<>();
    private CsvDialect dialect;
    private TextStart start;

    /** The same file if its first record is a row. */
    private TextStart startOfRows;

    private String wrong;
    private TextFault fault;

    private void fail(TextFault why, String what) {
      fault = why;
      wrong = what;
    }
  }

  private static Header header(Look look, String path, CsvGuess guess) throws IOException {
    Header header = header(look, look.dialect, path, guess.lines());
    boolean mayEscape =
        header.wrong != null
            && look.dialect.doublesQuotes()
            && look.options.character(TextOptions.ESCAPE) == null;
    if (mayEscape) {
      Header other = header(look, look.dialect.withEscape('\\'), path, guess.lines());
      return other.wrong == null ? other : header;
    }
    return header;
  }

  private static Header header(Look look, CsvDialect dialect, String path, long before)
      throws IOException {
    Header header = new Header();
    header.dialect = dialect;
    try (TextLines lines = look.lines(path)) {
      while (lines.lines() < before) {
        lines.next();
      }
      Path file = new Path(path);
      boolean counts = new CompressionCodecFactory(look.conf.value()).getCodec(file) == null;
      header.startOfRows = new TextStart(path, before, counts ? lines.position() : 0, null);
      TextRecord record = TextRecords.next(lines, path, dialect);
      if (record == null) {
        header.start = header.startOfRows;
        return header;
      }
      header.start = new TextStart(path, lines.lines(), counts ? lines.position() : 0, null);
      CsvLine line = new CsvLine(dialect);
      header.names.addAll(Arrays.asList(line.split(record.text())));
      if (record.fault() != null) {
        header.fail(record.fault(), "the header cannot be read: " + Names.quote(record.text()));
      } else if (line.isOpen()) {
        header.fail(
            TextFault.OPEN, "the header has a quote that is never closed, expected \"name\"");
      } else if (line.behind() != null) {
        header.fail(
            TextFault.BEHIND_QUOTE,
            "the header has " + Names.quote(line.behind()) + " behind a closing quote");
      }
    }
    return header;
  }

  /** Where the rows of the other files begin and how their columns lie, by one Spark job. */
  private static List<TextStart> later(
      JavaSparkContext sc, DataFiles files, Look look, List<String> names) {
    List<String> paths = new ArrayList<>();
    files.paths().subList(1, files.paths().size()).forEach(path -> paths.add(path.toString()));
    if (paths.isEmpty()) {
      return List.of();
    }
    String first = files.paths().get(0).getName();
    int tasks = Math.min(paths.size(), sc.defaultParallelism());
    List<Header> headers =
        Tasks.run(
            files.origin(),
            () ->
                sc.parallelize(paths, tasks)
                    .map(path -> header(look, path, look.guess(path)))
                    .collect());
    List<TextStart> starts = new ArrayList<>();
    for (Header header : headers) {
      starts.add(start(header, names, files, first));
    }
    return starts;
  }

  private static TextStart start(Header header, List<String> names, DataFiles files, String first) {
    if (header.names.isEmpty() || header.names.equals(names)) {
      return header.start;
    }
    Set<String> own = new HashSet<>(header.names);
    if (own.size() == header.names.size() && own.equals(new HashSet<>(names))) {
      int[] order = names.stream().mapToInt(header.names::indexOf).toArray();
      return new TextStart(header.start.path(), header.start.lines(), header.start.bytes(), order);
    }
    if (!isHeader(header.names, names)) {
      // A first line that is not a header is a row: the reader says what is wrong with it.
      return header.startOfRows;
    }
    List<String> missing = new ArrayList<>(names);
    missing.removeAll(own);
    List<String> extra = new ArrayList<>(header.names);
    extra.removeAll(names);
    throw new DataException(
        files.origin()
            + ": the header of "
            + header.start.name()
            + " has other columns than that of "
            + first
            + (missing.isEmpty() ? "" : "; it lacks " + Names.shortList(missing))
            + (extra.isEmpty() ? "" : "; only it has " + Names.shortList(extra))
            + "; expected the same columns in every file, in any order");
  }

  /** Whether cells are names of columns and not a row: half of the names and no more numbers. */
  private static boolean isHeader(List<String> cells, List<String> names) {
    long shared = cells.stream().distinct().filter(names::contains).count();
    long numbers = cells.stream().filter(Numbers::isNumber).count();
    long numbersOfNames = names.stream().filter(Numbers::isNumber).count();
    return 2 * shared >= Math.min(cells.size(), names.size()) && numbers <= numbersOfNames;
  }
}

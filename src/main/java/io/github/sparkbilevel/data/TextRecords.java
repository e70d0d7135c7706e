package io.github.sparkbilevel.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.SerializableWritable;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/**
 * The records of text files in file order: partitions follow the sorted files and, within a file,
 * the order of its splits, which Spark's own file sources do not promise.
 */
final class TextRecords {
  private final JavaSparkContext sc;
  private final DataFiles files;
  private final Charset charset;

  /** What stands in front of the rows, for each file in order. */
  private final List<TextStart> starts;

  TextRecords(JavaSparkContext sc, DataFiles files, Charset charset, List<TextStart> starts) {
    this.sc = sc;
    this.files = files;
    this.charset = charset;
    this.starts = List.copyOf(starts);
  }

  /** The records of files that have nothing in front of their rows. */
  static TextRecords all(JavaSparkContext sc, DataFiles files, Charset charset) {
    List<TextStart> starts = new ArrayList<>();
    files.paths().forEach(path -> starts.add(TextStart.none(path.toString())));
    return new TextRecords(sc, files, charset, starts);
  }

  /** Whether records that are lines can be read from the middle of a file on. */
  boolean canSplit() {
    return TextEncoding.hasPlainLines(charset);
  }

  /** Lines that are not blank, read in the way that the encoding allows. */
  JavaRDD<TextRecord> anyLines() {
    return canSplit() ? lines(CsvDialect.UNQUOTED) : records(CsvDialect.UNQUOTED);
  }

  /** Lines that are not blank and no comments, split wherever Hadoop can split the file. */
  JavaRDD<TextRecord> lines(CsvDialect dialect) {
    JobConf job = new JobConf(files.conf());
    Path[] escaped = files.paths().stream().map(Globs::literal).toArray(Path[]::new);
    FileInputFormat.setInputPaths(job, escaped);
    JavaHadoopRDD<LongWritable, Text> lines =
        (JavaHadoopRDD<LongWritable, Text>)
            sc.hadoopRDD(
                job,
                TextInputFormat.class,
                LongWritable.class,
                Text.class,
                sc.defaultMinPartitions());
    HashMap<String, TextStart> byPath = new HashMap<>();
    starts.forEach(start -> byPath.put(start.path(), start));
    String name = charset.name();
    return lines.mapPartitionsWithInputSplit(
        (split, rows) -> new LineIterator(rows, start(byPath, split), name, dialect), true);
  }

  private static TextStart start(Map<String, TextStart> byPath, Object split) {
    FileSplit file = (FileSplit) split;
    String path = file.getPath().toString();
    TextStart start = byPath.getOrDefault(path, TextStart.none(path));
    // Lines of compressed files have no positions; their first split begins at 0.
    boolean skips = start.bytes() > 0 || file.getStart() == 0;
    return skips ? start : new TextStart(path, 0, 0, start.order());
  }

  /** Turns reused {@link Text} into records; drops blank lines and what is in front of the rows. */
  private static final class LineIterator extends LookAhead<TextRecord> {
    private final Iterator<Tuple2<LongWritable, Text>> lines;
    private final TextStart start;
    private final Charset charset;
    private final CsvDialect dialect;
    private long seen;

    LineIterator(
        Iterator<Tuple2<LongWritable, Text>> lines,
        TextStart start,
        String charset,
        CsvDialect dialect) {
      this.lines = lines;
      this.start = start;
      this.charset = Charset.forName(charset);
      this.dialect = dialect;
    }

    @Override
    protected TextRecord advance() {
      TextRecord record = null;
      while (record == null && lines.hasNext()) {
        Tuple2<LongWritable, Text> line = lines.next();
        boolean skipped =
            start.bytes() > 0 ? line._1().get() < start.bytes() : seen++ < start.lines();
        record = skipped ? null : record(line._2());
      }
      return record;
    }

    private TextRecord record(Text line) {
      String text = TextEncoding.decode(line.getBytes(), line.getLength(), charset);
      if (text == null) {
        return undecodable(start, line.toString());
      }
      return isSkipped(text, dialect)
          ? null
          : new TextRecord(text, start.name(), start.order(), null);
    }
  }

  /** Blank lines and comments; a line of separators that are blanks themselves is a row. */
  private static boolean isSkipped(String line, CsvDialect dialect) {
    if (line.isBlank()) {
      return line.indexOf(dialect.sep()) < 0;
    }
    return dialect.comment() != null && line.charAt(0) == dialect.comment();
  }

  private static TextRecord undecodable(TextStart start, String text) {
    return new TextRecord(text, start.name(), start.order(), TextFault.ENCODING);
  }

  /**
   * CSV records that may hold line breaks inside quotes; one partition a file, because where a
   * record begins cannot be told from the middle of a file.
   */
  JavaRDD<TextRecord> records(CsvDialect dialect) {
    SerializableWritable<Configuration> conf = new SerializableWritable<>(files.conf());
    String name = charset.name();
    return sc.parallelize(starts, starts.size())
        .flatMap(
            start -> {
              Path path = new Path(start.path());
              TextLines lines = new TextLines(conf.value(), path, Charset.forName(name));
              TaskContext.get()
                  .addTaskCompletionListener((TaskCompletionListener) context -> close(lines));
              return new RecordIterator(lines, start, dialect);
            });
  }

  private static void close(TextLines lines) {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next record of a file that is read on this machine; null where there is none. */
  static TextRecord next(TextLines lines, String path, CsvDialect dialect) throws IOException {
    return new RecordIterator(lines, TextStart.none(path), dialect).read();
  }

  /** Reads records line by line and joins the lines of a record. */
  private static final class RecordIterator extends LookAhead<TextRecord> {
    private final TextLines in;
    private final TextStart start;
    private final CsvDialect dialect;
    private boolean ended;

    RecordIterator(TextLines in, TextStart start, CsvDialect dialect) {
      this.in = in;
      this.start = start;
      this.dialect = dialect;
    }

    @Override
    protected TextRecord advance() {
      if (ended) {
        return null;
      }
      try {
        while (in.lines() < start.lines() && in.next() != null) {
          // What is in front of the rows.
        }
        TextRecord record = read();
        // Behind a record that cannot be read, nothing can.
        ended = record == null || record.fault() != null;
        return record;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    TextRecord read() throws IOException {
      String line = in.next();
      while (line != null && !in.isUndecodable() && isSkipped(line, dialect)) {
        line = in.next();
      }
      if (line == null) {
        return null;
      }
      if (in.isUndecodable()) {
        return undecodable(start, line);
      }
      CsvLine.Quotes quotes = new CsvLine.Quotes(dialect);
      if (line.indexOf(dialect.quote()) < 0 || !quotes.isOpenAfter(line)) {
        return new TextRecord(line, start.name(), start.order(), null);
      }
      return join(line, quotes);
    }

    /** Reads on to the line in which the quote closes. */
    private TextRecord join(String first, CsvLine.Quotes quotes) throws IOException {
      StringBuilder record = new StringBuilder(first);
      int lines = 1;
      boolean open = true;
      while (open) {
        String line = in.next();
        if (line == null) {
          break;
        }
        if (in.isUndecodable()) {
          return undecodable(start, line);
        }
        if (++lines > dialect.maxLines()) {
          return new TextRecord(first, start.name(), start.order(), TextFault.TOO_LONG);
        }
        String piece = '\n' + line;
        record.append(piece);
        open = quotes.isOpenAfter(piece);
      }
      return new TextRecord(record.toString(), start.name(), start.order(), null);
    }
  }
}

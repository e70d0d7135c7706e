package io.github.sparkbilevel.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.SerializableWritable;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * The records of text files in file order: partitions follow the sorted files and, within a file,
 * the order of its splits, which Spark's own file sources do not promise.
 */
final class TextRecords {
  private TextRecords() {}

  /** Lines that are not blank, split wherever Hadoop can split the file. */
  static JavaRDD<String> lines(JavaSparkContext sc, DataFiles files) {
    return hadoopLines(sc, files, null);
  }

  /** CSV records of one line each, without the header line of each file. */
  static JavaRDD<String> csvLines(JavaSparkContext sc, DataFiles files, String header) {
    return hadoopLines(sc, files, header);
  }

  private static JavaRDD<String> hadoopLines(JavaSparkContext sc, DataFiles files, String header) {
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
    return lines.mapPartitionsWithInputSplit(
        (split, rows) ->
            new LineIterator(rows, ((FileSplit) split).getStart() == 0 ? header : null),
        true);
  }

  /** Turns reused {@link Text} into strings, drops blank lines and, where asked, the header. */
  private static final class LineIterator implements Iterator<String> {
    private final Iterator<Tuple2<LongWritable, Text>> lines;
    private String header;
    private String next;

    LineIterator(Iterator<Tuple2<LongWritable, Text>> lines, String header) {
      this.lines = lines;
      this.header = header;
    }

    @Override
    public boolean hasNext() {
      while (next == null && lines.hasNext()) {
        String line = lines.next()._2().toString();
        if (line.isBlank()) {
          continue;
        }
        if (header != null) {
          // A first line that is not the header is a row: the reader says what is wrong with it.
          boolean isHeader = withoutMark(line).equals(header);
          header = null;
          if (isHeader) {
            continue;
          }
        }
        next = line;
      }
      return next != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String line = next;
      next = null;
      return line;
    }
  }

  /** Text without the byte order mark that some programs put in front. */
  static String withoutMark(String line) {
    return !line.isEmpty() && line.charAt(0) == '\uFEFF' ? line.substring(1) : line;
  }

  /** The first CSV record of the first file, read on the driver; null when there is none. */
  static String firstRecord(DataFiles files) {
    Path first = files.paths().get(0);
    try (RecordIterator records = new RecordIterator(files.conf(), first)) {
      return records.hasNext() ? withoutMark(records.next()) : null;
    } catch (IOException | UncheckedIOException e) {
      throw files.unreadable(
          first, e instanceof UncheckedIOException u ? u.getCause() : (IOException) e);
    }
  }

  /**
   * CSV records that may hold line breaks inside quotes, without headers; one partition a file,
   * because where a record begins cannot be told from the middle of a file.
   */
  static JavaRDD<String> csvRecords(JavaSparkContext sc, DataFiles files, String header) {
    List<String> names = new ArrayList<>();
    files.paths().forEach(path -> names.add(path.toString()));
    SerializableWritable<Configuration> conf = new SerializableWritable<>(files.conf());
    return sc.parallelize(names, names.size())
        .flatMap(
            name -> {
              RecordIterator records = new RecordIterator(conf.value(), new Path(name));
              records.skip(header);
              return records;
            });
  }

  /** Reads records line by line and joins the lines of a record. */
  private static final class RecordIterator implements Iterator<String>, AutoCloseable {
    private final BufferedReader in;
    private String next;

    RecordIterator(Configuration conf, Path file) throws IOException {
      in =
          new BufferedReader(
              new InputStreamReader(DataFiles.open(conf, file), StandardCharsets.UTF_8));
      if (org.apache.spark.TaskContext.get() != null) {
        org.apache.spark.TaskContext.get()
            .addTaskCompletionListener((org.apache.spark.util.TaskCompletionListener) c -> close());
      }
    }

    void skip(String header) {
      if (hasNext() && withoutMark(next).equals(header)) {
        next = null;
      }
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          next = read();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return next != null;
    }

    private String read() throws IOException {
      String line = in.readLine();
      while (line != null && line.isBlank()) {
        line = in.readLine();
      }
      if (line == null || !CsvLine.isOpen(line)) {
        return line;
      }
      StringBuilder record = new StringBuilder(line);
      CsvLine.Quotes quotes = new CsvLine.Quotes();
      boolean open = quotes.isOpenAfter(line);
      while (open) {
        line = in.readLine();
        if (line == null) {
          break;
        }
        String next = '\n' + line;
        record.append(next);
        open = quotes.isOpenAfter(next);
      }
      return record.toString();
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String record = next;
      next = null;
      return record;
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

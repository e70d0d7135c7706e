package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SerializableWritable;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads a pair of IDX files of unsigned bytes, as MNIST comes: images (or rows) and labels.
 *
 * <p>A compressed file cannot be split, so each task opens it and skips to its own rows. Skipping
 * all of MNIST takes .2 s, which is less than a shuffle of its rows from one task to the others,
 * and the rows need no sort afterwards.
 */
final class IdxReader {
  /** Rows of one task fill at least this many bytes of the file. */
  private static final long BYTES_PER_TASK = 4L << 20;

  /** The most bytes that gzip makes of one. A header that promises more is wrong. */
  private static final long MOST_UNPACKED = 1032;

  private IdxReader() {}

  static Parsed read(JavaSparkContext sc, String role, TableSpec spec, DataFiles images) {
    String labelsPath = spec.labels() == null ? guessLabels(role, spec) : spec.labels();
    DataFiles labels = DataFiles.list(images.conf(), "data." + role + ".labels", labelsPath);
    if (images.paths().size() != 1 || labels.paths().size() != 1) {
      throw new DataException(
          images.origin() + " is more than one file, expected one images file in format idx");
    }
    Header x = Header.read(images);
    Header y = Header.read(labels);
    if (y.width() != 1 || y.rank != 1) {
      throw new DataException(
          labels.origin()
              + " has rank "
              + y.rank
              + ", expected an IDX file of rank 1 with one label"
              + " a row; check data."
              + role
              + ".labels");
    }
    if (x.rows != y.rows) {
      throw new DataException(
          images.origin()
              + " has "
              + x.rows
              + " rows and "
              + labels.origin()
              + " has "
              + y.rows
              + " labels, expected as many; check that they belong together");
    }
    if (x.rows == 0 || x.width() == 0) {
      throw new DataException(images.origin() + " has no rows, expected at least one");
    }
    long rows = spec.limit() == null ? x.rows : Math.min(x.rows, spec.limit());
    List<Range> ranges = ranges(sc, x, rows, images.firstLength());
    Broadcast<SerializableWritable<Configuration>> conf =
        sc.broadcast(new SerializableWritable<>(images.conf()));
    String imagesFile = images.paths().get(0).toString();
    String labelsFile = labels.paths().get(0).toString();
    var parsed =
        sc.parallelize(ranges, ranges.size())
            .flatMap(
                range -> {
                  Configuration hadoop = conf.value().value();
                  return new Rows(
                      range,
                      x.width(),
                      open(hadoop, imagesFile, x, range),
                      open(hadoop, labelsFile, y, range));
                });
    List<String> names =
        x.rank == 3 ? Names.pixels(x.height, x.breadth) : Names.numbered(x.width());
    return new Parsed(parsed, names, List.of(), false, false, List.of());
  }

  private static String guessLabels(String role, TableSpec spec) {
    int slash = spec.path().lastIndexOf('/') + 1;
    String name = spec.path().substring(slash);
    String guess = name.replaceAll("images([.-])idx3", "labels$1idx1");
    if (guess.equals(name)) {
      throw new IllegalArgumentException(
          "data."
              + role
              + ".labels is not set and cannot be guessed from '"
              + name
              + "', expected the IDX file of the labels; set it");
    }
    return spec.path().substring(0, slash) + guess;
  }

  /** Splits the rows by the bytes that they take; what the file cannot hold makes no tasks. */
  private static List<Range> ranges(JavaSparkContext sc, Header x, long rows, long length) {
    long bytes = Math.min(rows * x.width(), MOST_UNPACKED * length);
    long tasks = Math.min(rows, Math.max(sc.defaultParallelism(), bytes / (64L << 20)));
    tasks = Math.min(tasks, bytes / BYTES_PER_TASK + 1);
    List<Range> ranges = new ArrayList<>();
    for (long k = 0; k < tasks; k++) {
      ranges.add(new Range(rows * k / tasks, rows * (k + 1) / tasks, x.rows));
    }
    return ranges;
  }

  /** Rows {@code from} to {@code to} of a file of {@code all}. */
  private static final class Range implements Serializable {
    private static final long serialVersionUID = 1L;
    private final long from;
    private final long to;
    private final long all;

    Range(long from, long to, long all) {
      this.from = from;
      this.to = to;
      this.all = all;
    }
  }

  /** The header of an IDX file: rank and sizes. */
  private static final class Header implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String origin;
    private final int rank;
    private final int rows;
    private final int height;
    private final int breadth;

    private Header(String origin, int rank, int rows, int height, int breadth) {
      this.origin = origin;
      this.rank = rank;
      this.rows = rows;
      this.height = height;
      this.breadth = breadth;
    }

    static Header read(DataFiles files) {
      try (DataInputStream in = new DataInputStream(files.open(files.paths().get(0)))) {
        int magic = in.readInt();
        int rank = magic & 0xff;
        if (magic >>> 8 != 8 || rank < 1 || rank > 3) {
          throw new DataException(
              files.origin()
                  + " begins with "
                  + String.format("0x%08x", magic)
                  + ", expected 0x00000801, 0x00000802 or 0x00000803 (IDX of unsigned bytes);"
                  + " check that it is an IDX file");
        }
        int[] sizes = {0, 1, 1};
        for (int k = 0; k < rank; k++) {
          sizes[k] = in.readInt();
          if (sizes[k] < 0) {
            throw new DataException(
                files.origin()
                    + " has the size "
                    + sizes[k]
                    + " in its header, expected at least 0");
          }
        }
        long width = (long) sizes[1] * sizes[2];
        if (width > Integer.MAX_VALUE) {
          throw new DataException(
              files.origin() + " has rows of " + width + " bytes, expected at most 2147483647");
        }
        if (sizes[0] > 0) {
          requireRow(in, width, sizes[0], files);
        }
        return new Header(files.origin(), rank, sizes[0], sizes[1], sizes[2]);
      } catch (EOFException e) {
        throw new DataException(
            files.origin() + " ends within its header, expected an IDX file; is it cut off?", e);
      } catch (IOException e) {
        throw files.unreadable(files.paths().get(0), e);
      }
    }

    /** Whoever reads a row makes room for as many bytes as the header says. */
    private static void requireRow(InputStream in, long width, int rows, DataFiles files)
        throws IOException {
      try {
        in.skipNBytes(width);
      } catch (EOFException e) {
        throw new DataException(
            files.origin()
                + " ends within row 0 of "
                + width
                + " bytes, expected "
                + rows
                + " rows as its header says; is it cut off, or no IDX file?",
            e);
      }
    }

    int width() {
      return height * breadth;
    }

    long dataStart() {
      return 4L + 4L * rank;
    }
  }

  /** The file from the first row of the range on, or null when it ends before that row. */
  private static DataInputStream open(Configuration conf, String file, Header header, Range range)
      throws IOException {
    InputStream in = DataFiles.open(conf, new Path(file));
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(in));
    long skip = header.dataStart() + range.from * header.width();
    try {
      if (in instanceof FSDataInputStream plain) {
        plain.seek(skip);
      } else {
        in.skipNBytes(skip);
      }
    } catch (EOFException e) {
      return null;
    }
    return new DataInputStream(new BufferedInputStream(in, 1 << 16));
  }

  private static void close(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of one range. */
  private static final class Rows implements Iterator<ParsedRow> {
    private final Range range;
    private final DataInputStream images;
    private final DataInputStream labels;
    private final byte[] pixels;
    private long row;

    Rows(Range range, int width, DataInputStream images, DataInputStream labels) {
      this.range = range;
      this.images = images;
      this.labels = labels;
      this.pixels = new byte[width];
      this.row = range.from;
    }

    @Override
    public boolean hasNext() {
      return row < range.to;
    }

    @Override
    public ParsedRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        return read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private ParsedRow read() throws IOException {
      long number = row++;
      int label;
      try {
        if (images == null || labels == null) {
          throw new EOFException();
        }
        images.readFully(pixels);
        label = labels.readUnsignedByte();
      } catch (EOFException e) {
        row = range.to;
        return ParsedRow.bad(
            0,
            number,
            "the images or the labels end within this row, expected "
                + range.all
                + " rows as the header says; was the copy or download cut off?");
      }
      if (row == range.all && (images.read() >= 0 || labels.read() >= 0)) {
        return ParsedRow.bad(
            0,
            number,
            "the images or the labels go on after this row, expected "
                + range.all
                + " rows as the header says; was the file written twice?");
      }
      double[] values = new double[pixels.length];
      for (int j = 0; j < values.length; j++) {
        values[j] = pixels[j] & 0xff;
      }
      // Four of five pixels of a digit are 0, and double rows of MNIST would take 376 MB.
      return ParsedRow.good(0, number, Integer.toString(label), Vectors.dense(values).compressed());
    }
  }
}

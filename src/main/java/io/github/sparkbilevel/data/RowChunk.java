package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * Neighbouring rows as a reader found them, column by column: what is cached, and read again by
 * every scan, takes little more than its numbers, in memory and on disk.
 *
 * <p>Features are kept as float32 where that loses nothing.
 */
final class RowChunk implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int LEAST_ROWS = 16;
  private static final int MOST_ROWS = 4096;
  private static final int MOST_CELLS = 1 << 17;

  private final int rows;

  /** The source of each row, or of all of them. */
  private final int[] sources;

  private final long[] locals;
  private final long[] numberIds;
  private final WordColumn textIds;
  private final WordColumn labels;
  private final WordColumn groups;
  private final WordColumn truths;
  private final WordColumn votes;
  private final double[] weights;

  /** The probabilities of the classes, row after row; null where rows have none. */
  private final float[] probabilities;

  /** The rows that are marked as trusted. */
  private final BitSet trusted;

  private final Cells cells;

  /** The rows that are wrong, apart from the others. */
  private final ParsedRow[] wrong;

  private RowChunk(Builder b) {
    rows = b.rows;
    boolean alone = Arrays.stream(b.sources, 0, rows).allMatch(s -> s == b.sources[0]);
    sources = Arrays.copyOf(b.sources, alone ? Math.min(1, rows) : rows);
    locals = Arrays.copyOf(b.locals, rows);
    numberIds = b.ids == Ids.NUMBERS ? Arrays.copyOf(b.numberIds, rows) : null;
    textIds = b.ids == Ids.TEXTS ? b.textIds.finish() : null;
    labels = b.labels.finish();
    groups = b.groups.finish();
    truths = b.truths.finish();
    votes = b.votes.finish();
    boolean same = Arrays.stream(b.weights, 0, rows).allMatch(w -> w == 1);
    weights = same ? null : Arrays.copyOf(b.weights, rows);
    probabilities =
        b.probabilities == null
            ? null
            : Arrays.copyOf(b.probabilities, rows * (b.probabilities.length / b.locals.length));
    trusted = b.trusted;
    cells = b.cells == null ? null : b.cells.finish();
    wrong = b.wrong.toArray(new ParsedRow[0]);
  }

  /** What the ids of the rows of a chunk are. */
  private enum Ids {
    NONE,
    NUMBERS,
    TEXTS
  }

  int rows() {
    return rows;
  }

  ParsedRow[] wrong() {
    return wrong;
  }

  int source(int row) {
    return sources[sources.length == 1 ? 0 : row];
  }

  /** The number of a row within its source. */
  long local(int row) {
    return locals[row];
  }

  /** Whether the id of a row is text that is no whole number. */
  boolean hasTextId(int row) {
    return textIds != null && !Numbers.isLong(textIds.get(row));
  }

  /** The id of a row whose id is a whole number; rows of weight 0 beside it may have texts. */
  long numberId(int row) {
    return numberIds == null ? Long.parseLong(textIds.get(row)) : numberIds[row];
  }

  /** The id of a row as text, or null where ids are not from a column. */
  String id(int row) {
    return numberIds != null
        ? Long.toString(numberIds[row])
        : textIds == null ? null : textIds.get(row);
  }

  String label(int row) {
    return labels.get(row);
  }

  String group(int row) {
    return groups.get(row);
  }

  String truth(int row) {
    return truths.get(row);
  }

  String votes(int row) {
    return votes.get(row);
  }

  double weight(int row) {
    return weights == null ? 1 : weights[row];
  }

  /** The probabilities of the classes as they were given; none where rows have none. */
  float[] probabilities(int row) {
    if (probabilities == null) {
      return GivenProbabilities.NONE;
    }
    int classes = probabilities.length / rows;
    return Arrays.copyOfRange(probabilities, row * classes, (row + 1) * classes);
  }

  boolean trusted(int row) {
    return trusted.get(row);
  }

  /** The number of features that a row states. */
  int width(int row) {
    return cells.widths[cells.widths.length == 1 ? 0 : row];
  }

  /** The entries of a row that are not 0. */
  int nonZeros(int row) {
    int count = 0;
    for (int k = cells.start(row); k < cells.end(row); k++) {
      count += cells.value(k) != 0 ? 1 : 0;
    }
    return count;
  }

  /** The features of a row, widened where it states fewer. */
  Vector features(int row, int width) {
    int from = cells.start(row);
    double[] values = new double[cells.end(row) - from];
    for (int k = 0; k < values.length; k++) {
      values[k] = cells.value(from + k);
    }
    return cells.indices == null
        ? new DenseVector(values)
        : new SparseVector(
            width, Arrays.copyOfRange(cells.indices, from, from + values.length), values);
  }

  /** Packs rows as they come. */
  static Iterator<RowChunk> pack(Iterator<ParsedRow> rows) {
    return new Iterator<>() {
      private ParsedRow next;

      @Override
      public boolean hasNext() {
        return next != null || rows.hasNext();
      }

      @Override
      public RowChunk next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Builder builder = new Builder();
        next = next == null ? rows.next() : next;
        while (next != null && builder.takes(next)) {
          builder.add(next);
          next = rows.hasNext() ? rows.next() : null;
        }
        return new RowChunk(builder);
      }
    };
  }

  private static final class Builder {
    private int rows;
    private int[] sources = new int[LEAST_ROWS];
    private long[] locals = new long[LEAST_ROWS];
    private Ids ids = Ids.NONE;
    private long[] numberIds = new long[LEAST_ROWS];
    private WordColumn.Builder textIds;
    private final WordColumn.Builder labels = new WordColumn.Builder();
    private final WordColumn.Builder groups = new WordColumn.Builder();
    private final WordColumn.Builder truths = new WordColumn.Builder();
    private final WordColumn.Builder votes = new WordColumn.Builder();
    private double[] weights = new double[LEAST_ROWS];
    private float[] probabilities;
    private final BitSet trusted = new BitSet();
    private Cells.Builder cells;
    private final List<ParsedRow> wrong = new ArrayList<>();

    boolean takes(ParsedRow row) {
      boolean room = rows + wrong.size() < MOST_ROWS && (cells == null || cells.count < MOST_CELLS);
      return room && (row.error != null || cells == null || cells.takes(row.features));
    }

    void add(ParsedRow row) {
      if (row.error != null) {
        wrong.add(row);
        return;
      }
      if (rows == locals.length) {
        sources = Arrays.copyOf(sources, 2 * rows);
        locals = Arrays.copyOf(locals, 2 * rows);
        numberIds = Arrays.copyOf(numberIds, 2 * rows);
        weights = Arrays.copyOf(weights, 2 * rows);
        probabilities =
            probabilities == null ? null : Arrays.copyOf(probabilities, 2 * probabilities.length);
      }
      sources[rows] = row.source;
      locals[rows] = row.local;
      addId(row.roles.id);
      labels.add(row.roles.label);
      groups.add(row.roles.group);
      truths.add(row.roles.truth);
      votes.add(row.roles.votes);
      weights[rows] = row.roles.weight;
      addProbabilities(row.roles.probabilities);
      trusted.set(rows, row.roles.trusted);
      cells = cells == null ? new Cells.Builder(row.features) : cells;
      cells.add(row.features);
      rows++;
    }

    private void addProbabilities(double[] given) {
      if (given == null) {
        return;
      }
      if (probabilities == null) {
        probabilities = new float[locals.length * given.length];
      }
      for (int k = 0; k < given.length; k++) {
        probabilities[rows * given.length + k] = (float) given[k];
      }
    }

    private void addId(String id) {
      if (id == null) {
        return;
      }
      if (ids != Ids.TEXTS && Numbers.isLong(id)) {
        ids = Ids.NUMBERS;
        numberIds[rows] = Long.parseLong(id);
        return;
      }
      if (ids != Ids.TEXTS) {
        textIds = new WordColumn.Builder();
        for (int i = 0; i < rows; i++) {
          textIds.add(Long.toString(numberIds[i]));
        }
        ids = Ids.TEXTS;
      }
      textIds.add(id);
    }
  }

  /** The features of rows that are all dense and of one width, or all sparse. */
  private static final class Cells implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The width of each row, or of all of them. */
    private final int[] widths;

    /** Where the cells of each row end; null for dense rows. */
    private final int[] ends;

    /** The column of each cell; null for dense rows. */
    private final int[] indices;

    /** The value of each cell; null where some value needs more digits. */
    private final float[] floats;

    private final double[] doubles;

    private Cells(Builder b) {
      int rows = b.rows;
      boolean alone = Arrays.stream(b.widths, 0, rows).allMatch(w -> w == b.widths[0]);
      widths = Arrays.copyOf(b.widths, alone ? 1 : rows);
      ends = b.indices == null ? null : Arrays.copyOf(b.ends, rows);
      indices = b.indices == null ? null : Arrays.copyOf(b.indices, b.count);
      doubles = b.single ? null : Arrays.copyOf(b.values, b.count);
      floats = b.single ? new float[b.count] : null;
      for (int k = 0; b.single && k < b.count; k++) {
        floats[k] = (float) b.values[k];
      }
    }

    int start(int row) {
      return ends == null ? row * widths[0] : row == 0 ? 0 : ends[row - 1];
    }

    int end(int row) {
      return ends == null ? (row + 1) * widths[0] : ends[row];
    }

    double value(int k) {
      return floats == null ? doubles[k] : floats[k];
    }

    private static final class Builder {
      private int rows;
      private int count;
      private int[] widths = new int[LEAST_ROWS];
      private int[] ends = new int[LEAST_ROWS];
      private int[] indices;
      private double[] values = new double[LEAST_ROWS];
      private boolean single = true;

      Builder(Vector first) {
        indices = first instanceof SparseVector ? new int[LEAST_ROWS] : null;
      }

      boolean takes(Vector v) {
        return indices == null
            ? v instanceof DenseVector && v.size() == widths[0]
            : v instanceof SparseVector;
      }

      void add(Vector v) {
        double[] own = Entries.values(v);
        int needed = Math.addExact(count, own.length);
        if (needed > values.length) {
          int room = Math.max(needed, 2 * values.length);
          values = Arrays.copyOf(values, room);
          indices = indices == null ? null : Arrays.copyOf(indices, room);
        }
        for (int k = 0; k < own.length; k++) {
          double x = own[k];
          values[count + k] = x;
          single = single && Double.compare((float) x, x) == 0;
        }
        if (indices != null) {
          System.arraycopy(Entries.indices(v), 0, indices, count, own.length);
        }
        if (rows == widths.length) {
          widths = Arrays.copyOf(widths, 2 * rows);
          ends = Arrays.copyOf(ends, 2 * rows);
        }
        count = needed;
        widths[rows] = v.size();
        ends[rows++] = count;
      }

      Cells finish() {
        return new Cells(this);
      }
    }
  }
}

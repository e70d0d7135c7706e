package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import scala.Tuple2;

/**
 * Maps each feature to mean 0 and variance 1 by the training rows, weighted by their base weights:
 *
 * <pre>t_j(x) = (x − mean_j) · scale_j, within ±clip where asked,</pre>
 *
 * where scale_j is 1 / population standard deviation, and 0 for a constant feature.
 *
 * <p>A sparse row stores t_j(x) − t_j(0), so that zeros stay zeros; what is to be taken from every
 * sparse row, −t_j(0), is kept apart as {@link #shift()}. Equal rows have equal features, however
 * they are stored.
 */
public final class Standardizer implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Partial moments of more columns than this are merged on the executors (144 bytes each). */
  private static final long MAX_ON_DRIVER = 1L << 20;

  private static final int CHUNK = 1 << 13;

  /** The most that a value may be off by rounding, in deviations of its column. */
  private static final double LEAST_RESOLUTION = 1e-6;

  private final int columns;
  private final double[] mean;
  private final double[] scale;
  private final double clip;
  private final double[] zeroRow;
  private final int[] constants;

  private Standardizer(int columns, double[] mean, double[] scale, double clip, int[] constants) {
    this.columns = columns;
    this.mean = mean;
    this.scale = scale;
    this.clip = clip;
    this.constants = constants;
    this.zeroRow = new double[columns];
    if (mean != null) {
      for (int j = 0; j < columns; j++) {
        zeroRow[j] = limited((0 - mean[j]) * scale[j]);
      }
    }
  }

  /** Leaves every value as it is. */
  public static Standardizer identity(int columns) {
    return new Standardizer(columns, null, null, Double.POSITIVE_INFINITY, new int[0]);
  }

  /** Restores one from a saved model; {@code clip} may be null. */
  public static Standardizer of(double[] mean, double[] scale, Double clip) {
    int[] constants = IntStream.range(0, scale.length).filter(j -> scale[j] == 0).toArray();
    return new Standardizer(
        mean.length,
        mean.clone(),
        scale.clone(),
        clip == null ? Double.POSITIVE_INFINITY : clip,
        constants);
  }

  /**
   * Measures the training rows in one Spark job; the same rows give the same bits, whatever their
   * order and their partitions.
   *
   * @param clip limit of the standardised values, or null for none
   * @throws DataException for a column whose values differ by less than their rounding errors
   */
  public static Standardizer fit(Table train, Double clip) {
    int columns = train.columns();
    int exponent = Math.getExponent(train.stats().meanWeight());
    Moments moments = Tasks.run(train.origin(), () -> moments(train.examples(), columns, exponent));
    if (moments.badRow() != null) {
      throw new DataException(
          train.origin()
              + ", row "
              + moments.badRow()
              + ": the feature column '"
              + train.featureNames().get(moments.badColumn())
              + "' is not finite, expected a finite number; fill it in or remove the row");
    }
    double[] mean = new double[columns];
    double[] scale = new double[columns];
    for (int j = 0; j < columns; j++) {
      double deviation = moments.deviation(j);
      mean[j] = moments.mean(j);
      if (!Double.isFinite(deviation)) {
        throw overflow(train, j, moments);
      }
      requireResolved(train, j, moments, deviation);
      double inverse = 1 / deviation;
      scale[j] = Double.isFinite(inverse) ? inverse : 0;
    }
    Standardizer fitted = of(mean, scale, clip);
    if (fitted.constants.length == columns) {
      throw new DataException(
          train.origin()
              + ": all "
              + columns
              + " features are constant, expected one at least that differs from row to row;"
              + " check which columns are features");
    }
    return fitted;
  }

  private static NumericsException overflow(Table train, int column, Moments moments) {
    return new NumericsException(
        train.origin()
            + ": the variance of the feature column '"
            + train.featureNames().get(column)
            + "' is not finite (values from "
            + moments.min(column)
            + " to "
            + moments.max(column)
            + "), expected values whose squares are numbers; correct or rescale the column");
  }

  /**
   * Refuses a column of numbers so far from 0 that a float64 number, which has 16 digits, holds too
   * few digits of what differs from row to row.
   */
  private static void requireResolved(Table train, int column, Moments moments, double deviation) {
    double largest = Math.max(Math.abs(moments.min(column)), Math.abs(moments.max(column)));
    if (deviation > 0 && Math.ulp(largest) > LEAST_RESOLUTION * deviation) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: the feature column '%s' has values from %s to %s with a standard deviation of"
                  + " %.3g, expected a deviation of at least %.1g of the largest value, for float64"
                  + " numbers hold no more digits; subtract a constant from the column",
              train.origin(),
              train.featureNames().get(column),
              moments.min(column),
              moments.max(column),
              deviation,
              0x1p-52 / LEAST_RESOLUTION));
    }
  }

  private static Moments moments(JavaRDD<Example> rows, int columns, int exponent) {
    Moments all = new Moments(columns);
    if ((long) rows.getNumPartitions() * columns <= MAX_ON_DRIVER) {
      PerPartition.collect(rows, in -> Moments.of(in, columns, exponent)).forEach(all::merge);
      return all;
    }
    // Each chunk of columns is merged by one task.
    rows.mapPartitions(
            in -> {
              Moments part = Moments.of(in, columns, exponent);
              return IntStream.iterate(0, from -> from < columns, from -> from + CHUNK)
                  .mapToObj(
                      from -> new Tuple2<>(from, part.slice(from, Math.min(from + CHUNK, columns))))
                  .iterator();
            },
            true)
        .mapToPair(chunk -> chunk)
        .groupByKey()
        .mapValues(Standardizer::merged)
        .collect()
        .forEach(chunk -> all.put(chunk._1(), chunk._2()));
    return all;
  }

  private static Moments merged(Iterable<Moments> parts) {
    Moments all = null;
    for (Moments part : parts) {
      if (all == null) {
        all = new Moments(part.columns());
      }
      all.merge(part);
    }
    return all;
  }

  /** The same scales, with nothing taken from any value. */
  public Standardizer uncentered() {
    return isIdentity()
        ? this
        : new Standardizer(columns, new double[columns], scale, clip, constants);
  }

  /** Whether values are left as they are. */
  public boolean isIdentity() {
    return mean == null;
  }

  /** The means, or zeros for the identity; a copy. */
  public double[] mean() {
    return mean == null ? new double[columns] : mean.clone();
  }

  /** The scales, or ones for the identity; a copy. */
  public double[] scale() {
    if (scale != null) {
      return scale.clone();
    }
    double[] ones = new double[columns];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The limit of standardised values; infinite when there is none. */
  public double clip() {
    return clip;
  }

  /** The columns of the constant features. */
  public int[] constants() {
    return constants.clone();
  }

  /**
   * What the user should know of the features of these rows. That no word falls into a bucket of
   * hashed ones is as it should be.
   */
  public List<Notice> notices(Table train) {
    List<String> all = train.featureNames();
    List<String> names =
        Arrays.stream(constants).mapToObj(all::get).filter(name -> !Names.isBucket(name)).toList();
    if (names.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Notice(
            Notice.Code.CONSTANT_FEATURES,
            "%s: %d of %d features are the same in every training row and count as 0: %s"
                .formatted(train.origin(), names.size(), columns, Names.shortList(names)),
            names.size()));
  }

  /** −t(0), which is to be taken from each sparse row; null for nothing. */
  public double[] shift() {
    if (mean == null) {
      return null;
    }
    double[] shift = new double[columns];
    for (int j = 0; j < columns; j++) {
      shift[j] = -zeroRow[j];
    }
    return shift;
  }

  /** The standardised row. */
  public double[] dense(Vector row) {
    double[] out = new double[columns];
    denseInto(row, out, 0);
    return out;
  }

  /** Writes the standardised row to {@code out} from {@code offset}. */
  public void denseInto(Vector row, double[] out, int offset) {
    double[] values = Entries.values(row);
    int[] indices = Entries.indices(row);
    if (indices != null) {
      System.arraycopy(zeroRow, 0, out, offset, columns);
    }
    for (int k = 0; k < values.length; k++) {
      int j = indices == null ? k : indices[k];
      out[offset + j] = mean == null ? values[k] : limited((values[k] - mean[j]) * scale[j]);
    }
  }

  /** t(x) − t(0), which is 0 where x is; a dense row is made sparse, and explicit zeros go. */
  public SparseVector sparse(Vector row) {
    SparseVector sparse = row.toSparse();
    if (mean == null) {
      return sparse;
    }
    int[] indices = sparse.indices();
    double[] values = sparse.values().clone();
    for (int k = 0; k < values.length; k++) {
      int j = indices[k];
      // Without a limit the means cancel exactly, and so they do here.
      values[k] =
          clip == Double.POSITIVE_INFINITY
              ? values[k] * scale[j]
              : limited((values[k] - mean[j]) * scale[j]) - zeroRow[j];
    }
    return new SparseVector(columns, indices, values);
  }

  private double limited(double value) {
    return Math.max(-clip, Math.min(clip, value));
  }

  /** Runs {@code fit} where {@code standardize} is set, otherwise the identity, without a job. */
  public static Standardizer of(Table train, boolean standardize, Double clip) {
    return standardize ? fit(train, clip) : identity(train.columns());
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Maps each feature to mean 0 and variance 1 by the training rows: (x − mean) · scale, where scale
 * is 1 / population standard deviation, and 0 for a constant feature.
 *
 * <p>Dense rows are shifted, scaled and, where asked, limited to ±clip. Sparse rows are only
 * scaled: what is to be taken from every row is kept apart as {@link #shift()}, so that zeros stay
 * zeros.
 */
public final class Standardizer implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(Standardizer.class);

  /** Partial moments of more columns than this are merged on the executors (112 bytes each). */
  private static final long MAX_ON_DRIVER = 1L << 20;

  private static final int CHUNK = 1 << 13;

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
   * @param clip limit of the standardised dense values, or null for none
   */
  public static Standardizer fit(Table train, Double clip) {
    int columns = train.columns();
    if (clip != null && train.sparse()) {
      LOG.info("{}: clip = {} is not applied to sparse rows", train.origin(), clip);
    }
    Double applied = train.sparse() ? null : clip;
    Moments moments = Tasks.run(train.origin(), () -> moments(train.examples(), columns));
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
      double inverse = 1 / deviation;
      scale[j] = Double.isFinite(inverse) ? inverse : 0;
    }
    Standardizer fitted = of(mean, scale, applied);
    if (fitted.constants.length == columns) {
      throw new DataException(
          train.origin()
              + ": all "
              + columns
              + " features are constant, expected one at least that differs from row to row;"
              + " check which columns are features");
    }
    if (fitted.constants.length > 0) {
      LOG.info(
          "{}: {} of {} features are constant and kept as 0: {}",
          train.origin(),
          fitted.constants.length,
          columns,
          Names.shortList(fitted.constants(train.featureNames())));
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

  private static Moments moments(JavaRDD<Example> rows, int columns) {
    Moments all = new Moments(columns);
    if ((long) rows.getNumPartitions() * columns <= MAX_ON_DRIVER) {
      rows.mapPartitions(in -> List.of(Moments.of(in, columns)).iterator())
          .collect()
          .forEach(all::merge);
      return all;
    }
    // Each chunk of columns is merged by one task.
    rows.mapPartitions(
            in -> {
              Moments part = Moments.of(in, columns);
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

  /** Number of features. */
  public int columns() {
    return columns;
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

  /** The limit of dense values; infinite when there is none. */
  public double clip() {
    return clip;
  }

  /** The columns of the constant features. */
  public int[] constants() {
    return constants.clone();
  }

  /** The names of the constant features. */
  public List<String> constants(List<String> featureNames) {
    List<String> names = new ArrayList<>();
    for (int j : constants) {
      names.add(featureNames.get(j));
    }
    return names;
  }

  /**
   * What standardised sparse rows lack: mean · scale is to be taken from each; null for nothing.
   */
  public double[] shift() {
    if (mean == null) {
      return null;
    }
    double[] shift = new double[columns];
    for (int j = 0; j < columns; j++) {
      shift[j] = mean[j] * scale[j];
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

  /** The entries of the row scaled, not shifted; a dense row is made sparse. */
  public SparseVector sparse(Vector row) {
    SparseVector sparse = row.toSparse();
    if (mean == null) {
      return sparse;
    }
    int[] indices = sparse.indices();
    double[] values = sparse.values().clone();
    for (int k = 0; k < values.length; k++) {
      values[k] *= scale[indices[k]];
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

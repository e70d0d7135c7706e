package io.github.sparkbilevel;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Seeded random problems, as the blocks that the code works on and as the plain rows they stand
 * for.
 *
 * <p>The rows do not depend on how they are cut: with more than one partition the second one has no
 * row, and in every partition the first blocks have 1 and 2 rows.
 */
public final class TestProblems {

  /** How the features lie in memory. */
  public enum Storage {
    /** Row-major float64. */
    DENSE_64,
    /** Row-major float32. */
    DENSE_32,
    /** Panels of float32. */
    PANELS,
    /** Compressed rows. */
    CSR,
    /** Compressed rows with a shift. */
    CSR_SHIFTED;

    /** Whether numbers are rounded to float32. */
    public boolean isSingle() {
      return this == DENSE_32 || this == PANELS;
    }
  }

  private TestProblems() {}

  /** Rows as plain numbers; {@code x[i]} is row i, shift and rounding to the storage included. */
  public record Rows(
      double[][] x, double[] labels, double[] weights, int[] groups, long[] ids, double[] truth) {

    /** Number of rows. */
    public int count() {
      return x.length;
    }

    /** The base weight of a row. */
    public double weight(int i) {
      return weights == null ? 1 : weights[i];
    }

    /** The base weights of all rows. */
    public double[] allWeights() {
      double[] w = new double[x.length];
      Arrays.setAll(w, this::weight);
      return w;
    }

    /** Σ w_i v_i / Σ w_i. */
    public double mean(double[] values) {
      double sum = 0;
      double total = 0;
      for (int i = 0; i < values.length; i++) {
        sum += weight(i) * values[i];
        total += weight(i);
      }
      return sum / total;
    }

    /** What a mean of values has as its error by chance: the deviation, by effective rows. */
    public double standardError(double[] values) {
      double mean = mean(values);
      double variance = mean(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray());
      double[] w = allWeights();
      double total = Arrays.stream(w).sum();
      return Math.sqrt(variance * Arrays.stream(w).map(v -> v * v).sum()) / total;
    }

    Rows withMeanWeightOne() {
      if (weights == null) {
        return this;
      }
      double mean = Arrays.stream(weights).average().orElse(1);
      double[] scaled = Arrays.stream(weights).map(w -> w / mean).toArray();
      return new Rows(x, labels, scaled, groups, ids, truth);
    }
  }

  /** A problem's data: the rows of each part, and the partitions that hold them. */
  public record Data(
      LinearModel model,
      List<PartitionData> partitions,
      Rows train,
      Rows upper,
      Rows heldOut,
      Rows test) {

    /** An engine with a ledger of its own. */
    public LocalEngine engine() {
      return new LocalEngine(partitions);
    }
  }

  /**
   * What to make; a change of storage, partitions or weights leaves the random numbers as they are.
   *
   * @param spread distance of the class centres, in standard deviations of the noise
   * @param noise share of the training labels that are wrong
   */
  public record Spec(
      Loss loss,
      int features,
      boolean intercept,
      int train,
      int upper,
      int heldOut,
      int test,
      int groups,
      int folds,
      Storage storage,
      int partitions,
      boolean weighted,
      double spread,
      double noise,
      long seed) {

    public Spec features(int p) {
      return new Spec(
          loss,
          p,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec intercept(boolean with) {
      return new Spec(
          loss,
          features,
          with,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec rows(int ofTrain, int ofUpper, int ofHeldOut, int ofTest) {
      return new Spec(
          loss,
          features,
          intercept,
          ofTrain,
          ofUpper,
          ofHeldOut,
          ofTest,
          groups,
          folds,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec groups(int count) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          count,
          folds,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec folds(int count) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          count,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec storage(Storage kind) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          kind,
          partitions,
          weighted,
          spread,
          noise,
          seed);
    }

    public Spec partitions(int count) {
      return new Spec(
          loss, features, intercept, train, upper, heldOut, test, groups, folds, storage, count,
          weighted, spread, noise, seed);
    }

    public Spec weighted(boolean with) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          storage,
          partitions,
          with,
          spread,
          noise,
          seed);
    }

    public Spec noisy(double centreSpread, double share) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          storage,
          partitions,
          weighted,
          centreSpread,
          share,
          seed);
    }

    public Spec seed(long value) {
      return new Spec(
          loss,
          features,
          intercept,
          train,
          upper,
          heldOut,
          test,
          groups,
          folds,
          storage,
          partitions,
          weighted,
          spread,
          noise,
          value);
    }

    /** Makes the rows and cuts them. */
    public Data make() {
      return new DataMaker(this).make();
    }
  }

  /** 60 rows of 4 features, weighted, in 3 partitions, 3 groups and 2 folds. */
  public static Spec of(Loss loss) {
    return new Spec(
        loss, 4, true, 60, 26, 9, 8, 3, 2, Storage.DENSE_64, 3, true, 1, 0.3, 20260117L);
  }

  /** Numbers uniform in (−scale, scale). */
  public static double[] vector(long seed, int length, double scale) {
    return length == 0 ? new double[0] : new Random(seed).doubles(length, -scale, scale).toArray();
  }

  /** The partitions of dense data with one feature of the last training row not a number. */
  public static List<PartitionData> withNaN(Data data) {
    List<PartitionData> changed = new ArrayList<>(data.partitions());
    PartitionData last = changed.remove(changed.size() - 1);
    Block[] train = last.train().clone();
    Block block = train[train.length - 1];
    double[] values = ((DenseFeatures) block.features()).doubles().clone();
    values[values.length - 1] = Double.NaN;
    int columns = block.features().columns();
    double[] weights = new double[block.rows()];
    int[] groups = new int[block.rows()];
    for (int i = 0; i < block.rows(); i++) {
      weights[i] = block.weight(i);
      groups[i] = block.group(i);
    }
    train[train.length - 1] =
        new Block(
                block.ids(), DenseFeatures.ofDoubles(block.rows(), columns, values), block.labels())
            .withWeights(weights)
            .withGroups(groups)
            .withTruth(block.truth());
    changed.add(new PartitionData(train, last.upper(), last.heldOut(), last.test()));
    return changed;
  }

  /** The block of the rows {@code from … to − 1}. */
  public static Block block(Rows rows, int columns, int from, int to, Storage storage) {
    return new Block(
            Arrays.copyOfRange(rows.ids(), from, to),
            DataMaker.features(Arrays.copyOfRange(rows.x(), from, to), columns, storage),
            Arrays.copyOfRange(rows.labels(), from, to))
        .withWeights(rows.weights() == null ? null : Arrays.copyOfRange(rows.weights(), from, to))
        .withGroups(rows.groups() == null ? null : Arrays.copyOfRange(rows.groups(), from, to))
        .withTruth(rows.truth() == null ? null : Arrays.copyOfRange(rows.truth(), from, to));
  }
}

package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.TextOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The rows of a job: where they are, which are drawn, and what is done to them.
 *
 * @param train the training rows
 * @param validation the trusted (validation) rows; the jobs {@code clean} and {@code arena} may
 *     have none
 * @param folds how many folds of the training rows take the place of validation rows
 * @param foldColumn the column whose values make these folds
 * @param test the test rows, if there are any
 * @param columns what some columns become; empty where numeric columns are taken as they are
 * @param standardize whether features are given mean 0 and variance 1
 * @param clip the limit of standardised features either way, if there is one
 * @param intercept whether the model has an intercept
 * @param partitions the number of partitions; empty to choose it by the data
 * @param blockBytes the memory that one block of rows may take
 */
public record DataConfig(
    Source train,
    Optional<Rows> validation,
    Optional<Integer> folds,
    Optional<String> foldColumn,
    Optional<Rows> test,
    Optional<Map<String, ColumnKind>> columns,
    boolean standardize,
    Optional<Double> clip,
    boolean intercept,
    Corruption corrupt,
    Optional<Integer> partitions,
    long blockBytes) {

  /** Rows other than the training rows. */
  public sealed interface Rows permits Source, Draw, Marked, Answered {}

  /**
   * Trusted rows among the training rows.
   *
   * @param column which says of each row whether it was checked
   */
  public record Marked(String column) implements Rows {}

  /**
   * Trusted rows among the training rows.
   *
   * @param path the Hadoop path of the file with their ids and right labels
   */
  public record Answered(String path) implements Rows {}

  /**
   * Rows that are read.
   *
   * @param path a Hadoop path, or the name of a catalog table when the format is {@code table}
   * @param labels the Hadoop path of the labels, for the format {@code idx}
   * @param format {@code auto, csv, libsvm, parquet, idx} or {@code table}
   * @param labelColumns those of the labels where a row has several
   * @param features the feature columns; empty for every numeric column without another role
   * @param votes the columns of annotators whose votes make the labels; none for most tables
   * @param probabilities the columns of class probabilities, one for each class, or none
   * @param limit how many rows to read from the first on; empty for all of them
   * @param options how to read the file
   * @param inherited the names of the roles that are not given for this source but taken over from
   *     the training rows: a column of {@code truth, group} or {@code weight} may then be missing
   */
  public record Source(
      String path,
      Optional<String> labels,
      String format,
      String label,
      List<String> labelColumns,
      Optional<String> id,
      Optional<List<String>> features,
      Optional<String> truth,
      Optional<String> group,
      Optional<String> weight,
      List<String> votes,
      List<String> probabilities,
      OptionalLong limit,
      TextOptions options,
      Set<String> inherited)
      implements Rows {}

  /**
   * Rows that are drawn from the training rows by the seed, and taken out of them.
   *
   * @param fraction the share of the training rows; empty where {@code rows} is given
   * @param rows how many
   */
  public record Draw(OptionalDouble fraction, OptionalLong rows) implements Rows {

    /** How many rows to draw out of so many: at least one. */
    public long count(long available) {
      return rows.isPresent()
          ? rows.getAsLong()
          : Math.max(1, Math.round(fraction.orElseThrow() * available));
    }
  }

  /**
   * Training rows spoiled on purpose.
   *
   * @param kind {@code uniform, next-class, class-dependent, by-group, weak-labeller, backdoor,
   *     long-tail}, or of real labels {@code outliers} or {@code units}
   * @param fraction the share of the labels; {@code by-group} and {@code long-tail} have their own
   * @param target the class that {@code backdoor} makes of rows; empty for the first one
   * @param factor the smallest class of {@code long-tail} keeps one in so many rows; of {@code
   *     units}, and the most deviations of {@code outliers}
   */
  public record Corruption(
      String kind, double fraction, long seed, Optional<String> target, double factor) {

    /** The kind that makes up ten sources and spoils each by its own share. */
    public static final String BY_GROUP = "by-group";

    /** The kind that puts a trigger on rows. */
    public static final String BACKDOOR = "backdoor";

    /** The kind that leaves rows out. */
    public static final String LONG_TAIL = "long-tail";

    /** The kinds that have a factor. */
    static final List<String> WITH_FACTOR = List.of(LONG_TAIL, "outliers", "units");

    /** Whether anything is spoiled at all. */
    public boolean active() {
      return fraction > 0 || !byFraction();
    }

    /** Whether a share of the rows is drawn. */
    public boolean byFraction() {
      return !byGroup() && !kind.equals(LONG_TAIL);
    }

    /** Whether it makes up the sources of the rows. */
    public boolean byGroup() {
      return kind.equals(BY_GROUP);
    }
  }
}

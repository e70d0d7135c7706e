package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * Spoils training rows on purpose, for experiments whose truth is known.
 *
 * <p>What happens to a row depends on the seed, its id and the sizes of the classes alone. Where
 * the table has no truth, the label before the corruption becomes the truth.
 *
 * @param kind what is spoiled, and how
 * @param fraction share of the rows that is drawn, for all kinds but by-group and long-tail; of the
 *     rows that the weak labeller was not fitted on; class-dependent has it as the mean over the
 *     classes
 * @param seed of the draws
 * @param more what single kinds need beside these
 */
public record Corruption(Kind kind, double fraction, long seed, More more) implements Serializable {
  /** How many sources by-group makes up. */
  public static final int SOURCES = 10;

  /** How labels become wrong. */
  public enum Kind {
    /** The drawn labels are drawn again from all classes, the right one included. */
    UNIFORM,
    /** The drawn labels move from class c to c + 1, and from the last class to the first. */
    NEXT_CLASS,
    /**
     * Class k loses a share of its labels to one to three other classes, by a random confusion
     * matrix: see {@link SparseConfusion}.
     */
    CLASS_DEPENDENT,
    /** Source k of ten has k/10 of its labels moved to the next class. */
    BY_GROUP,
    /**
     * The drawn labels become the predictions of a model fitted on 150 other rows, which are drawn
     * first, stay among the training rows, and keep their labels: see {@link WeakLabeller}.
     */
    WEAK_LABELLER,
    /**
     * The drawn rows, all of other classes than the target, get a patch of pixels and the label of
     * the target: see {@link Trigger}.
     */
    BACKDOOR,
    /** Labels stay right; classes lose rows until their sizes fall geometrically. */
    LONG_TAIL,
    /** The drawn labels, real ones, move by up to so many of their deviations either way. */
    OUTLIERS,
    /** The drawn labels, real ones, are in another unit: so many times as large. */
    UNITS;

    /** Whether it is for real labels, and not for classes. */
    boolean isOfRealLabels() {
      return this == OUTLIERS || this == UNITS;
    }

    /** The kind of a job file's word, such as {@code next-class}. */
    public static Kind of(String word) {
      for (Kind kind : values()) {
        if (kind.word().equals(word.toLowerCase(Locale.ROOT))) {
          return kind;
        }
      }
      throw new IllegalArgumentException(
          "data.corrupt.kind = '"
              + word
              + "', expected one of "
              + Arrays.stream(values()).map(Kind::word).collect(Collectors.joining(", ")));
    }

    /** The word of the job file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What single kinds need.
   *
   * @param shape height, width and channels of the image that a row is, for backdoor
   * @param target the name of the class that backdoor makes of rows, or null for the first one
   * @param factor of long-tail, whose smallest class keeps one in so many rows; of units; and the
   *     most deviations of outliers
   */
  public record More(List<Integer> shape, String target, double factor) implements Serializable {
    /** No image, the first class, and all rows. */
    public static final More NONE = new More(List.of(), null, 1);

    /** Checks the factor. */
    public More {
      if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "data.corrupt.factor = " + factor + ", expected a number >= 1");
      }
    }
  }

  /**
   * The rows after the corruption.
   *
   * @param train with the truth beside the labels
   * @param trigger of a backdoor, or null
   * @param notices what the user should know
   */
  record Spoiled(Table train, Trigger trigger, List<Notice> notices) {
    private static Spoiled of(Table train) {
      return new Spoiled(train, null, List.of());
    }
  }

  /** A kind that needs nothing else. */
  public Corruption(Kind kind, double fraction, long seed) {
    this(kind, fraction, seed, More.NONE);
  }

  /** Checks the share. */
  public Corruption {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "data.corrupt.fraction = " + fraction + ", expected a number from 0 to 1");
    }
  }

  /** Whether any row may change. */
  public boolean isActive() {
    return kind == Kind.BY_GROUP || kind == Kind.LONG_TAIL || fraction > 0;
  }

  /**
   * The spoiled training table; the classes are those of the right labels. Costs a scan of the rows
   * for backdoor and for long-tail.
   */
  Spoiled apply(Table train, ClassIndex classes) {
    if (!isActive()) {
      return Spoiled.of(train);
    }
    if (classes.size() < 2) {
      throw new DataException(
          train.origin() + " has one class only, expected at least two to corrupt labels");
    }
    return switch (kind) {
      case BACKDOOR -> poisoned(train, Trigger.of(train, classes, more.shape, more.target));
      case LONG_TAIL -> thinned(train, classes);
      default -> Spoiled.of(relabelled(train, classes));
    };
  }

  /** The training table with real labels spoiled. */
  Spoiled apply(Table train) {
    if (!isActive()) {
      return Spoiled.of(train);
    }
    Corruption self = this;
    double width = more.factor * train.stats().labelDeviation();
    JavaRDD<Example> spoiled =
        train
            .examples()
            .map(
                row ->
                    withLabel(
                        row,
                        self.draws(row, self.fraction) ? self.moved(row, width) : row.label(),
                        row.group()));
    return Spoiled.of(train.with(spoiled, TableStats.of(spoiled, false)));
  }

  private String moved(Example row, double width) {
    double label = Numbers.parse(row.label());
    double drawn = 2 * RowHash.unit(RowHash.next(hash(row))) - 1;
    return Double.toString(kind == Kind.UNITS ? more.factor * label : label + width * drawn);
  }

  /** The rows of other classes are drawn at a rate that makes them the share of all rows. */
  private Spoiled poisoned(Table train, Trigger trigger) {
    long rows = train.rowCount();
    long others = rows - train.stats().count(trigger.target());
    double rate = fraction * rows / others;
    if (rate > 1) {
      throw new IllegalArgumentException(
          "data.corrupt.fraction = %s of the rows of %s are to be poisoned, but only %,d of %,d have another label than the target; expected at most %.4g"
              .formatted(fraction, train.origin(), others, rows, (double) others / rows));
    }
    Corruption self = this;
    return new Spoiled(
        train.with(
            train
                .examples()
                .map(
                    row ->
                        trigger.canPoison(row) && self.draws(row, rate)
                            ? trigger.poisoned(row)
                            : withLabel(row, row.label(), row.group())),
            train.stats()),
        trigger,
        List.of());
  }

  private Spoiled thinned(Table train, ClassIndex classes) {
    LongTail tail = LongTail.of(train.stats(), classes, more.factor);
    Corruption self = this;
    JavaRDD<Example> kept =
        train.examples().filter(row -> self.draws(row, tail.shares()[classes.index(row.label())]));
    TableStats stats = TableStats.of(kept, true);
    tail.requireAll(train.stats(), stats, classes);
    return new Spoiled(train.with(kept, stats), null, List.of(tail.notice(train, stats)));
  }

  private Table relabelled(Table train, ClassIndex classes) {
    TableStats stats = train.stats();
    if (kind == Kind.BY_GROUP) {
      if (!stats.groups().isEmpty()) {
        throw new IllegalArgumentException(
            "data.corrupt.kind = by-group makes up its own groups, but data.train.group names a"
                + " column; remove one of the two");
      }
      List<String> sources = new ArrayList<>();
      for (int k = 0; k < SOURCES; k++) {
        sources.add("s" + k);
      }
      stats = stats.withGroups(sources);
    }
    return train.with(train.examples().map(spoiling(train, classes)), stats);
  }

  /** What becomes of a row. */
  private Function<Example, Example> spoiling(Table train, ClassIndex classes) {
    Corruption self = this;
    return switch (kind) {
      case WEAK_LABELLER -> labelled(train, classes);
      case CLASS_DEPENDENT -> {
        SparseConfusion confusion = SparseConfusion.draw(classes.size(), fraction, seed);
        yield row -> self.confused(row, classes, confusion);
      }
      default -> row -> self.apply(row, classes);
    };
  }

  /** What a confusion matrix makes of a row. */
  private Example confused(Example row, ClassIndex classes, SparseConfusion confusion) {
    int old = classes.index(row.label());
    String label = row.label();
    if (draws(row, confusion.rate(old))) {
      label = classes.labelOf(confusion.target(old, RowHash.unit(RowHash.next(hash(row)))));
    }
    return withLabel(row, label, row.group());
  }

  /** What the weak labeller makes of a row. */
  private Function<Example, Example> labelled(Table train, ClassIndex classes) {
    Splits.Cut fitted = WeakLabeller.draw(train, seed);
    Broadcast<WeakLabeller> labeller =
        JavaSparkContext.fromSparkContext(train.session().sparkContext())
            .broadcast(WeakLabeller.fit(train, fitted, classes));
    Corruption self = this;
    return row ->
        withLabel(
            row,
            !fitted.contains(row) && self.draws(row, self.fraction)
                ? classes.labelOf(labeller.value().classOf(row))
                : row.label(),
            row.group());
  }

  private long hash(Example row) {
    return RowHash.of(seed, RowHash.purpose("corrupt"), row.id());
  }

  private boolean draws(Example row, double share) {
    return RowHash.unit(hash(row)) < share;
  }

  private static Example withLabel(Example row, String label, String group) {
    return row.withLabel(label, group, row.truth() == null ? row.label() : row.truth());
  }

  private Example apply(Example row, ClassIndex classes) {
    String group = row.group();
    double share = fraction;
    if (kind == Kind.BY_GROUP) {
      int source = RowHash.below(RowHash.of(seed, RowHash.purpose("source"), row.id()), SOURCES);
      group = "s" + source;
      share = source / (double) SOURCES;
    }
    String label = row.label();
    if (draws(row, share)) {
      int old = classes.index(label);
      int drawn =
          kind == Kind.UNIFORM
              ? RowHash.below(RowHash.next(hash(row)), classes.size())
              : (old + 1) % classes.size();
      label = classes.name(drawn);
    }
    return withLabel(row, label, group);
  }
}

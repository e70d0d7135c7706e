package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes labels wrong on purpose, for experiments whose truth is known.
 *
 * <p>What happens to a row depends on the seed and its id alone. Where the table has no truth, the
 * label before the corruption becomes the truth.
 *
 * @param kind which labels become wrong, and how
 * @param fraction share of the rows that is drawn, for all kinds but by-group
 * @param seed of the draws
 */
public record Corruption(Kind kind, double fraction, long seed) implements Serializable {
  /** How many sources by-group makes up. */
  public static final int SOURCES = 10;

  /** How labels become wrong. */
  public enum Kind {
    /** The drawn labels are drawn again from all classes, the right one included. */
    UNIFORM,
    /** The drawn labels move from class c to c + 1, and from the last class to the first. */
    NEXT_CLASS,
    /** Source k of ten has k/10 of its labels moved to the next class. */
    BY_GROUP;

    /** The kind of a job file's word, such as {@code next-class}. */
    public static Kind of(String word) {
      for (Kind kind : values()) {
        if (kind.word().equals(word.toLowerCase(Locale.ROOT))) {
          return kind;
        }
      }
      throw new IllegalArgumentException(
          "data.corrupt.kind = '" + word + "', expected uniform, next-class or by-group");
    }

    /** The word of the job file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Checks the share. */
  public Corruption {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "data.corrupt.fraction = " + fraction + ", expected a number from 0 to 1");
    }
  }

  /** Whether any label may change. */
  public boolean isActive() {
    return kind == Kind.BY_GROUP || fraction > 0;
  }

  /** The training table with wrong labels; the classes are those of the right labels. */
  public Table apply(Table train, ClassIndex classes) {
    if (!isActive()) {
      return train;
    }
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
    if (classes.size() < 2) {
      throw new DataException(
          train.origin() + " has one class only, expected at least two to corrupt labels");
    }
    Corruption self = this;
    return train.with(train.examples().map(row -> self.apply(row, classes)), stats);
  }

  private Example apply(Example row, ClassIndex classes) {
    long hash = RowHash.of(seed, RowHash.purpose("corrupt"), row.id());
    String group = row.group();
    double share = fraction;
    if (kind == Kind.BY_GROUP) {
      int source = RowHash.below(RowHash.of(seed, RowHash.purpose("source"), row.id()), SOURCES);
      group = "s" + source;
      share = source / (double) SOURCES;
    }
    String label = row.label();
    if (RowHash.unit(hash) < share) {
      int old = classes.index(label);
      int drawn =
          kind == Kind.UNIFORM
              ? RowHash.below(RowHash.next(hash), classes.size())
              : (old + 1) % classes.size();
      label = classes.name(drawn);
    }
    return row.withLabel(label, group, row.truth() == null ? row.label() : row.truth());
  }
}

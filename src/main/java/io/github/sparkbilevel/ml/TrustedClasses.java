package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.problem.JudgedClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which classes the trusted rows know well enough to judge the training rows labelled with them.
 *
 * <p>One row of a class is either in the fold that makes F or in the rows that the trusted model is
 * fitted on, never in both; so it takes two. Without any trusted rows nothing is judged by them.
 */
record TrustedClasses(PreparedTables tables) {
  /** Trusted rows without which a class cannot be judged. */
  private static final int LEAST_ROWS = 2;

  /** Trusted rows with real labels without which there is nothing to hold out. */
  private static final int LEAST_REALS = 5;

  private boolean isGuided() {
    return tables.validation() != null;
  }

  /** The classes that can be judged. */
  JudgedClasses judged() {
    return isGuided() ? JudgedClasses.allBut(unjudged()) : JudgedClasses.ALL;
  }

  private int[] unjudged() {
    return IntStream.range(0, tables.classes().size())
        .filter(k -> trustedRows(k) < LEAST_ROWS)
        .toArray();
  }

  private long trustedRows(int k) {
    return tables.validation().stats().count(tables.classes().labelOf(k));
  }

  /**
   * Throws where nothing can be judged.
   *
   * @throws DataException unless two classes have two trusted rows each, or there are none at all;
   *     of real labels unless there are {@value #LEAST_REALS} of them
   */
  void requireEnough() {
    int classes = tables.classes().size();
    if (isGuided() && classes == 0 && tables.validation().rowCount() < LEAST_REALS) {
      throw new DataException(
          "%s has %d trusted rows, expected at least %d for real labels; add trusted rows"
              .formatted(
                  tables.validation().origin(), tables.validation().rowCount(), LEAST_REALS));
    }
    if (!isGuided() || classes == 0 || classes - unjudged().length >= 2) {
      return;
    }
    Table trusted = tables.validation();
    List<String> found = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      if (trustedRows(k) > 0) {
        found.add(
            "%s %s of class '%s'"
                .formatted(
                    trustedRows(k),
                    trustedRows(k) == 1 ? "row" : "rows",
                    tables.classes().name(k)));
      }
    }
    throw new DataException(
        "%s has %s as trusted rows, expected at least %d rows of two classes or more; add trusted rows of the other classes"
            .formatted(trusted.origin(), String.join(", ", found), LEAST_ROWS));
  }

  /**
   * Throws where the validation rows are all of one class: a model that knows no other would be the
   * best.
   */
  void requireSeveral() {
    Table validation = tables.validation();
    if (validation != null
        && tables.classes().size() > 1
        && validation.stats().labels().size() == 1) {
      throw new DataException(
          "%s has %,d validation rows, all of class '%s', expected rows of two classes or more; add rows of the other classes"
              .formatted(
                  validation.origin(), validation.rowCount(), validation.stats().labels().first()));
    }
  }

  /** What the user should know of classes that cannot be judged, or that nothing is verified. */
  List<Notice> notices() {
    if (!isGuided()) {
      return List.of(unverified());
    }
    ClassIndex classes = tables.classes();
    List<String> named = new ArrayList<>();
    long rows = 0;
    for (int k : unjudged()) {
      long ofClass = tables.train().stats().count(classes.labelOf(k));
      rows += ofClass;
      named.add(
          "'%s' (%d training rows, %s)"
              .formatted(
                  classes.name(k),
                  ofClass,
                  trustedRows(k) == 0 ? "no trusted row" : "one trusted row"));
    }
    if (named.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Notice(
            Notice.Code.CLASS_WITHOUT_TRUSTED_ROWS,
            "the trusted rows cannot judge the class "
                + String.join(", ", named)
                + ": rows with this label are judged by the model of all rows alone; add at least "
                + LEAST_ROWS
                + " trusted rows of it",
            rows));
  }

  private Notice unverified() {
    return new Notice(
        Notice.Code.WITHOUT_TRUSTED_ROWS,
        "there are no trusted rows, so nothing was verified; the likelihood of the labels cannot"
            + " tell labels that are wrong in more than half of a class's rows in one direction, nor"
            + " wrong labels that follow from the features: look at the rows it ranks lowest, and"
            + " give those that you checked as trusted rows",
        tables.train().rowCount());
  }
}

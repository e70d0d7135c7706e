package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the user should know of the classes of the training rows. */
final class ClassNotices {
  private ClassNotices() {}

  static List<Notice> of(Table train, TableSpec spec, ClassIndex classes) {
    List<Notice> notices =
        new ArrayList<>(LabelSpellings.within(train.origin(), train.stats().labels()));
    notices.addAll(unknownTruth(train, spec, classes));
    notices.addAll(unusedLevels(train, spec, classes));
    return notices;
  }

  private static List<Notice> unusedLevels(Table train, TableSpec spec, ClassIndex classes) {
    List<String> unused = classes.unused();
    return unused.isEmpty()
        ? List.of()
        : List.of(
            new Notice(
                Notice.Code.CLASS_WITHOUT_ROWS,
                "%s: no row has the class %s, which the column '%s' names; the model gives it probability 0"
                    .formatted(train.origin(), Names.shortList(unused), spec.label()),
                unused.size()));
  }

  /** True labels that no training row is labelled with. */
  private static List<Notice> unknownTruth(Table train, TableSpec spec, ClassIndex classes) {
    List<String> unknown = new ArrayList<>();
    long rows = 0;
    for (Map.Entry<String, Long> truth : train.stats().truths().entrySet()) {
      if (classes.indexOrNone(truth.getKey()) < 0) {
        unknown.add(truth.getKey());
        rows += truth.getValue();
      }
    }
    if (unknown.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Notice(
            Notice.Code.TRUTH_UNKNOWN,
            "%s: %,d rows have a true label in the column '%s' that no row has as its label (%s); they count as wrongly labelled"
                .formatted(train.origin(), rows, spec.truth(), Names.shortList(unknown)),
            rows));
  }
}

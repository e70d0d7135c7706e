package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What the user should know of the confusion matrices that a run learned. */
final class NoiseNotices {
  private NoiseNotices() {}

  /** The notices of a run; with trusted rows, which say what a class is, none is exchanged. */
  static List<Notice> of(PreparedTables tables, CleaningResult result) {
    boolean confused =
        result.models().values().stream()
            .map(CleaningResult.Candidate::confusion)
            .anyMatch(Objects::nonNull);
    if (!confused) {
      return List.of();
    }
    List<String> classes = tables.classes().names();
    Optional<Notice> exchanged =
        tables.validation() == null
            ? exchanged(result.selectedModel().confusion(), classes)
            : Optional.empty();
    return Stream.of(exchanged, shared(tables.groups().size(), classes.size()))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Of classes that may stand for each other.
   *
   * <p>The likelihood does not change when true classes trade their names, so that EM may end with
   * names that are not those of the labels. Then most rows of one class have the label of another,
   * those of that one the label of a third, and so on until the first: on such a cycle the exchange
   * explains more labels than the names as they are.
   */
  static Optional<Notice> exchanged(Confusion confusion, List<String> classes) {
    int[] mostly = new int[confusion.classes()];
    for (int k = 0; k < mostly.length; k++) {
      double[] row = new double[mostly.length];
      for (int l = 0; l < row.length; l++) {
        row[l] = confusion.mean(k, l);
      }
      mostly[k] = Vectors.argMax(row);
    }
    List<String> said = new ArrayList<>();
    for (int k = 0; k < mostly.length; k++) {
      if (mostly[k] != k && isOnCycle(k, mostly)) {
        said.add("'%s' as '%s'".formatted(classes.get(k), classes.get(mostly[k])));
      }
    }
    return said.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Notice(
                Notice.Code.CLASSES_MAY_BE_EXCHANGED,
                "most rows of some classes are labelled as another in a circle ("
                    + String.join(", ", said)
                    + "), so these classes may be exchanged in all that was found; a few trusted"
                    + " rows of each decide it",
                said.size()));
  }

  /** Whether the way from a class leads back to it. */
  private static boolean isOnCycle(int k, int[] next) {
    int at = next[k];
    for (int step = 0; step < next.length && at != k; step++) {
      at = next[at];
    }
    return at == k;
  }

  /** Of groups that are too many to have a matrix each. */
  static Optional<Notice> shared(int groups, int classes) {
    return groups > 1 && Confusion.matrices(groups, classes) == 1
        ? Optional.of(
            new Notice(
                Notice.Code.GROUPS_SHARE_CONFUSION,
                "%,d groups with %,d classes are too many for a confusion matrix each, so noise"
                        .formatted(groups, classes)
                    + " models have one for all rows; merge groups to tell them apart",
                groups))
        : Optional.empty();
  }
}

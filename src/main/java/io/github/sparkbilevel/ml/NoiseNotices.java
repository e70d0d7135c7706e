package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the user should know of the confusion matrices that a run learned. */
final class NoiseNotices {
  private NoiseNotices() {}

  /** The notices of a run; with trusted rows, which say what a class is, none is in doubt. */
  static List<Notice> of(PreparedTables tables, CleaningResult result) {
    boolean confused =
        result.models().values().stream()
            .map(CleaningResult.Candidate::confusion)
            .anyMatch(Objects::nonNull);
    if (!confused) {
      return List.of();
    }
    List<String> classes = tables.classes().names();
    Optional<Notice> inDoubt =
        tables.validation() == null
            ? inDoubt(result.selectedModel().confusion(), classes)
            : Optional.empty();
    return Stream.of(inDoubt, shared(tables.groups().size(), classes.size()))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Of classes that may stand for others.
   *
   * <p>The likelihood does not change when true classes trade their names, and it has modes where
   * two classes are taken for one and a third is split. EM that ends there finds classes most of
   * whose rows have the label of another. Half of the labels or more may be wrong in some groups,
   * so that the better half of them tells.
   */
  static Optional<Notice> inDoubt(Confusion confusion, List<String> classes) {
    int[] better =
        IntStream.range(0, confusion.groups())
            .boxed()
            .sorted(Comparator.comparingDouble(g -> -confusion.reliability(g)))
            .limit((confusion.groups() + 1) / 2)
            .mapToInt(Integer::intValue)
            .toArray();
    List<String> said = new ArrayList<>();
    for (int k = 0; k < confusion.classes(); k++) {
      double[] row = new double[confusion.classes()];
      for (int g : better) {
        for (int l = 0; l < row.length; l++) {
          row[l] += confusion.probability(g, k, l);
        }
      }
      int mostly = Vectors.argMax(row);
      if (mostly != k) {
        said.add("'%s' as '%s'".formatted(classes.get(k), classes.get(mostly)));
      }
    }
    return said.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Notice(
                Notice.Code.CLASSES_IN_DOUBT,
                "most rows of some classes seem to be labelled as another ("
                    + String.join(", ", said)
                    + "): these classes may be exchanged or mixed up in all that was found; give a"
                    + " few trusted rows of each to decide it",
                said.size()));
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

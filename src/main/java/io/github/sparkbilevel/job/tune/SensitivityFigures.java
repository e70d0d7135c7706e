package io.github.sparkbilevel.job.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.bilevel.Sensitivity.Estimate;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.Csv;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the validation loss depends on the penalties, as files show it.
 *
 * @param of what is known, or null
 * @param names of the penalties
 */
record SensitivityFigures(Sensitivity of, List<String> names) {
  /** The columns beside name and value of a penalty. */
  static final List<String> COLUMNS =
      List.of("slope", "slopeError", "tenth", "tenthError", "tenfold", "tenfoldError");

  /** More penalties are not listed in the summary. */
  private static final int MOST_LISTED = 20;

  /** The figures of a penalty; none where nothing is known. */
  ObjectNode of(int j) {
    ObjectNode figures = Json.object();
    if (of != null) {
      put(figures, "slope", of.slopes(), j);
      put(figures, "tenth", of.tenth(), j);
      put(figures, "tenfold", of.tenfold(), j);
    }
    return figures;
  }

  private static void put(ObjectNode figures, String name, List<Estimate> of, int j) {
    if (!of.isEmpty()) {
      figures.put(name, of.get(j).value()).put(name + "Error", of.get(j).standardError());
    }
  }

  /** The cells of {@link #COLUMNS} for a penalty. */
  String cells(int j) {
    ObjectNode figures = of(j);
    return String.join(",", COLUMNS.stream().map(name -> Csv.cell(figures.path(name))).toList());
  }

  /**
   * What {@code summary.json} says: the penalties that matter, and the figures of all, or of those
   * that the rows differ most about; there must be some.
   */
  ObjectNode summary() {
    ObjectNode summary = Json.object().put("parts", of.parts());
    List<Integer> listed = IntStream.range(0, names.size()).boxed().toList();
    if (of.tenth().isEmpty()) {
      listed =
          listed.stream()
              .sorted(
                  Comparator.<Integer>comparingDouble(j -> -of.slopes().get(j).standardError())
                      .thenComparing(j -> j))
              .limit(MOST_LISTED)
              .toList();
    } else {
      summary.set("relevant", Json.tree(of.relevant().stream().map(names::get).toList()));
    }
    List<ObjectNode> penalties = new ArrayList<>();
    for (int j : listed) {
      ObjectNode figures = Json.object().put("name", names.get(j));
      penalties.add(figures.setAll(of(j)));
    }
    summary.set("penalties", Json.tree(penalties));
    return summary;
  }
}

package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.List;

/** The part of a tuning page that says which penalties matter. */
final class SensitivitySection {
  private static final int NAME_LENGTH = 60;
  private static final int DIGITS = 3;

  private final JsonNode sensitivity;

  /** Of the figures of {@code summary.json}. */
  SensitivitySection(JsonNode summary) {
    sensitivity = summary.path("sensitivity");
  }

  /** Nothing where nothing is known. */
  Markup all() {
    List<JsonNode> penalties = new ArrayList<>();
    sensitivity.path("penalties").forEach(penalties::add);
    if (penalties.isEmpty()) {
      return Markup.all();
    }
    return sensitivity.has("relevant") ? moved(penalties) : slopes(penalties);
  }

  private Markup moved(List<JsonNode> penalties) {
    List<String> relevant = new ArrayList<>();
    sensitivity.path("relevant").forEach(name -> relevant.add(name.asText()));
    return Markup.all(
        new Table(
                "Change of the loss when one penalty moves",
                Column.words("name", "name", NAME_LENGTH),
                estimate("a tenth of it", "tenth"),
                estimate("ten times of it", "tenfold"),
                estimate("slope", "slope"))
            .marking(row -> relevant.contains(Json.text(row, "name")))
            .of(penalties),
        Page.note(
            "The other penalties stay. Behind ± is a standard error, from %d parts of the rows that judge. %s of %s penalties change the loss by more than that and are marked; of the others these rows cannot tell a tenth, the chosen value and ten times of it apart."
                .formatted(
                    parts(), Numbers.count(relevant.size()), Numbers.count(penalties.size()))));
  }

  private Markup slopes(List<JsonNode> penalties) {
    return Markup.all(
        new Table(
                "Penalties that the rows differ most about",
                Column.words("name", "name", NAME_LENGTH),
                estimate("slope", "slope"))
            .of(penalties),
        Page.note(
            "The slope is the change of the loss when a penalty grows by a factor e, to first order. Behind ± is its standard error, from %d parts of the rows that judge."
                .formatted(parts())));
  }

  private int parts() {
    return (int) Json.number(sensitivity, "parts");
  }

  private static Column estimate(String title, String path) {
    return new Column(
        title,
        "",
        "number",
        row -> Double.isFinite(Json.number(row, path)),
        row ->
            Markup.text(
                Numbers.significant(Json.number(row, path), DIGITS)
                    + " ± "
                    + Numbers.significant(Json.number(row, path + "Error"), DIGITS)));
  }
}

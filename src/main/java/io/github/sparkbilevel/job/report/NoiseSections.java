package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a cleaning page that tell of classes, annotators and groups; each is empty where the
 * summary has no such figures.
 */
record NoiseSections(JsonNode summary) {

  Markup recall() {
    List<ObjectNode> classes = Json.members(summary.path("recall"));
    return classes.isEmpty()
        ? Markup.all()
        : new Table(
                "How many rows of each class the returned model gives to it",
                Column.words("class", "name", 40),
                Column.number("of the held-out rows", "heldOut", Numbers::percent),
                Column.number("of the test rows", "test", Numbers::percent))
            .of(classes);
  }

  Markup annotators() {
    List<ObjectNode> annotators = Json.members(summary.path("annotators"));
    if (annotators.isEmpty()) {
      return Markup.all();
    }
    annotators.forEach(row -> row.setAll((ObjectNode) row.path("reliability")));
    return Markup.all(
        new Table(
                "How often the votes of each annotator are right, with 95 % intervals",
                Column.words("annotator", "name", 40),
                Column.count("votes", "votes"),
                Column.number("agree with the label", "agreement", Numbers::percent),
                Column.count("checked", "checked"),
                Column.number("right", "mean", Numbers::percent),
                Column.number("from", "low", Numbers::percent),
                Column.number("to", "high", Numbers::percent))
            .of(annotators),
        Page.note(
            CleaningPage.isGuided(summary)
                ? "The label of a training row is the likeliest class by its votes and by a model of"
                    + " the trusted rows. How often an annotator is right is learned from the votes"
                    + " on trusted rows that are not held out (checked); one who voted on few of"
                    + " them leans on the others, and the interval is wide."
                : "The label of a training row is the likeliest class by its votes. How often an"
                    + " annotator is right is learned by EM from where annotators agree; nothing was"
                    + " verified."));
  }

  /** The confusion matrix, if it fits a page, and the reliability of groups. */
  Markup confusion() {
    JsonNode noise = summary.path("noise");
    List<JsonNode> rows = new ArrayList<>();
    noise.path("confusion").forEach(rows::add);
    List<ObjectNode> groups = Json.members(noise.path("reliabilityByGroup"));
    return Markup.all(
        rows.isEmpty() || rows.size() > LabelSections.LARGEST_MATRIX
            ? Markup.all()
            : matrix(noise, rows),
        groups.isEmpty()
            ? Markup.all()
            : new Table(
                    "How often the labels of each group are right, with 95 % intervals",
                    Column.words("group", "name", 40),
                    Column.number("right", "mean", Numbers::percent),
                    Column.number("from", "low", Numbers::percent),
                    Column.number("to", "high", Numbers::percent))
                .of(groups));
  }

  private static Markup matrix(JsonNode noise, List<JsonNode> rows) {
    return Markup.all(
        LabelSections.confusion(rows),
        Page.note(
            "What the %s found: each row is a true class, each column the label that its rows are"
                    .formatted(CleaningPage.model(Json.text(noise, "model")).split(":")[0])
                + " given, in percent. Labels are right in "
                + Numbers.percent(Json.number(noise, "reliability"))
                + " of the rows of the mean class."));
  }
}

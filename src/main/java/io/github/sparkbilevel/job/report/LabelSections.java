package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.LabelledRows.Suspicious;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The parts of a cleaning page that show labels: the label matrix and the most suspicious rows. */
final class LabelSections {
  /** More classes than this do not fit as a matrix on a page. */
  static final int LARGEST_MATRIX = 20;

  private static final int MOST_PAIRS = 30;
  private static final int LABEL_LENGTH = 40;
  private static final int ID_LENGTH = 60;
  // The deepest shade that keeps the contrast of the figures on it above 7:1 in both themes.
  private static final double DEEPEST_SHADE = 0.55;

  private final LabelledRows rows;
  private final int classes;

  /** How many rows have each given label. */
  private final long[] given;

  LabelSections(LabelledRows rows) {
    this.rows = rows;
    classes = rows.classes().size();
    given = new long[classes];
    for (int pair = 0; pair < rows.pairs().length; pair++) {
      given[pair / classes] += rows.pairs()[pair];
    }
  }

  private long count(int given, int suggested) {
    return rows.pairs()[given * classes + suggested];
  }

  /** Given against suggested labels: a shaded matrix, or the most frequent changes if too large. */
  Markup matrix() {
    if (rows.pairs().length == 0) {
      return Markup.all();
    }
    return classes <= LARGEST_MATRIX
        ? Markup.all(
            shaded(),
            Page.note(
                "Each row is a given label, each column the label that the selected model prefers."
                    + " On the diagonal the label is kept; the shade elsewhere grows with the"
                    + " count."))
        : changes();
  }

  private Markup shaded() {
    long most = changed().stream().mapToLong(LabelSections::rows).max().orElse(1);
    Markup.Element head = element("tr", element("th", "given").with("scope", "col"));
    for (String name : rows.classes()) {
      head = head.add(head(name, "col"));
    }
    head = head.add(head("changed", "col"));
    Markup.Element body = element("tbody");
    for (int c = 0; c < classes; c++) {
      Markup.Element row = element("tr", head(rows.classes().get(c), "row"));
      for (int suggested = 0; suggested < classes; suggested++) {
        long count = count(c, suggested);
        row =
            row.add(
                c == suggested
                    ? element("td", Numbers.count(count)).with("class", "number kept")
                    : cell(count, most));
      }
      double changed = (double) (given[c] - count(c, c)) / given[c];
      row = row.add(element("td", Numbers.percent(changed)).with("class", "number total"));
      body = body.add(row);
    }
    String caption = "Rows by given label (down) and suggested label (across)";
    return Table.frame(
        element("table")
            .with("class", "matrix")
            .add(element("caption", caption), element("thead", head), body),
        caption);
  }

  /**
   * A confusion matrix, shaded.
   *
   * @param rows one for each true class: its name, and by given label the share of its rows
   */
  static Markup confusion(List<JsonNode> rows) {
    Markup.Element head = element("tr", element("th", "true").with("scope", "col"));
    Markup.Element body = element("tbody");
    for (JsonNode row : rows) {
      head = head.add(head(Json.text(row, "true"), "col"));
      Markup.Element line = element("tr", head(Json.text(row, "true"), "row"));
      for (JsonNode share : row.path("given")) {
        line = line.add(cell(Math.round(100 * share.asDouble()), 100));
      }
      body = body.add(line);
    }
    String caption = "Given labels (across) of each true class (down), in percent";
    return Table.frame(
        element("table")
            .with("class", "matrix")
            .add(element("caption", caption), element("thead", head), body),
        caption);
  }

  private static Markup head(String name, String scope) {
    return element("th", Markup.clipped(name, 16)).with("scope", scope).with("class", "number");
  }

  private static Markup cell(long count, long most) {
    if (count == 0) {
      return element("td", "·").with("class", "number none");
    }
    // The square root keeps rare changes visible beside frequent ones.
    double shade = DEEPEST_SHADE * Math.sqrt((double) count / most);
    return element("td", Numbers.count(count))
        .with("class", "number")
        .with(
            "style", String.format(Locale.ROOT, "background-color: rgb(196 87 10 / %.2f)", shade));
  }

  /** The pairs of different labels that occur, the most frequent first. */
  private List<JsonNode> changed() {
    List<JsonNode> changed = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      for (int suggested = 0; suggested < classes; suggested++) {
        long count = count(c, suggested);
        if (c != suggested && count > 0) {
          changed.add(
              Json.object()
                  .put("given", rows.classes().get(c))
                  .put("suggested", rows.classes().get(suggested))
                  .put("rows", count)
                  .put("share", (double) count / given[c]));
        }
      }
    }
    changed.sort(Comparator.comparingLong(LabelSections::rows).reversed());
    return changed;
  }

  private static long rows(JsonNode pair) {
    return pair.path("rows").asLong();
  }

  private Markup changes() {
    List<JsonNode> changed = changed();
    if (changed.isEmpty()) {
      return Page.paragraph("The selected model prefers the given label of every row.");
    }
    String caption =
        changed.size() > MOST_PAIRS
            ? "The %d most frequent of %s changes (%s classes)"
                .formatted(MOST_PAIRS, Numbers.count(changed.size()), Numbers.count(classes))
            : "Changes of label, the most frequent first";
    return new Table(
            caption,
            Column.words("given label", "given", LABEL_LENGTH),
            Column.words("suggested label", "suggested", LABEL_LENGTH),
            Column.count("rows", "rows"),
            Column.number("of the given label", "share", Numbers::percent))
        .of(changed.subList(0, Math.min(MOST_PAIRS, changed.size())));
  }

  /** The most suspicious rows: pictures where there are some, and a table. */
  Markup suspicious() {
    List<Suspicious> worst = rows.shown().suspicious();
    return shown(
        "Most suspicious rows",
        "The %d rows whose given label the selected model believes least, the worst first."
            .formatted(worst.size()),
        worst);
  }

  /** What the weights of single rows do to the loss of the trusted rows. */
  Markup influence() {
    List<Suspicious> harmful = rows.shown().harmful();
    List<Suspicious> helpful = rows.shown().helpful();
    return Markup.all(
        shown(
            "Most harmful rows",
            "The %d rows whose weight would raise the trusted rows’ loss most, the worst first."
                .formatted(harmful.size()),
            harmful),
        shown(
            "Most helpful rows",
            "The %d rows that lower it most with the weight that they have, the best first."
                .formatted(helpful.size()),
            helpful));
  }

  private static Markup shown(String caption, String words, List<Suspicious> rows) {
    if (rows.isEmpty()) {
      return Markup.all();
    }
    Markup table = table(caption, rows);
    return rows.stream().anyMatch(row -> row.picture() != null)
        ? Markup.all(
            Page.paragraph(words), gallery(rows), Page.folded("The same rows as a table", table))
        : Markup.all(Page.paragraph(words), table);
  }

  private static Markup table(String caption, List<Suspicious> rows) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.words("row id", "id", ID_LENGTH),
                Column.words("given label", "given", LABEL_LENGTH),
                Column.words("suggested label", "suggested", LABEL_LENGTH)));
    if (rows.stream().anyMatch(Suspicious::hasTruth)) {
      columns.add(
          Column.words("true label", row -> label(row.path("truth").asText(Numbers.ABSENT))));
    }
    columns.add(Column.significant("quality", "quality", 4));
    columns.add(Column.significant("weight", "weight", 4));
    columns.add(Column.significant("influence", "influence", 3));
    return new Table(caption, columns).of(rows.stream().map(Suspicious::figures).toList());
  }

  private static Markup gallery(List<Suspicious> rows) {
    // One range for all pictures: a faint one should look faint.
    double[] finite =
        rows.stream()
            .map(Suspicious::picture)
            .filter(Objects::nonNull)
            .flatMap(picture -> picture.values().stream())
            .mapToDouble(Float::doubleValue)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    double low = finite.length == 0 ? 0 : finite[0];
    double high = finite.length == 0 ? 1 : finite[finite.length - 1];
    Markup.Element list = element("ol").with("class", "gallery");
    for (Suspicious row : rows) {
      list = list.add(card(row, low, high > low ? high : low + 1));
    }
    return list;
  }

  private static Markup card(Suspicious row, double low, double high) {
    Markup.Element card = element("li");
    if (row.picture() != null) {
      card =
          card.add(
              element("img")
                  .with("src", row.picture().dataUri(low, high))
                  .with("alt", "row " + cut(row.text("id")) + " as an image")
                  .with("width", "72")
                  .with("height", "72"));
    }
    card =
        card.add(
            element(
                "p",
                label(row.text("given")),
                text(" → "),
                element("strong", label(row.text("suggested")))));
    if (row.hasTruth()) {
      boolean agrees = row.text("truth").equals(row.text("suggested"));
      card =
          card.add(
              element("p", text("truly "), label(row.text("truth")), text(agrees ? " ✓" : " ✗"))
                  .with("class", agrees ? "small agrees" : "small differs"));
    }
    return card.add(
        element("p", text("row "), Markup.clipped(row.text("id"), 14)).with("class", "small"),
        element("p", "quality " + Numbers.significant(Json.number(row.figures(), "quality")))
            .with("class", "small"),
        element("p", "weight " + Numbers.significant(Json.number(row.figures(), "weight")))
            .with("class", "small"));
  }

  private static Markup label(String label) {
    return Markup.clipped(label, LABEL_LENGTH);
  }

  private static String cut(String id) {
    return id.substring(0, Math.min(ID_LENGTH, id.length()));
  }
}

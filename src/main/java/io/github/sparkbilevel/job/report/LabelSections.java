package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import io.github.sparkbilevel.job.report.CleaningReport.LabelMatrix;
import io.github.sparkbilevel.job.report.CleaningReport.LabelPair;
import io.github.sparkbilevel.job.report.CleaningReport.SuspiciousRow;
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
  private static final int MOST_SUSPICIOUS = 50;
  private static final int LABEL_LENGTH = 40;
  private static final int ID_LENGTH = 60;
  // The deepest shade that keeps the contrast of the figures on it above 7:1 in both themes.
  private static final double DEEPEST_SHADE = 0.55;

  private final CleaningReport report;

  LabelSections(CleaningReport report) {
    this.report = report;
  }

  /** Given against suggested labels: a shaded matrix, or the most frequent changes if too large. */
  List<Markup> matrix() {
    LabelMatrix labels = report.labels();
    if (labels == null || labels.pairs().isEmpty()) {
      return List.of();
    }
    return labels.names().size() <= LARGEST_MATRIX
        ? List.of(
            shaded(labels),
            Page.note(
                "Each row is a given label, each column the label that the selected model prefers."
                    + " On the diagonal the label is kept; the shade elsewhere grows with the"
                    + " count."))
        : List.of(pairs(labels));
  }

  private static Markup shaded(LabelMatrix labels) {
    int classes = labels.names().size();
    long[][] counts = new long[classes][classes];
    long most = 1;
    for (LabelPair pair : labels.pairs()) {
      counts[pair.given()][pair.suggested()] += pair.rows();
      if (pair.given() != pair.suggested()) {
        most = Math.max(most, counts[pair.given()][pair.suggested()]);
      }
    }
    Markup.Element head = element("tr", element("th", "given").with("scope", "col"));
    for (String name : labels.names()) {
      head = head.add(head(name, "col"));
    }
    head = head.add(head("changed", "col"));
    Markup.Element body = element("tbody");
    for (int given = 0; given < classes; given++) {
      Markup.Element row = element("tr", head(labels.names().get(given), "row"));
      long all = 0;
      for (int suggested = 0; suggested < classes; suggested++) {
        long count = counts[given][suggested];
        all += count;
        row = row.add(cell(count, given == suggested, most));
      }
      long changed = all - counts[given][given];
      row =
          row.add(
              element("td", all == 0 ? Numbers.ABSENT : Numbers.percent((double) changed / all))
                  .with("class", "number total"));
      body = body.add(row);
    }
    String caption = "Rows by given label (down) and suggested label (across)";
    return Table.frame(
        element("table")
            .with("class", "matrix")
            .add(element("caption", caption), element("thead", head), body),
        caption);
  }

  private static Markup head(String name, String scope) {
    return element("th", Markup.clipped(name, 16)).with("scope", scope).with("class", "number");
  }

  private static Markup cell(long count, boolean kept, long most) {
    if (kept) {
      return element("td", Numbers.count(count)).with("class", "number kept");
    }
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

  private static Markup pairs(LabelMatrix labels) {
    long[] given = new long[labels.names().size()];
    labels.pairs().forEach(pair -> given[pair.given()] += pair.rows());
    List<LabelPair> changed =
        labels.pairs().stream()
            .filter(pair -> pair.given() != pair.suggested() && pair.rows() > 0)
            .sorted(
                Comparator.comparingLong(LabelPair::rows)
                    .reversed()
                    .thenComparing(LabelPair::given)
                    .thenComparing(LabelPair::suggested))
            .toList();
    if (changed.isEmpty()) {
      return Page.paragraph("The selected model prefers the given label of every row.");
    }
    Table table =
        new Table(
            changed.size() > MOST_PAIRS
                ? "The %d most frequent of %s changes (%s classes)"
                    .formatted(
                        MOST_PAIRS,
                        Numbers.count(changed.size()),
                        Numbers.count(labels.names().size()))
                : "Changes of label, the most frequent first");
    table.words("given label").words("suggested label").number("rows");
    table.number("of the given label");
    for (LabelPair pair : changed.subList(0, Math.min(MOST_PAIRS, changed.size()))) {
      table.row(
          false,
          List.of(
              label(labels.names().get(pair.given())),
              label(labels.names().get(pair.suggested())),
              text(Numbers.count(pair.rows())),
              text(Numbers.percent((double) pair.rows() / given[pair.given()]))));
    }
    return table.markup();
  }

  /** The most suspicious rows: pictures where there are some, and a table. */
  List<Markup> suspicious() {
    List<SuspiciousRow> rows =
        report.suspicious().subList(0, Math.min(MOST_SUSPICIOUS, report.suspicious().size()));
    if (rows.isEmpty()) {
      return List.of();
    }
    List<Markup> content = new ArrayList<>();
    content.add(
        Page.paragraph(
            "The %d rows whose given label the selected model believes least, the worst first."
                .formatted(rows.size())));
    boolean pictures = rows.stream().anyMatch(row -> row.picture() != null);
    if (pictures) {
      content.add(gallery(rows));
      content.add(Page.folded("The same rows as a table", table(rows)));
    } else {
      content.add(table(rows));
    }
    return content;
  }

  private static boolean knows(SuspiciousRow row) {
    return row.truth() != null && !row.truth().isEmpty();
  }

  private static Markup table(List<SuspiciousRow> rows) {
    boolean truth = rows.stream().anyMatch(LabelSections::knows);
    Table table = new Table("Most suspicious rows").words("row id").words("given label");
    table.words("suggested label");
    if (truth) {
      table.words("true label");
    }
    table.number("quality").number("weight");
    for (SuspiciousRow row : rows) {
      List<Markup> cells = new ArrayList<>();
      cells.add(Markup.clipped(row.id(), ID_LENGTH));
      cells.add(label(row.given()));
      cells.add(label(row.suggested()));
      if (truth) {
        cells.add(knows(row) ? label(row.truth()) : text(Numbers.ABSENT));
      }
      cells.add(text(Numbers.significant(row.quality())));
      cells.add(text(Numbers.significant(row.weight())));
      table.row(false, cells);
    }
    return table.markup();
  }

  private static Markup gallery(List<SuspiciousRow> rows) {
    // One range for all pictures: a faint one should look faint.
    double[] finite =
        rows.stream()
            .map(SuspiciousRow::picture)
            .filter(Objects::nonNull)
            .flatMap(picture -> picture.values().stream())
            .mapToDouble(Float::doubleValue)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    double low = finite.length == 0 ? 0 : finite[0];
    double high = finite.length == 0 ? 1 : finite[finite.length - 1];
    Markup.Element list = element("ol").with("class", "gallery");
    for (SuspiciousRow row : rows) {
      list = list.add(card(row, low, high > low ? high : low + 1));
    }
    return list;
  }

  private static Markup card(SuspiciousRow row, double low, double high) {
    Markup.Element card = element("li");
    if (row.picture() != null) {
      card =
          card.add(
              element("img")
                  .with("src", row.picture().dataUri(low, high))
                  .with("alt", "row " + cut(row.id()) + " as an image")
                  .with("width", "72")
                  .with("height", "72"));
    }
    card =
        card.add(
            element(
                "p", label(row.given()), text(" → "), element("strong", label(row.suggested()))));
    if (knows(row)) {
      boolean agrees = row.truth().equals(row.suggested());
      card =
          card.add(
              element("p", text("truly "), label(row.truth()), text(agrees ? " ✓" : " ✗"))
                  .with("class", agrees ? "small agrees" : "small differs"));
    }
    return card.add(
        element("p", text("row "), Markup.clipped(row.id(), 14)).with("class", "small"),
        element("p", "quality " + Numbers.significant(row.quality())).with("class", "small"),
        element("p", "weight " + Numbers.significant(row.weight())).with("class", "small"));
  }

  private static Markup label(String label) {
    return Markup.clipped(label, LABEL_LENGTH);
  }

  private static String cut(String id) {
    return id == null ? "" : id.substring(0, Math.min(ID_LENGTH, id.length()));
  }
}

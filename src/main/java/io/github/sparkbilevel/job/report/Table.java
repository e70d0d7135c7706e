package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A table over rows of figures. Numbers are set to the right with figures of equal width; the first
 * column heads its row.
 */
final class Table {
  /** Tables of more columns are set closer. */
  private static final int MOST_ROOMY = 10;

  private final String caption;
  private final List<Column> columns;
  private Predicate<JsonNode> marked = row -> false;

  /** The caption says what the rows are. */
  Table(String caption, Column... columns) {
    this(caption, List.of(columns));
  }

  Table(String caption, List<Column> columns) {
    this.caption = caption;
    this.columns = columns;
  }

  /** Makes some rows stand out. */
  Table marking(Predicate<JsonNode> rows) {
    marked = rows;
    return this;
  }

  /** The table in a frame that scrolls sideways when the window is narrow; nothing without rows. */
  Markup of(Iterable<? extends JsonNode> rows) {
    List<JsonNode> all = new ArrayList<>();
    rows.forEach(all::add);
    if (all.isEmpty()) {
      return Markup.all();
    }
    List<Column> shown =
        columns.stream().filter(column -> all.stream().anyMatch(column.known())).toList();
    List<Markup> body = all.stream().<Markup>map(row -> row(row, shown)).toList();
    Markup head = element("tr").addAll(shown.stream().map(Column::head).toList());
    Markup.Element table = element("table");
    return frame(
        (shown.size() > MOST_ROOMY ? table.with("class", "dense") : table)
            .add(element("caption", caption))
            .add(element("thead", head))
            .add(element("tbody").addAll(body)),
        caption);
  }

  private Markup row(JsonNode row, List<Column> shown) {
    List<Markup> cells = new ArrayList<>();
    for (Column column : shown) {
      Markup content = column.cell().apply(row);
      cells.add(
          column.styled(
              cells.isEmpty()
                  ? element("th", content).with("scope", "row")
                  : element("td", content)));
    }
    Markup.Element line = element("tr").addAll(cells);
    return marked.test(row) ? line.with("class", "marked") : line;
  }

  /** A table in its scrolling frame, which the keyboard can reach. */
  static Markup frame(Markup table, String label) {
    return element("div", table)
        .with("class", "scroll")
        .with("role", "region")
        .with("tabindex", "0")
        .with("aria-label", label);
  }
}

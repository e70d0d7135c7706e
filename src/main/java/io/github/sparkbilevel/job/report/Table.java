package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import java.util.ArrayList;
import java.util.List;

/**
 * A table under construction: columns first, then rows, then {@link #markup()}. Columns of numbers
 * are set to the right with figures of equal width; the first column heads its row.
 */
public final class Table {
  private record Column(String title, boolean number, String hint) {}

  private final String caption;
  private final List<Column> columns = new ArrayList<>();
  private final List<Markup> rows = new ArrayList<>();

  /** An empty table; the caption says what its rows are. */
  public Table(String caption) {
    this.caption = caption;
  }

  /** Adds a column of words. */
  public Table words(String title) {
    columns.add(new Column(title, false, ""));
    return this;
  }

  /** Adds a column of numbers. */
  public Table number(String title) {
    return number(title, "");
  }

  /** Adds a column of numbers with an explanation shown on hovering over its head. */
  public Table number(String title, String hint) {
    columns.add(new Column(title, true, hint));
    return this;
  }

  /** Adds a row of plain cells. */
  public Table row(String... cells) {
    return row(false, cells);
  }

  /** Adds a row of plain cells, marked or not. */
  public Table row(boolean marked, String... cells) {
    List<Markup> content = new ArrayList<>();
    for (String cell : cells) {
      content.add(text(cell));
    }
    return row(marked, content);
  }

  /** Adds a row; a marked one stands out. */
  public Table row(boolean marked, List<? extends Markup> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          "got a row of %d cells, expected %d (table \"%s\")"
              .formatted(cells.size(), columns.size(), caption));
    }
    Markup.Element row = element("tr");
    if (marked) {
      row = row.with("class", "marked");
    }
    for (int i = 0; i < cells.size(); i++) {
      Markup.Element cell =
          i == 0 ? element("th", cells.get(i)).with("scope", "row") : element("td", cells.get(i));
      row = row.add(columns.get(i).number() ? cell.with("class", "number") : cell);
    }
    rows.add(row);
    return this;
  }

  /** The number of rows so far. */
  public int size() {
    return rows.size();
  }

  /** The table, in a frame that scrolls sideways when the window is narrow. */
  public Markup markup() {
    Markup.Element head = element("tr");
    for (Column column : columns) {
      Markup.Element cell = element("th", column.title()).with("scope", "col");
      if (column.number()) {
        cell = cell.with("class", "number");
      }
      head = head.add(column.hint().isEmpty() ? cell : cell.with("title", column.hint()));
    }
    Markup.Element table =
        element("table")
            .add(element("caption", caption))
            .add(element("thead", head))
            .add(element("tbody").addAll(rows));
    return frame(table, caption);
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

package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What the page of the arena shows, as plain values, absent ones as {@link RunReport} has them.
 *
 * @param standard the method that is judged: the default of the job clean
 * @param baseline the method that it must not fall below
 * @param cells in the order of the tables
 */
public record ArenaReport(RunReport run, String standard, String baseline, List<Cell> cells) {

  /** As good as the best: half a point of accuracy. */
  public static final double TIE = 0.005;

  /** Takes copies. */
  public ArenaReport {
    cells = RunReport.copy(cells);
  }

  /** A number that every method has. */
  public enum Figure {
    /** Of the model that one would go on with. */
    TEST("Test accuracy of the model that is returned", 4, true),
    /** Of the method's own model. */
    MODEL("Test accuracy of the method's own model", 4, true),
    /** Of the model fitted on the rows that the method keeps. */
    REFIT("Test accuracy of the refit on the rows that are kept", 4, true),
    /** Of the quality. */
    AUROC("AUROC of quality, for the wrong labels", 4, true),
    /** Of the rows that are flagged. */
    F1("F1 of the rows that are flagged", 3, true),
    /** Time. */
    SECONDS("Seconds", 1, false);

    private final String title;
    private final int decimals;
    private final boolean marked;

    Figure(String title, int decimals, boolean marked) {
      this.title = title;
      this.decimals = decimals;
      this.marked = marked;
    }

    /** What the table of it is called. */
    public String title() {
      return title;
    }

    /** The number as it is shown. */
    public String show(double value) {
      return Numbers.fixed(value, decimals);
    }
  }

  /**
   * A method in a cell.
   *
   * @param reference whether it knows what no user knows, and so cannot be the best
   * @param selected the model that is returned, or the models of several draws; empty where there
   *     is no choice
   * @param failure why there are no figures; empty where there are
   */
  public record Column(
      String method,
      boolean reference,
      Map<Figure, Double> figures,
      String selected,
      String failure) {
    /** Takes a copy. */
    public Column {
      figures = Map.copyOf(figures);
    }

    private static Column mean(List<Column> draws) {
      Map<Figure, Double> means = new EnumMap<>(Figure.class);
      for (Figure figure : Figure.values()) {
        double sum = draws.stream().mapToDouble(column -> column.figure(figure)).sum();
        means.put(figure, sum / draws.size());
      }
      return new Column(
          draws.get(0).method(),
          draws.get(0).reference(),
          means,
          words(draws, Column::selected),
          words(draws, Column::failure));
    }

    /** The different words of some columns, in the order of the draws. */
    private static String words(List<Column> draws, Function<Column, String> word) {
      return draws.stream()
          .map(word)
          .filter(text -> !text.isEmpty())
          .distinct()
          .collect(Collectors.joining("; "));
    }

    /** A figure, or NaN. */
    public double figure(Figure figure) {
      return figures.getOrDefault(figure, Double.NaN);
    }
  }

  /**
   * A corruption with a number of trusted rows on a data set.
   *
   * @param fraction the share of the labels that the corruption draws; NaN where it has its own
   * @param wrong the share of the labels that are wrong
   */
  public record Cell(
      String data,
      String corruption,
      double fraction,
      long trusted,
      double wrong,
      List<Column> columns) {
    /** Takes a copy. */
    public Cell {
      columns = RunReport.copy(columns);
    }

    /**
     * The means of several draws of one cell. A method that failed in one of them has failed.
     *
     * @param draws at least one, with the same methods
     */
    public static Cell mean(List<Cell> draws) {
      Cell first = draws.get(0);
      List<Column> means = new ArrayList<>();
      for (int c = 0; c < first.columns().size(); c++) {
        int index = c;
        means.add(Column.mean(draws.stream().map(draw -> draw.columns().get(index)).toList()));
      }
      double wrong = draws.stream().mapToDouble(Cell::wrong).average().orElseThrow();
      return new Cell(
          first.data(), first.corruption(), first.fraction(), first.trusted(), wrong, means);
    }

    /** The corruption and its share. */
    public String spoiled() {
      return Double.isFinite(fraction)
          ? "%s %.0f %%".formatted(corruption, 100 * fraction)
          : corruption;
    }

    /** The cell in words. */
    public String title() {
      return "%s, %s, %s trusted".formatted(data, spoiled(), Numbers.count(trusted));
    }

    /** The column of a method, where it applies. */
    public Optional<Column> column(String method) {
      return columns.stream().filter(column -> column.method().equals(method)).findFirst();
    }

    /** The greatest figure of a method that is not the reference; NaN without any. */
    public double best(Figure figure) {
      return columns.stream()
          .filter(column -> !column.reference())
          .mapToDouble(column -> column.figure(figure))
          .filter(Double::isFinite)
          .max()
          .orElse(Double.NaN);
    }

    /** Whether a method has the best figure, as far as it is shown. */
    public boolean isBest(Column column, Figure figure) {
      return figure.marked
          && !column.reference()
          && Double.isFinite(column.figure(figure))
          && figure.show(column.figure(figure)).equals(figure.show(best(figure)));
    }

    /** A figure in plain text, the best with a star. */
    public String shown(String method, Figure figure, String absent) {
      Optional<Column> column = column(method);
      if (column.isEmpty()) {
        return absent;
      }
      if (!column.get().failure().isEmpty()) {
        return "failed";
      }
      double value = column.get().figure(figure);
      return Double.isFinite(value)
          ? figure.show(value) + (isBest(column.get(), figure) ? "*" : "")
          : absent;
    }
  }

  /** By how much the standard's test accuracy is behind the best of the cell; NaN if it failed. */
  public double behindBest(Cell cell) {
    return cell.best(Figure.TEST) - standard(cell, Figure.TEST);
  }

  /** By how much it is below the better of the baseline's own model and its refit, or 0. */
  public double belowTrusted(Cell cell) {
    double least =
        cell.column(baseline).stream()
            .flatMapToDouble(
                column -> DoubleStream.of(column.figure(Figure.MODEL), column.figure(Figure.REFIT)))
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NEGATIVE_INFINITY);
    return Math.max(0, least - standard(cell, Figure.TEST));
  }

  private double standard(Cell cell, Figure figure) {
    return cell.column(standard).map(column -> column.figure(figure)).orElse(Double.NaN);
  }

  /** How many cells the standard is as good as the best in. */
  public long tied() {
    return cells.stream().filter(cell -> behindBest(cell) <= TIE).count();
  }

  /** How many cells it is not below the baseline in. */
  public long above() {
    return cells.stream().filter(cell -> belowTrusted(cell) == 0).count();
  }

  /** What came out, in a sentence. */
  public String verdict() {
    return "%s is the best or within half a point of the best in %d of %d cells, and not below %s in %d"
        .formatted(standard, tied(), cells.size(), "the trusted rows alone", above());
  }
}

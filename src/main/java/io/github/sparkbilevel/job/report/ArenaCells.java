package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The cells of the arena, and how the method that is judged does in them.
 *
 * <p>A cell is a corruption with a number of trusted rows on a data set: a tree of {@code data},
 * {@code corruption}, {@code fraction} (not a number where the corruption has its own), {@code
 * trusted}, {@code wrong} and {@code columns}. The columns are the figures of each method by its
 * name: those of {@link Figure}, and {@code selected} or {@code failure} where there is one.
 *
 * @param judged the default of the job clean
 * @param baseline the method that it must not fall below
 * @param oracle the method that knows what no user knows, and so cannot be the best
 * @param cells in the order of the tables
 */
public record ArenaCells(String judged, String baseline, String oracle, List<ObjectNode> cells) {

  /** As good as the best: half a point of accuracy. */
  public static final double TIE = 0.005;

  private static final String COLUMNS = "columns";
  private static final String FAILURE = "failure";
  private static final String SELECTED = "selected";

  /** A number that every method has. */
  public enum Figure {
    /** Of the model that one would go on with. */
    TEST("testAccuracy", "Test accuracy of the model that is returned", 4),
    /** Of the method's own model. */
    MODEL("modelAccuracy", "Test accuracy of the method's own model", 4),
    /** Of the model fitted on the rows that the method keeps. */
    REFIT("refitAccuracy", "Test accuracy of the refit on the rows that are kept", 4),
    /** Of the quality. */
    AUROC("auroc", "AUROC of quality, for the wrong labels", 4),
    /** Of the rows that are flagged. */
    F1("f1", "F1 of the rows that are flagged", 3),
    /** Time. */
    SECONDS("seconds", "Seconds", 1);

    private final String path;
    private final String title;
    private final int decimals;

    Figure(String path, String title, int decimals) {
      this.path = path;
      this.title = title;
      this.decimals = decimals;
    }

    /** Its name in the columns of a cell. */
    public String path() {
      return path;
    }

    /** What the table of it is called. */
    public String title() {
      return title;
    }

    /** The number of a column; NaN where it has none. */
    public double of(JsonNode column) {
      return Json.number(column, path);
    }

    /** The number as it is shown. */
    public String show(double value) {
      return Numbers.fixed(value, decimals);
    }
  }

  /**
   * The means of several draws of one cell. A method that failed in one of them has failed.
   *
   * @param draws at least one, with the same methods
   */
  public static ObjectNode mean(List<ObjectNode> draws) {
    ObjectNode mean = draws.get(0).deepCopy();
    mean.remove("seed");
    mean.put("wrong", average(draws, draw -> Json.number(draw, "wrong")));
    ObjectNode columns = mean.putObject(COLUMNS);
    for (var method : draws.get(0).path(COLUMNS).properties()) {
      String name = method.getKey();
      columns.set(
          name, meanColumn(draws.stream().map(draw -> draw.path(COLUMNS).path(name)).toList()));
    }
    return mean;
  }

  private static ObjectNode meanColumn(List<JsonNode> draws) {
    ObjectNode mean = Json.object();
    String failure = words(draws, FAILURE);
    if (!failure.isEmpty()) {
      return mean.put(FAILURE, failure);
    }
    for (Figure figure : Figure.values()) {
      mean.put(figure.path, average(draws, figure::of));
    }
    String selected = words(draws, SELECTED);
    return selected.isEmpty() ? mean : mean.put(SELECTED, selected);
  }

  private static <T> double average(List<T> draws, ToDoubleFunction<T> figure) {
    return draws.stream().mapToDouble(figure).average().orElseThrow();
  }

  /** The different words of some columns, in the order of the draws. */
  private static String words(List<JsonNode> draws, String name) {
    return draws.stream()
        .map(column -> Json.text(column, name))
        .filter(text -> !text.isEmpty())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  /** The corruption of a cell and its share. */
  public static String spoiled(JsonNode cell) {
    double fraction = Json.number(cell, "fraction");
    String corruption = Json.text(cell, "corruption");
    return Double.isFinite(fraction)
        ? "%s %.0f %%".formatted(corruption, 100 * fraction)
        : corruption;
  }

  /** A cell in words. */
  public static String title(JsonNode cell) {
    return "%s, %s, %s trusted"
        .formatted(
            Json.text(cell, "data"), spoiled(cell), Numbers.fixed(Json.number(cell, "trusted"), 0));
  }

  /** Why a method failed in a cell; empty where it did not. */
  static String failure(JsonNode cell, String method) {
    return Json.text(column(cell, method), FAILURE);
  }

  /** The model that a method selected in a cell; empty where it selects none. */
  static String selected(JsonNode cell, String method) {
    return Json.text(column(cell, method), SELECTED);
  }

  /** The figures of a method in a cell; missing where it does not apply. */
  static JsonNode column(JsonNode cell, String method) {
    return cell.path(COLUMNS).path(method);
  }

  /** The methods of a cell. */
  static List<String> methods(JsonNode cell) {
    return StreamSupport.stream(cell.path(COLUMNS).properties().spliterator(), false)
        .map(column -> column.getKey())
        .toList();
  }

  /** The greatest figure of a cell, the oracle's apart; NaN without any. */
  private double best(JsonNode cell, Figure figure) {
    return methods(cell).stream()
        .filter(method -> !method.equals(oracle))
        .mapToDouble(method -> figure.of(column(cell, method)))
        .filter(Double::isFinite)
        .max()
        .orElse(Double.NaN);
  }

  /** Whether a method has the best figure of a cell, as far as it is shown. */
  boolean isBest(JsonNode cell, String method, Figure figure) {
    double value = figure.of(column(cell, method));
    return figure != Figure.SECONDS
        && !method.equals(oracle)
        && Double.isFinite(value)
        && figure.show(value).equals(figure.show(best(cell, figure)));
  }

  /** A figure in plain text, the best with a star. */
  public String shown(JsonNode cell, String method, Figure figure) {
    if (!failure(cell, method).isEmpty()) {
      return "failed";
    }
    double value = figure.of(column(cell, method));
    String star = isBest(cell, method, figure) ? "*" : "";
    return Double.isFinite(value) ? figure.show(value) + star : "-";
  }

  /** How far the judged test accuracy is behind the best of the cell; NaN if it failed. */
  public double behindBest(JsonNode cell) {
    return best(cell, Figure.TEST) - Figure.TEST.of(column(cell, judged));
  }

  /** How far it is below the better of the baseline's own model and its refit, or 0. */
  public double belowTrusted(JsonNode cell) {
    JsonNode trusted = column(cell, baseline);
    double least =
        DoubleStream.of(Figure.MODEL.of(trusted), Figure.REFIT.of(trusted))
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NEGATIVE_INFINITY);
    return Math.max(0, least - Figure.TEST.of(column(cell, judged)));
  }

  /** How many cells the judged method is as good as the best in. */
  public long tied() {
    return cells.stream().filter(cell -> behindBest(cell) <= TIE).count();
  }

  /** How many cells with the baseline it is not below it in. */
  public long above() {
    return withBaseline().filter(cell -> belowTrusted(cell) == 0).count();
  }

  private Stream<ObjectNode> withBaseline() {
    return cells.stream().filter(cell -> !column(cell, baseline).isMissingNode());
  }

  /** What came out, in a sentence. */
  public String verdict() {
    return "%s is the best or within half a point of the best in %d of %d cells, and not below %s in %d of %d"
        .formatted(
            judged,
            tied(),
            cells.size(),
            "the trusted rows alone",
            above(),
            withBaseline().count());
  }
}

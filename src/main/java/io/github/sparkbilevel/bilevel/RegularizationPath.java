package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Models by the one penalty that they have, from the strongest to the weakest, and how each penalty
 * is judged.
 *
 * @param points the models, by falling penalty; one or more
 */
public record RegularizationPath(List<Point> points) {

  /**
   * A model.
   *
   * @param penalty e^λ
   * @param loss mean loss of the rows that judge; NaN where the lower level could not be solved
   * @param standardError of the loss, with folds from the spread of theirs
   * @param theta the model
   */
  public record Point(double penalty, double loss, double standardError, double[] theta) {}

  /**
   * The path of two searches over the same penalties.
   *
   * @param judged knows the losses
   * @param fitted has kept its models
   */
  public static RegularizationPath of(List<Trial> judged, List<Trial> fitted) {
    return new RegularizationPath(
        IntStream.range(0, judged.size())
            .mapToObj(i -> point(judged.get(i), fitted.get(i)))
            .toList());
  }

  private static Point point(Trial judged, Trial fitted) {
    Solution by = judged.solution();
    boolean isKnown = judged.status().isUsable() && fitted.status().isUsable();
    return new Point(
        Math.exp(by.lambda()[0]),
        isKnown ? by.upperObjective() : Double.NaN,
        by.upper().standardError(),
        fitted.solution().theta());
  }

  /** The model of least loss; the one of the stronger penalty where losses are equal. */
  public Optional<Point> best() {
    return points.stream()
        .filter(point -> Double.isFinite(point.loss))
        .min(Comparator.comparingDouble(Point::loss));
  }

  /**
   * The model of the strongest penalty whose loss is within one standard error of the least
   * (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, section
   * 3.4.3).
   */
  public Optional<Point> withinOneStandardError() {
    return best()
        .flatMap(
            best ->
                points.stream()
                    .filter(point -> !(point.loss > best.loss + best.standardError))
                    .filter(point -> Double.isFinite(point.loss))
                    .findFirst());
  }
}

package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What a cleaning page shows of the training rows.
 *
 * @param weights how many rows have a weight in each of the equal bins from 0 to 1: all, then those
 *     whose label is known to be wrong
 * @param quality likewise by quality
 * @param classes the label of each class
 * @param pairs rows by given and suggested class: given · K + suggested; empty above 1,000 classes
 * @param shown rows that stand out
 */
public record LabelledRows(
    long[][] weights, long[][] quality, List<String> classes, long[] pairs, Shown shown) {

  /**
   * Rows that stand out.
   *
   * @param suspicious the most suspicious rows, the worst first
   * @param harmful the rows whose weight raises the trusted rows' loss most, the worst first
   * @param helpful the rows that lower it most with the weight that they have, the best first
   */
  public record Shown(
      List<Suspicious> suspicious, List<Suspicious> harmful, List<Suspicious> helpful) {}

  /**
   * A row whose label is probably wrong, or that stands out otherwise.
   *
   * @param figures {@code id}, {@code given}, {@code suggested}, {@code quality}, {@code weight},
   *     {@code influence}, and {@code truth} where it is known
   * @param picture the row as an image, null where it is none
   */
  public record Suspicious(JsonNode figures, Picture picture) {
    String text(String name) {
      return figures.path(name).asText("");
    }

    boolean hasTruth() {
      return !text("truth").isEmpty();
    }
  }
}

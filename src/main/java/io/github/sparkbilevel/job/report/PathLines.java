package io.github.sparkbilevel.job.report;

import java.util.List;

/**
 * Coefficients along a regularisation path, as a report draws them.
 *
 * @param lines by falling size
 */
public record PathLines(List<Line> lines) {
  /** No path. */
  public static final PathLines NONE = new PathLines(List.of());

  /**
   * A coefficient.
   *
   * @param values one for each penalty
   */
  public record Line(String name, double[] values) {}
}

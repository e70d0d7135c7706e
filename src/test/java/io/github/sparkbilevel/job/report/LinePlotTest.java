package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinePlotTest {

  /** The first two of three points are positive, and a logarithmic axis shows these alone. */
  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false", "0.5, false", "NaN, false"})
  void onlyPlacesBetweenPointsThatAreShownAreMarked(double place, boolean isMarked) {
    List<double[]> points = List.of(new double[] {1, 10}, new double[] {2, 1}, new double[] {3, 0});
    StringBuilder drawn = new StringBuilder();
    new LinePlot("loss", "passes")
        .logarithmic()
        .series("tuned", Tone.FIRST, points, point -> point[0], point -> point[1])
        .mark(place, "the best")
        .markup()
        .appendTo(drawn);
    assertEquals(isMarked, drawn.indexOf(">the best<") >= 0);
  }
}

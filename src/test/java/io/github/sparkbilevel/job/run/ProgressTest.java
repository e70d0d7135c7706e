package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "0, 3.0, 40, -",
        "10, 5.0, 40, ', about 15 s left'",
        "1, 0.2, 4, ', about 1 s left'",
        "4, 40.0, 40, ', about 6 min left'",
        "40, 40.0, 40, -",
      })
  void theTimeLeftIsThatOfTheIterationsSoFar(
      int iteration, double seconds, int iterations, String expected) {
    Tally none = new Tally(0.5, 0.9, 0.1, 10);
    IterationRecord record =
        new IterationRecord(
            iteration,
            new IterationRecord.Spent(3, seconds, 1),
            new ModelFigures(none, none, none),
            new IterationRecord.Point(1, 1, new double[0]),
            new IterationRecord.Step(1, 1, 1));
    assertEquals(expected == null ? "" : expected, Progress.timeLeft(record, iterations));
  }
}

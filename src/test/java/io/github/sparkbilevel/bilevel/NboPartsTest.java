package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The line search, the rotation of folds and the stopping rule of NBO, each by itself. */
class NboPartsTest {

  @Test
  void stepIsHalvedUntilATrialSucceeds() {
    List<Double> tried = new ArrayList<>();
    Optional<Double> taken =
        StepHalving.first(
            length -> {
              tried.add(length);
              return length > 0.2 ? Optional.empty() : Optional.of(length);
            });
    assertEquals(List.of(1.0, 0.5, 0.25, 0.125), tried);
    assertEquals(Optional.of(0.125), taken);
  }

  @Test
  void stepIsGivenUpAfterFiveHalvings() {
    List<Double> tried = new ArrayList<>();
    Optional<Double> taken =
        StepHalving.first(
            length -> {
              tried.add(length);
              return Optional.empty();
            });
    assertEquals(Optional.empty(), taken);
    assertEquals(1.0 / 32, tried.get(5));
    assertEquals(6, tried.size());
  }

  @Test
  void foldsTakeTurnsAtEachRefresh() {
    FoldRotation folds = new FoldRotation(new NboSettings.Rotation(3, 2));
    int[] ofUpper = IntStream.range(0, 8).map(k -> folds.foldAt(k).fold()).toArray();
    int[] refreshed =
        IntStream.range(0, 8)
            .flatMap(k -> folds.refreshAt(k).stream().map(j -> 10 * k + j))
            .toArray();
    assertEquals("0 0 1 1 2 2 0 0", text(ofUpper));
    assertEquals("0 21 42 60", text(refreshed));
    FoldRotation none = new FoldRotation(null);
    assertEquals(UpperRows.ALL, none.foldAt(4));
    assertEquals(OptionalInt.empty(), none.refreshAt(4));
  }

  private static String text(int[] numbers) {
    return String.join(" ", IntStream.of(numbers).mapToObj(Integer::toString).toList());
  }

  private static BilevelProblem problem(UpperVariable rows) {
    LinearModel model = new LinearModel(new LogisticLoss(), 3, false);
    return new BilevelProblem(model, rows, Penalty.tuned(model, false));
  }

  private static List<IterationRecord> history(long heldOutRows, double... upper) {
    List<IterationRecord> history = new ArrayList<>();
    Tally heldOut = new Tally(0.5, 0.5, 0.1, heldOutRows);
    for (int k = 0; k < upper.length; k++) {
      Tally f = new Tally(upper[k], 0.5, 0.1, 10);
      history.add(
          new IterationRecord(
              k,
              new IterationRecord.Spent(k, 0, k),
              new ModelFigures(f, heldOut, heldOut),
              new IterationRecord.Point(1, 1, new double[0]),
              new IterationRecord.Step(1, 2, 1)));
    }
    return history;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.1, 3, BUDGET_SPENT", // Never.
    "4, 0.1, 0, BUDGET_SPENT", // Too early.
    "3, 0.1, 0, CONVERGED", // F moved by 0.05 of itself.
    "3, 0.04, 0, BUDGET_SPENT",
    "2, 0.02, 0, CONVERGED"
  })
  void penaltiesWithoutHeldOutRowsAreDoneWhenTheUpperObjectiveRests(
      int patience, double tolerance, int chosen, Status expected) {
    Patience rule = new Patience(problem(UpperVariable.NONE), patience, tolerance);
    assertEquals(expected, rule.after(history(0, 1.05, 1.01, 1.0, 1.01), chosen));
  }

  @ParameterizedTest
  @CsvSource({"3, 0, STALLED", "3, 1, BUDGET_SPENT", "1, 3, BUDGET_SPENT", "1, 2, STALLED"})
  void withHeldOutRowsOnlyABetterIterateKeepsTheRunGoing(
      int patience, int chosen, Status expected) {
    Patience rule = new Patience(problem(UpperVariable.NONE), patience, 1);
    assertEquals(expected, rule.after(history(5, 1, 1, 1, 1), chosen));
    Patience weights = new Patience(problem(new ExampleWeights(0)), patience, 1);
    assertEquals(expected, weights.after(history(0, 1, 1, 1, 1), chosen));
  }
}

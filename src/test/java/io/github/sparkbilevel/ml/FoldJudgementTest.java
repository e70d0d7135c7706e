package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.problem.oracle.Tally;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One penalty is taken unless many are better by a standard error of the folds. */
class FoldJudgementTest {
  private static List<Tally> folds(double... losses) {
    return Arrays.stream(losses).mapToObj(loss -> new Tally(loss, 0.9, 0.1, 20)).toList();
  }

  @Test
  void standardErrorIsThatOfTheMeanDifference() {
    FoldJudgement judgement = FoldJudgement.of(folds(1, 2, 3), folds(1.5, 2, 4));
    assertEquals(2, judgement.loss(), 1e-15);
    assertEquals(2.5, judgement.lossByFolds(), 1e-15);
    // Differences .5, 0 and 1: variance .25 over 2 degrees of freedom.
    assertEquals(Math.sqrt(0.25 / 3), judgement.standardError(), 1e-15);
    assertEquals(60, judgement.rows());
  }

  @Test
  void manyPenaltiesMustBeBetterByAStandardError() {
    assertFalse(FoldJudgement.of(folds(1, 2, 3), folds(1.5, 2, 4)).prefersFolds());
    assertTrue(FoldJudgement.of(folds(1, 2, 3), folds(2, 1.5, 3.5)).prefersFolds());
    assertTrue(FoldJudgement.of(folds(1, 2, 3), folds(1, 2, 3)).prefersFolds());
    assertTrue(FoldJudgement.of(folds(1, 2, 3), folds(0.5, 1, 2)).prefersFolds());
  }

  @Test
  void whatCouldNotBeFittedIsNotTaken() {
    assertFalse(FoldJudgement.of(folds(1, 2, 3), List.of()).prefersFolds());
    assertTrue(FoldJudgement.of(List.of(), folds(1, 2, 3)).prefersFolds());
    assertFalse(FoldJudgement.of(folds(1, Double.NaN), folds(1, Double.NaN)).prefersFolds());
  }
}

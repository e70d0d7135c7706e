package io.github.sparkbilevel.problem.fit;

/** How bad several classifiers are on the held-out rows by some measure; less is better. */
public interface HeldOutFigures {

  /** The measure of each model. */
  double[] means();

  /** The standard error of the difference of two models, from rows that both have judged. */
  double standardErrorOfDifference(int a, int b);

  /**
   * The number of rows that the measure of a model rests on: (Σ e)² / Σ e² (Kish) with e what each
   * row adds to it. Of right and wrong answers it is the number of wrong ones, and of losses about
   * as many. 0 where the measure is 0.
   */
  double effectiveRows(int model);

  /** Whether a model is better than another by more than so many standard errors. */
  default boolean isBetter(int a, int b, double errors) {
    return means()[b] - means()[a] > errors * standardErrorOfDifference(a, b);
  }
}

package io.github.sparkbilevel.problem;

/** What an {@link UpperVariable} may know of some training rows; rows are numbered from 0. */
public interface KnownRows {

  /** Number of rows. */
  int count();

  /** The class index 0 … K−1 or the target; −1 for a label that is none of the classes. */
  double label(int i);

  /** b_i ≥ 0. */
  double baseWeight(int i);

  /** The index of the row's group, 0 where rows have none; −1 for a group that no row had. */
  int group(int i);

  /** Writes the features as the lower level sees them. */
  void copyFeatures(int i, double[] out);

  /**
   * The standardised log-odds log p/(1 − p) of the row's label under a model: that of the trusted
   * rows (0), the current one (1), and the one that the run started from (2).
   *
   * @param f less than {@link UpperVariable#logOdds()}
   */
  double logOdds(int i, int f);

  /** λ_i, for a variable with a {@link UpperVariable#rowStart}. */
  double lambda(int i);
}

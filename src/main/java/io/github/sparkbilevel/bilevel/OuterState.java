package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Tally;

/** Where an outer algorithm stands; what its {@link OuterLoop} has to know of it. */
interface OuterState {

  /** The number of the iterate; 0 at the start. */
  int iteration();

  /** Both levels at the iterate. */
  Evaluation point();

  /** The upper objective as the history shows it. */
  default Tally upper() {
    return point().upper();
  }

  /** What Φ is at most, as far as the state tells. */
  default double mostUpper() {
    return upper().loss();
  }

  /** λ as the history shows it. */
  default double[] shownLambda() {
    return point().lambda().clone();
  }
}

package io.github.sparkbilevel.problem.sampling;

import java.io.Serializable;

/** The steps that a partition takes on its own rows inside one pass. */
public interface LocalProgram extends Serializable {

  /**
   * One step; the number of its draws may depend on nothing but {@code number}.
   *
   * @param vectors what the step starts from, not to be changed; they keep their lengths
   * @param number of the step, from 0
   */
  double[][] step(SampleSource source, double[][] vectors, long number);
}

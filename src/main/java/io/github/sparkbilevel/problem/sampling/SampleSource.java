package io.github.sparkbilevel.problem.sampling;

/**
 * Where an algorithm's samples come from: every draw reads the next sample of the rows, on all
 * partitions in a pass of its own, or inside a pass on the rows of one partition.
 */
public interface SampleSource {

  /** Draws the next sample. */
  Sampled draw(Draw draw);
}

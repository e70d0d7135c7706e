package io.github.sparkbilevel.equivalence;

import java.nio.file.Path;

/** A kind of problem: what is learned from rows, and how. */
interface Problem {

  String name();

  /** What is known of a kind of problem, by which transformations choose. */
  record Traits(
      Job job,
      String rows,
      String penalty,
      boolean grouped,
      boolean doublePrecision,
      boolean network) {

    boolean isTuned() {
      return job != Job.CLEAN;
    }

    boolean has(String variable) {
      return rows.equals(variable) || penalty.equals(variable);
    }
  }

  /** What is done. */
  enum Job {
    CLEAN,
    TUNE,
    HYPERGRADIENT
  }

  Traits traits();

  /** Whether it is solved by an estimator, from Datasets, and not by a job. */
  boolean isEstimator();

  /** The rows that it is solved for where nothing is transformed. */
  Setup setup();

  /** Solves it in a folder of its own. */
  Answer solve(Setup setup, Path folder) throws Exception;
}

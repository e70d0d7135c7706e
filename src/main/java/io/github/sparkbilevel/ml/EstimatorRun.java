package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.OuterCourse;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import java.util.ArrayList;
import java.util.List;

/** The outcome of a run of an estimator; holds cached rows until it is closed. */
public abstract class EstimatorRun implements AutoCloseable {
  private final Setup setup;
  private final Means means;

  EstimatorRun(Setup setup, Means means) {
    this.setup = setup;
    this.means = means;
  }

  /**
   * What a run set out to solve.
   *
   * @param data the rows
   * @param upper what was tuned
   * @param problem the objectives
   * @param curvature how linear systems were solved, and why so
   */
  record Setup(
      PreparedData data, UpperLevel upper, BilevelProblem problem, Curvature.Choice curvature) {}

  /**
   * What a run used.
   *
   * @param engine the passes that were run
   * @param checkpoints of the outer loop, or null
   * @param seconds how long it took
   */
  record Means(SparkEngine engine, SparkCheckpoints checkpoints, RunSummary.Seconds seconds) {}

  /** The rows. */
  public PreparedData data() {
    return setup.data;
  }

  /** What was tuned. */
  public UpperLevel upper() {
    return setup.upper;
  }

  /** The objectives. */
  public BilevelProblem problem() {
    return setup.problem;
  }

  /** How linear systems were solved, and why so. */
  public Curvature.Choice curvature() {
    return setup.curvature;
  }

  /** The passes that were run. */
  public SparkEngine engine() {
    return means.engine;
  }

  /** How long it took. */
  public RunSummary.Seconds seconds() {
    return means.seconds;
  }

  /** The course of the outer loop. */
  public abstract OuterCourse course();

  /** Names of the entries of the driver's λ; made when they are asked for. */
  public List<String> names() {
    return Problems.names(upper(), problem(), data());
  }

  /** What the user should know of how the rows were read and prepared. */
  public List<Notice> notices() {
    List<Notice> notices = new ArrayList<>(data().tables().notices());
    notices.addAll(data().notices());
    return notices;
  }

  /** Removes the checkpoints, once nothing of the run can be lost any more. */
  public void removeCheckpoints() {
    if (means.checkpoints != null) {
      means.checkpoints.removeAll();
    }
  }

  /** Frees all but the rows. */
  public void release() {
    engine().close();
  }

  @Override
  public void close() {
    release();
    data().close();
  }
}

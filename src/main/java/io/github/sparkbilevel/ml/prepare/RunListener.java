package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.problem.BilevelProblem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Told how a run goes, on the driver's thread. */
public interface RunListener {
  /** Writes to the log. */
  RunListener LOG = new RunListener() {};

  /** The data are on the executors, and what is to be solved is known. */
  default void prepared(PreparedData data, BilevelProblem problem, Curvature.Choice curvature) {
    logger().info("curvature {}: {}", curvature.curvature().label(), curvature.reason());
  }

  /** The most passes that are to come are known. */
  default void planned(PassPlan plan) {}

  /** Something that the user should know. */
  default void notice(Notice notice) {
    logger().warn(notice.text());
  }

  /** An outer iteration is done. */
  default void iteration(IterationRecord record) {
    logger()
        .info(
            "iteration {}: upper objective {}, {} passes",
            record.iteration(),
            record.figures().upper().loss(),
            record.spent().passes());
  }

  /** Something begins that is no outer iteration and may take a while, in words. */
  default void stage(String what) {
    logger().info(what);
  }

  private static Logger logger() {
    return LoggerFactory.getLogger(RunListener.class);
  }
}

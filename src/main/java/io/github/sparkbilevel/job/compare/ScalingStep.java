package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.Locale;

/** A part of the job {@code clean} whose cost is measured. */
enum ScalingStep {
  /** From the Parquet file to blocks of standardised features: one shuffle. */
  LOAD(2) {
    @Override
    double measured(JsonNode summary) {
      return Json.number(summary, "seconds/load");
    }
  },
  /** A Hessian product of two columns, which is one pass. */
  PASS(1) {
    @Override
    double measured(JsonNode summary) {
      for (JsonNode row : summary.path("ledger")) {
        if (isOuter(row) && Json.text(row, "pass").equals("Hessian product")) {
          return Json.number(row, "medianMillis") / 1e3;
        }
      }
      return Double.NaN;
    }

    @Override
    double flops(Workload of) {
      return 8.0 * of.rows() * of.coefficients();
    }
  },
  /** An outer iteration: an evaluation, a mixed product and two Hessian products. */
  ITERATION(ScalingStep.PASSES_OF_ITERATION) {
    @Override
    double measured(JsonNode summary) {
      double millis = 0;
      for (JsonNode row : summary.path("ledger")) {
        millis += isOuter(row) ? Json.number(row, "medianMillis") * passes(row) : 0;
      }
      return millis / 1e3 / summary.path("iterations").asInt();
    }

    @Override
    double flops(Workload of) {
      return 28.0 * of.rows() * of.coefficients();
    }
  },
  /** The figures of all scores, and the ranking by them. */
  RANKING(2) {
    @Override
    double measured(JsonNode summary) {
      return Json.number(summary, "seconds/ranking");
    }

    @Override
    double bytes(Workload of) {
      return 8.0 * of.rows();
    }
  },
  /** The tables {@code scores} and {@code cleaned}, and the model. */
  WRITE(3) {
    @Override
    double measured(JsonNode summary) {
      return Json.number(summary, "seconds/write");
    }
  };

  /** Passes of an outer iteration. */
  static final int PASSES_OF_ITERATION = 4;

  private final int stages;

  ScalingStep(int stages) {
    this.stages = stages;
  }

  /** Spark's tasks over the partitions. */
  long tasks(Workload of) {
    return (long) stages * of.partitions();
  }

  /** Seconds of it, from the summary of a job. */
  abstract double measured(JsonNode summary);

  /** Bytes that it goes through: the features, or a score of each row. */
  double bytes(Workload of) {
    return of.bytes();
  }

  /** Floating-point operations of its products. */
  double flops(Workload of) {
    return 0;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static boolean isOuter(JsonNode row) {
    return Json.text(row, "phase").equals("outer");
  }

  private static int passes(JsonNode row) {
    return row.path("passes").asInt();
  }
}

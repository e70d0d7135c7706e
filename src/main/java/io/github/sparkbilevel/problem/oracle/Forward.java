package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;

/**
 * Outputs that a mixed product left at (θ, u), and, where it refreshed the row features, their
 * standardisation: they count from the evaluation at (θ, u) on, and never if there is none.
 */
record Forward(
    double[] theta,
    double[] adjoint,
    Generation<PartitionState> states,
    double[][] standardization) {
  boolean isAt(Query query) {
    return Arrays.equals(theta, query.theta()) && Arrays.equals(adjoint, query.adjoint());
  }

  void save(Snapshot snapshot) {
    snapshot.put("theta", theta);
    snapshot.put("adjoint", adjoint);
    snapshot.putRows("states", states, Snapshot.Part.FORWARD);
    if (standardization != null) {
      snapshot.put("mean", standardization[0]);
      snapshot.put("deviation", standardization[1]);
    }
  }

  static Forward restored(Snapshot snapshot) {
    return new Forward(
        snapshot.numbers("theta"),
        snapshot.numbers("adjoint"),
        snapshot.rows("states"),
        snapshot.has("mean")
            ? new double[][] {snapshot.numbers("mean"), snapshot.numbers("deviation")}
            : null);
  }
}

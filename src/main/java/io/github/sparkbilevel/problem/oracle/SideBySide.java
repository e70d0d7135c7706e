package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.oracle.SideBySide.States;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.io.Serializable;
import java.util.List;

/**
 * Passes of one kind over the same cached rows, as one. Their sums stand one after the other.
 *
 * @param passes one for each model
 * @param views the rows of each
 */
record SideBySide(
    List<? extends Pass<PartitionState, PartitionState>> passes, List<? extends RowView> views)
    implements Pass<States, States> {

  /** What each pass leaves beside the rows of a partition. */
  record States(PartitionState[] of) implements Serializable {}

  @Override
  public String name() {
    return passes.get(0).name();
  }

  @Override
  public String kernels() {
    return passes.get(0).kernels() + ", of " + passes.size() + " models";
  }

  @Override
  public long bytes() {
    return passes.stream().mapToLong(Pass::bytes).sum();
  }

  @Override
  public PassOutput<States> apply(PartitionData data, States input) {
    PartitionState[] states = new PartitionState[passes.size()];
    double[][] sums = new double[states.length][];
    for (int k = 0; k < states.length; k++) {
      PartitionState before = input == null ? null : input.of[k];
      PassOutput<PartitionState> output = passes.get(k).apply(views.get(k).of(data), before);
      states[k] = output.state();
      sums[k] = output.sums();
    }
    return new PassOutput<>(new States(states), Vectors.join(sums));
  }
}

package io.github.sparkbilevel.spark.gpu;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassAround;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.io.Serializable;

/**
 * A pass whose work on each partition has the GPU of its task.
 *
 * @param memoryShare the share of its memory that rows may take
 */
public record OnGpu<S extends Serializable, T extends Serializable>(
    Pass<S, T> pass, double memoryShare) implements PassAround<S, T> {

  @Override
  public PassOutput<T> apply(PartitionData data, S input) {
    return GpuSlot.ofTask().run(memoryShare, () -> pass.apply(data, input));
  }
}

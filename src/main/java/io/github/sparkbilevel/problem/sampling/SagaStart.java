package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/** Fills the memory of SAGA: all mini-blocks at one point; sums over all rows. */
public record SagaStart(SampleSums samples, Draw draw)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "fill memory";
  }

  @Override
  public String kernels() {
    return SamplePass.kernels(draw) + ", each kept";
  }

  @Override
  public long bytes() {
    return draw.bytes();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[][] table = new double[samples.sampling().batches()][];
    double[] sums = new double[samples.length(draw)];
    for (int c = 0; c < table.length; c++) {
      table[c] = samples.of(data, input, draw, 0, c);
      Combination.SUM.of(sums, table[c]);
    }
    return new PassOutput<>(PartitionState.remembering(data.fingerprint(), input, table), sums);
  }
}

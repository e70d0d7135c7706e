package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * One draw over all partitions; leaves no state.
 *
 * @param number of the draw
 */
public record SamplePass(SampleSums samples, Draw draw, long number)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "sample";
  }

  @Override
  public String kernels() {
    return kernels(draw);
  }

  static String kernels(Draw draw) {
    StringBuilder text = new StringBuilder("outputs");
    text.append(draw.lower() ? ", ∇G" : "");
    int columns = draw.columns().length;
    text.append(columns == 0 ? "" : columns == 1 ? ", Hu, ∇²G·u" : ", HV, " + columns + " columns");
    return text.append(draw.upper() ? ", ∇F" : "").append(" of a sample").toString();
  }

  @Override
  public long bytes() {
    return draw.bytes();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    return new PassOutput<>(null, samples.of(data, input, draw, number));
  }
}

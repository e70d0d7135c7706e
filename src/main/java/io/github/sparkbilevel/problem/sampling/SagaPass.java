package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * A draw that remembers: the sums of the mini-block now, then those that it had when it was drawn
 * last, which the new ones replace.
 *
 * @param number of the draw
 */
public record SagaPass(SampleSums samples, Draw draw, long number)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "sample with memory";
  }

  @Override
  public String kernels() {
    return SamplePass.kernels(draw) + ", and its last sums";
  }

  @Override
  public long bytes() {
    return draw.bytes();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    int batch = samples.sampling().batch(data.train(), number);
    double[] now = samples.of(data, input, draw, number, batch);
    double[] both = new double[2 * now.length];
    Vectors.copyTo(now, both, 0);
    Vectors.copyTo(input.memory()[batch], both, now.length);
    // The table is copied, its rows are not: a generation never changes.
    double[][] table = input.memory().clone();
    table[batch] = now;
    return new PassOutput<>(PartitionState.remembering(data.fingerprint(), input, table), both);
  }
}

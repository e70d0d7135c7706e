package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Hessian of a one-layer model on some of its coefficients, at the point where the state was
 * made, without penalty, not divided by n: its lower triangle, column after column.
 *
 * <p>It is the Hessian of the model of the features that these coefficients are of. So a pass
 * copies those columns of the rows, and forms that one.
 */
final class SupportHessianPass implements Pass<PartitionState, PartitionState> {
  private static final long serialVersionUID = 1L;

  /** Numbers that the partitions send to the driver: 256 MiB. */
  private static final long MOST_SENT = 1L << 25;

  private final LinearModel model;
  private final String backend;

  /** The features, rising. */
  private final int[] features;

  /** Where each of the coefficients is among those of the model of the features. */
  private final int[] places;

  SupportHessianPass(LinearModel of, String backend, Support coordinates) {
    this.backend = backend;
    int q = of.columnLength();
    int[] indices = coordinates.indices();
    int[] used = Arrays.stream(indices).map(j -> j % q).filter(j -> j < of.features()).toArray();
    int[] distinct = IntStream.of(used).sorted().distinct().toArray();
    // Intercepts alone: a model has one feature at least.
    this.features = distinct.length == 0 ? new int[1] : distinct;
    this.model = new LinearModel(of.loss(), features.length, of.intercept());
    this.places = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      int j = indices[i] % q;
      int place = j < of.features() ? Arrays.binarySearch(features, j) : features.length;
      places[i] = indices[i] / q * model.columnLength() + place;
    }
  }

  /**
   * Whether there is room: on an executor for each matrix, and on the driver for what all
   * partitions send.
   *
   * @param passes one for each of the models that share a scan
   */
  static boolean fit(List<SupportHessianPass> passes, int partitions) {
    long sent = passes.stream().mapToLong(SupportHessianPass::length).sum();
    return passes.stream().allMatch(pass -> pass.model.size() <= LowerObjective.Point.MOST_FORMED)
        && sent * partitions <= MOST_SENT;
  }

  /** Numbers that it returns. */
  int length() {
    return Math.toIntExact((long) places.length * (places.length + 1) / 2);
  }

  @Override
  public String name() {
    return "Hessian of a support";
  }

  @Override
  public String kernels() {
    return "H of %d coefficients".formatted(places.length);
  }

  @Override
  public long bytes() {
    return 4L * (features.length + places.length);
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    int d = model.size();
    double[] h = new double[d * d];
    BlockKernel kernel = model.kernel(backend);
    Block[] blocks = data.train();
    for (int b = 0; b < blocks.length; b++) {
      Block some = blocks[b].withFeatures(blocks[b].features().selectColumns(features));
      var at = BlockKernel.At.one(null, input.predictions(b), input.weights()[b]);
      kernel.hessian(some, at, h, 0);
    }
    double[] sums = new double[length()];
    int at = 0;
    for (int column = 0; column < places.length; column++) {
      for (int row = column; row < places.length; row++) {
        sums[at++] = h[places[row] + places[column] * d];
      }
    }
    return new PassOutput<>(null, sums);
  }
}

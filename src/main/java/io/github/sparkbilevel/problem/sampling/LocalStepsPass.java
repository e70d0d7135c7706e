package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.pass.Work;
import java.util.Arrays;

/**
 * Steps of a stochastic algorithm that each partition takes on samples of its own rows; what it
 * comes to is averaged by the partitions' shares of the rows.
 *
 * <p>A partition with the share ω of all training and trusted rows sees its sums multiplied by 1/ω.
 * So one step, averaged, is the step of {@link SamplePass} wherever a step is linear in what was
 * sampled. Each of several steps but the first starts where only the partition's own rows led: the
 * average is off by what partitions differ in, times the square of the steps' lengths.
 *
 * @param vectors what the steps start from
 * @param steps steps of a partition
 * @param first number of the first step
 * @param draws draws before the first step
 * @param lowerRows n
 * @param upperRows m
 */
public record LocalStepsPass(
    SampleSums samples,
    LocalProgram program,
    double[][] vectors,
    int steps,
    long first,
    long draws,
    long lowerRows,
    long upperRows)
    implements Pass<PartitionState, PartitionState> {
  public static final int SHARE = 0;
  public static final int DRAWS = 1;
  public static final int GRADIENTS = 2;
  public static final int PRODUCTS = 3;
  public static final int ROWS = 4;
  static final int VECTORS = 5;

  @Override
  public String name() {
    return "local steps";
  }

  @Override
  public String kernels() {
    return steps + " steps on samples of the partition";
  }

  @Override
  public long bytes() {
    return 8L * Arrays.stream(vectors).mapToInt(v -> v.length).sum();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    int length = VECTORS + Arrays.stream(vectors).mapToInt(v -> v.length).sum();
    double[] sums = new double[length];
    double share = (double) (rows(data.train()) + rows(data.upper())) / (lowerRows + upperRows);
    if (share == 0) {
      return new PassOutput<>(null, sums);
    }
    Own own = new Own(data, input, share);
    double[][] at = vectors;
    for (int step = 0; step < steps; step++) {
      at = program.step(own, at, first + step);
    }
    sums[SHARE] = share;
    sums[DRAWS] = share * own.taken;
    sums[GRADIENTS] = share * own.work.gradients();
    sums[PRODUCTS] = share * own.work.products();
    sums[ROWS] = own.work.rows();
    int next = VECTORS;
    for (double[] vector : at) {
      for (double value : vector) {
        sums[next++] = share * value;
      }
    }
    return new PassOutput<>(null, sums);
  }

  private static long rows(Block[] blocks) {
    return Arrays.stream(blocks).mapToLong(Block::rows).sum();
  }

  /** The averages that sums make. */
  public double[][] read(double[] sums) {
    double[][] means = new double[vectors.length][];
    int at = VECTORS;
    for (int v = 0; v < means.length; v++) {
      means[v] = new double[vectors[v].length];
      for (int j = 0; j < means[v].length; j++) {
        means[v][j] = sums[at++] / sums[SHARE];
      }
    }
    return means;
  }

  /** Samples of the rows of one partition. */
  private final class Own implements SampleSource {
    private final PartitionData data;
    private final PartitionState input;
    private final double share;
    private long taken;
    private Work work = Work.NONE;

    Own(PartitionData data, PartitionState input, double share) {
      this.data = data;
      this.input = input;
      this.share = share;
    }

    @Override
    public Sampled draw(Draw draw) {
      taken += draw.again() ? 0 : 1;
      double[] sums = samples.of(data, input, draw, draws + taken - 1);
      work = work.plus(draw.work(SampleSums.rows(sums)));
      double scale = samples.sampling().batches() / share;
      return samples.read(sums, draw, scale / lowerRows, scale / Math.max(1, upperRows));
    }
  }
}

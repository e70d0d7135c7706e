package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.LocalProgram;
import io.github.sparkbilevel.problem.sampling.LocalStepsPass;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.sampling.SamplePass;
import io.github.sparkbilevel.problem.sampling.SampleSource;
import io.github.sparkbilevel.problem.sampling.SampleSums;
import io.github.sparkbilevel.problem.sampling.Sampled;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * Samples of the rows of all partitions: each draw is a pass, which reads one mini-block in every
 * partition.
 *
 * <p>Draws are numbered from 0, and what they take depends on their number alone ({@link
 * RowSampling}). λ is the driver's; rows that have a λ of their own are not sampled.
 */
public final class SampledPasses implements SampleSource {
  private final BlockOracle oracle;
  private final RowSampling sampling;
  private final UpperRows upper;
  private final long upperRows;
  private long draws;

  SampledPasses(BlockOracle oracle, RowSampling sampling, UpperRows upper, long upperRows) {
    if (oracle.problem().hasExampleWeights()) {
      throw new IllegalArgumentException(
          "got a λ beside the rows, expected one on the driver; use the algorithm nbo");
    }
    this.oracle = oracle;
    this.sampling = sampling;
    this.upper = upper;
    this.upperRows = upperRows;
  }

  /**
   * The draws that follow, with some of the trusted rows for F; costs no pass.
   *
   * @param count how many they are
   */
  public SampledPasses over(UpperRows rows, long count) {
    SampledPasses next = new SampledPasses(oracle, sampling, rows, count);
    next.draws = draws;
    return next;
  }

  /** Draws so far. */
  public long draws() {
    return draws;
  }

  /** Which trusted rows make F. */
  public UpperRows upper() {
    return upper;
  }

  /** Writes down which draw is the next one. */
  public void save(Snapshot snapshot) {
    snapshot.put("draws", draws);
    SavedUpperRows.save(upper, snapshot);
    snapshot.put("upperRows", upperRows);
  }

  /** The draws that follow what {@link #save} wrote. */
  public SampledPasses resumed(Snapshot snapshot) {
    long count = (long) snapshot.number("upperRows");
    SampledPasses next = over(SavedUpperRows.restored(snapshot), count);
    next.draws = (long) snapshot.number("draws");
    return next;
  }

  /** Costs 1 pass. */
  @Override
  public Sampled draw(Draw draw) {
    SampleSums samples = sums();
    var pass = new SamplePass(samples, draw, draw.again() ? draws - 1 : draws++);
    double[] sums = oracle.engine().run(pass, oracle.features(), false).sums();
    oracle.ledger().add(draw.work(SampleSums.rows(sums)));
    return samples.read(sums, draw, lowerScale(), upperScale());
  }

  /**
   * Lets every partition take steps on its own rows, and averages what they come to; costs 1 pass.
   *
   * @param vectors what the steps start from
   * @param first number of the first step
   */
  public double[][] localSteps(LocalProgram program, double[][] vectors, int steps, long first) {
    SampleSums samples = sums();
    var pass =
        new LocalStepsPass(
            samples, program, vectors, steps, first, draws, oracle.rows(), upperRows);
    double[] sums = oracle.engine().run(pass, oracle.features(), false).sums();
    double share = sums[LocalStepsPass.SHARE];
    draws += Math.round(sums[LocalStepsPass.DRAWS] / share);
    oracle
        .ledger()
        .add(
            new Work(
                Math.round(sums[LocalStepsPass.GRADIENTS] / share),
                Math.round(sums[LocalStepsPass.PRODUCTS] / share),
                Math.round(sums[LocalStepsPass.ROWS])));
    return pass.read(sums);
  }

  /**
   * The same samples with the memory of SAGA, filled at a point; costs 1 pass. The caller closes
   * it.
   *
   * @param at a draw of everything, along one direction
   */
  public SagaPasses withMemory(Draw at) {
    return new SagaPasses(this, at);
  }

  /** The same with the memory that {@link SagaPasses#save} wrote; costs no pass. */
  public SagaPasses withMemory(Snapshot snapshot) {
    return new SagaPasses(this, snapshot);
  }

  /** The sums of draws, with the row features in use. */
  SampleSums sums() {
    return oracle.sampleSums(sampling, upper);
  }

  /** Training rows that a draw takes, on average: over all partitions, or in one of them. */
  public double rowsOfDraw(boolean ofPartition) {
    double rows = (double) oracle.rows() / sampling.batches();
    return ofPartition ? rows / oracle.engine().partitionCount() : rows;
  }

  BlockOracle oracle() {
    return oracle;
  }

  RowSampling sampling() {
    return sampling;
  }

  /** The number of the next draw, which is taken. */
  long nextDraw() {
    return draws++;
  }

  double lowerScale() {
    return (double) sampling.batches() / oracle.rows();
  }

  double upperScale() {
    return (double) sampling.batches() / Math.max(1, upperRows);
  }
}

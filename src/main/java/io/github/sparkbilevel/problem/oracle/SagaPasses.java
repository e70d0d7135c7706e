package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.sampling.SagaPass;
import io.github.sparkbilevel.problem.sampling.SagaStart;
import io.github.sparkbilevel.problem.sampling.SampleSource;
import io.github.sparkbilevel.problem.sampling.SampleSums;
import io.github.sparkbilevel.problem.sampling.Sampled;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * Samples whose noise falls to nothing as the iterates settle, by the memory of SAGA (Defazio, Bach
 * and Lacoste-Julien, NeurIPS 2014) for every sum of a draw, as SABA keeps it: with g_c the sums of
 * the C mini-blocks, ĝ_c those remembered, and c the one that is drawn,
 *
 * <pre>  estimate = C (g_c − ĝ_c) + Σ ĝ,   then ĝ_c ← g_c </pre>
 *
 * <p>Draws of the kind that filled the memory use it; others are plain samples. The memory lies
 * beside the rows: {@link #bytes} in a partition.
 */
public final class SagaPasses implements SampleSource, AutoCloseable {
  private final SampledPasses plain;
  private final SampleSums samples;
  private Generation<PartitionState> memory;

  /** What was put into the newest snapshot, which may be written later. */
  private Generation<PartitionState> saved;

  private final double[] total;

  SagaPasses(SampledPasses plain, Draw at) {
    if (!remembers(at)) {
      throw new IllegalArgumentException(
          "got a draw along %d directions, expected both gradients and one direction"
              .formatted(at.columns().length));
    }
    if (!plain.sampling().fixed()) {
      throw new IllegalArgumentException("the memory of SAGA needs mini-blocks that are fixed");
    }
    this.plain = plain;
    BlockOracle oracle = plain.oracle();
    this.samples = plain.sums();
    var result = oracle.engine().run(new SagaStart(samples, at), oracle.features(), true);
    this.memory = result.states();
    this.total = result.sums();
    oracle.ledger().add(at.work(SampleSums.rows(total)));
  }

  /** Goes on from what {@link #save} wrote. */
  SagaPasses(SampledPasses plain, Snapshot snapshot) {
    this.plain = plain;
    this.samples = plain.sums();
    this.memory = snapshot.rows("memory");
    this.saved = memory;
    this.total = snapshot.numbers("total");
  }

  /** Writes down the memory, by reference. */
  public void save(Snapshot snapshot) {
    if (saved != null && saved != memory) {
      saved.release();
    }
    saved = memory;
    snapshot.putRows("memory", memory, Snapshot.Part.MEMORY);
    snapshot.put("total", total.clone());
  }

  private static boolean remembers(Draw draw) {
    return draw.lower() && draw.upper() && draw.columns().length == 1 && !draw.again();
  }

  /** Bytes of the memory in a partition: for each mini-block three vectors and what λ weighs. */
  public static long bytes(BilevelProblem problem, RowSampling sampling) {
    long numbers = 3L * problem.model().size() + 2L * problem.weighingSize() + 4;
    return Math.multiplyExact(8L * numbers, (long) sampling.batches());
  }

  /** Costs 1 pass. */
  @Override
  public Sampled draw(Draw draw) {
    if (!remembers(draw)) {
      return plain.draw(draw);
    }
    BlockOracle oracle = plain.oracle();
    var pass = new SagaPass(samples, draw, plain.nextDraw());
    var result = oracle.engine().run(pass, memory, true);
    if (memory != saved) {
      memory.release();
    }
    memory = result.states();
    int length = total.length;
    double[] now = Vectors.slice(result.sums(), 0, length);
    double[] change = Vectors.plus(now, -1, Vectors.slice(result.sums(), length, length));
    double[] estimate = Vectors.plus(total, plain.sampling().batches(), change);
    Combination.SUM.of(total, change);
    long rows = SampleSums.rows(now);
    oracle.ledger().add(draw.work(rows));
    double batches = plain.sampling().batches();
    Sampled read =
        samples.read(estimate, draw, plain.lowerScale() / batches, plain.upperScale() / batches);
    return new Sampled(
        read.lowerGradient(),
        read.products(),
        read.mixedProduct(),
        read.lambdaGradient(),
        read.upperGradient(),
        rows);
  }

  @Override
  public void close() {
    memory.release();
    if (saved != null) {
      saved.release();
    }
  }
}

package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A million features, of which a row has twenty: as a dense matrix 16 GB. */
class WideSparseTest {
  private static final int FEATURES = 1_000_000;
  private static final int ROWS = 2_000;
  private static final int NON_ZEROS = 20;

  private static Block block(Random random, int rows) {
    int[] rowStart = new int[rows + 1];
    int[] indices = new int[rows * NON_ZEROS];
    double[] values = new double[rows * NON_ZEROS];
    double[] labels = new double[rows];
    long[] ids = new long[rows];
    for (int i = 0; i < rows; i++) {
      int from = i * NON_ZEROS;
      labels[i] = random.nextInt(2);
      // Half of the entries are words of the row's class, the others are anything.
      for (int e = 0; e < NON_ZEROS; e++) {
        int word = random.nextInt(200) * 2 + (int) labels[i];
        indices[from + e] = e % 2 == 0 ? word : 400 + random.nextInt(FEATURES - 400);
      }
      Arrays.sort(indices, from, from + NON_ZEROS);
      Arrays.fill(values, from, from + NON_ZEROS, 1 / Math.sqrt(NON_ZEROS));
      labels[i] = random.nextInt(5) == 0 ? 1 - labels[i] : labels[i];
      rowStart[i + 1] = from + NON_ZEROS;
      ids[i] = i;
    }
    var features = new CsrFeatures(FEATURES, rowStart, indices, values, null);
    return new Block(ids, features, labels);
  }

  @Test
  void tuningAPenaltyForEachFeatureTakesMemoryByTheNumberOfFeatures() {
    Random random = new Random(20260117);
    Block[] none = {};
    List<PartitionData> partitions =
        List.of(
            new PartitionData(
                new Block[] {block(random, ROWS / 2)},
                new Block[] {block(random, 250)},
                none,
                none),
            new PartitionData(
                new Block[] {block(random, ROWS / 2)},
                new Block[] {block(random, 250)},
                none,
                none));
    LinearModel model = new LinearModel(new LogisticLoss(), FEATURES, true);
    Penalty penalty = Penalty.tuned(model, Penalty.Sharing.PER_FEATURE, false);
    assertEquals(FEATURES, penalty.size());
    TuningSettings settings =
        TuningSettings.of(
                new BilevelProblem(model, penalty),
                NboSettings.of(Curvature.JACOBI_CG)
                    .withProducts(5)
                    .withIterations(3)
                    .withPatience(5)
                    .withFactorRefresh(10)
                    .withRows(0.1, -6, 6))
            .from(
                filled(FEATURES, Math.log(1e-3)),
                filled(FEATURES, Math.log(1e-10)),
                filled(FEATURES, Math.log(1e4)))
            .withTolerance(1e-4)
            .withSketchColumns(20)
            .withStep(0.3)
            .warmedUp(new CleaningSettings.WarmUp(1e-3, 100));
    LocalEngine engine = new LocalEngine(partitions);
    TuningResult result = new Tuning(settings, engine, ROWS, record -> {}).run();
    assertTrue(result.course().status().isUsable());
    assertEquals(3, result.evaluations());
    double first = result.course().history().get(0).figures().upper().loss();
    assertTrue(
        result.best().upperObjective() < first, result.best().upperObjective() + " after " + first);
    assertEquals(
        0,
        result.course().history().get(0).point().lambda().length,
        "λ is too long for the history");
    long vector = 8L * model.size();
    for (PassLedger.Entry entry : engine.ledger().entries()) {
      // θ, u and v at most; G, ∇G, Hu, ∇F and diag H, or two products; and some tallies.
      assertTrue(entry.bytesOut() <= 3 * vector, entry.toString());
      assertTrue(entry.bytesBack() <= partitions.size() * (4 * vector + 1000), entry.toString());
    }
  }
}

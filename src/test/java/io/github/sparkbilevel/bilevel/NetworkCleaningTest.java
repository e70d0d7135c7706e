package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.training.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cleaning runs with a network as the lower level. */
class NetworkCleaningTest {
  private static final int ITERATIONS = 8;
  private static final int PRODUCTS = 3;

  private enum Upper {
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.WITHOUT_START, 0)),
    GROUP_WEIGHTS(WeightFunction.ofGroups(4)),
    EXAMPLE_WEIGHTS(new ExampleWeights(0));

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    Upper(UpperVariable variable) {
      this.variable = variable;
    }

    boolean isScored() {
      return this == WEIGHT_FUNCTION;
    }
  }

  /** 400 rows of 4 classes, of whose labels 40 % are wrong; 40 trusted rows and 30 held out. */
  private static Data data() {
    return TestProblems.of(new SoftmaxLoss(4))
        .features(8)
        .rows(400, 40, 30, 200)
        .groups(4)
        .folds(2)
        .noisy(1.5, 0.4)
        .weighted(false)
        .storage(Storage.DENSE_32)
        .make();
  }

  /** The same rows, of which those of groups 0 and 1 have the labels that they should have. */
  private static List<PartitionData> withGoodGroups(Data data) {
    List<PartitionData> changed = new ArrayList<>();
    for (PartitionData partition : data.partitions()) {
      Block[] train = partition.train().clone();
      for (int b = 0; b < train.length; b++) {
        Block block = train[b];
        int n = block.rows();
        double[] labels = new double[n];
        int[] groups = new int[n];
        for (int i = 0; i < n; i++) {
          groups[i] = block.group(i);
          labels[i] = groups[i] < 2 ? block.truth()[i] : block.labels()[i];
        }
        train[b] =
            new Block(block.ids(), block.features(), labels)
                .withGroups(groups)
                .withTruth(block.truth());
      }
      changed.add(
          new PartitionData(train, partition.upper(), partition.heldOut(), partition.test()));
    }
    return changed;
  }

  private static Network model() {
    return Network.dense(new SoftmaxLoss(4), 8, List.of(12), Activation.RELU);
  }

  private static CleaningSettings settings(Upper upper, EnumSet<Baseline> baselines) {
    Network model = model();
    BilevelProblem problem =
        new BilevelProblem(model, upper.variable, Penalty.fixed(model, 0.01, false));
    Training each =
        new Training(new Training.Rule(Training.Optimizer.ADAM, 5e-3, 16, 20), 1, false, 3);
    Training plain =
        new Training(new Training.Rule(Training.Optimizer.ADAM, 1e-2, 16, 20), 12, true, 3);
    NboSettings nbo =
        NboSettings.of(Curvature.KFAC_CG)
            .withProducts(PRODUCTS)
            .withIterations(ITERATIONS)
            .withDamping(1e-2)
            .withPatience(0)
            .withFactorRefresh(4)
            .withRows(0.7, -8, 8)
            .rotating(upper.isScored() ? new NboSettings.Rotation(2, 4) : null)
            .with(each, KroneckerSettings.DEFAULT);
    return CleaningSettings.of(problem, nbo)
        .from(new double[problem.sharedSize()], -6, 6)
        .withStep(0.4)
        .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
        .comparedWith(baselines)
        .withSeed(7)
        .with(new CleaningSettings.Networks(each.passes(2), plain));
  }

  private record Outcome(Cleaning cleaning, CleaningResult result, LocalEngine engine) {

    /** Weights that were learned, partition after partition. */
    List<double[]> weights() {
      List<double[]> weights = new ArrayList<>();
      var states = engine.states(cleaning.oracle().states(result.learned()));
      for (PartitionState state : states) {
        weights.addAll(Arrays.asList(state.weights()));
      }
      return weights;
    }
  }

  private static Outcome run(List<PartitionData> partitions, CleaningSettings settings) {
    LocalEngine engine = new LocalEngine(partitions);
    Cleaning cleaning = new Cleaning(settings, engine, 400, record -> {});
    return new Outcome(cleaning, cleaning.compare(cleaning.learn()), engine);
  }

  /** Share of pairs of a wrong and a right label of which the wrong one has the lower score. */
  private static double auroc(List<PartitionData> partitions, List<double[]> scores) {
    List<Double> wrong = new ArrayList<>();
    List<Double> right = new ArrayList<>();
    int at = 0;
    for (PartitionData partition : partitions) {
      for (Block block : partition.train()) {
        double[] score = scores.get(at++);
        for (int i = 0; i < block.rows(); i++) {
          (block.labels()[i] == block.truth()[i] ? right : wrong).add(score[i]);
        }
      }
    }
    double pairs = 0;
    for (double w : wrong) {
      for (double r : right) {
        pairs += w < r ? 1 : w == r ? 0.5 : 0;
      }
    }
    return pairs / wrong.size() / right.size();
  }

  private static List<double[]> quality(List<PartitionData> partitions, Judge judge) {
    BlockKernel kernel = BlockKernel.of(model(), "auto");
    List<double[]> all = new ArrayList<>();
    for (PartitionData partition : partitions) {
      for (Block block : partition.train()) {
        all.add(Comparisons.judge(kernel, block, judge).quality());
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void ranksTheWrongLabelsFirst(Upper upper) {
    Data data = data();
    List<PartitionData> partitions =
        upper == Upper.GROUP_WEIGHTS ? withGoodGroups(data) : data.partitions();
    Outcome outcome = run(partitions, settings(upper, EnumSet.noneOf(Baseline.class)));
    Judge judge = outcome.result().models().get(Cleaning.BILEVEL).judge();
    double byQuality = auroc(partitions, quality(partitions, judge));
    double byWeight = auroc(partitions, outcome.weights());
    // A weight for each group cannot tell the rows of a group apart.
    double least = upper == Upper.WEIGHT_FUNCTION ? 0.95 : 0.75;
    assertTrue(byQuality > 0.95, upper + ", quality: " + byQuality);
    assertTrue(byWeight > least, upper + ", weight: " + byWeight);
  }

  @Test
  void everyModelIsANetworkWithTheSameBitsInEveryRunAndTheBilevelOneBeatsTheNoisyOne() {
    CleaningSettings settings =
        settings(Upper.WEIGHT_FUNCTION, EnumSet.complementOf(EnumSet.of(Baseline.TRANSFER)));
    var models = run(data().partitions(), settings).result().models();
    var again = run(data().partitions(), settings).result().models();
    // The bilevel model and the second refit join, but no transfer model; nobody voted, and labels
    // are classes.
    assertEquals(1 + Baseline.values().length - 3 + 1, models.size());
    models.forEach(
        (name, model) -> {
          assertEquals(model().size(), model.theta().length, name);
          assertArrayEquals(model.theta(), again.get(name).theta(), 0, name);
        });
    double bilevel = models.get(Cleaning.BILEVEL).figures().test().loss();
    double noisy = models.get("noisy").figures().test().loss();
    assertTrue(bilevel < 0.7 * noisy, "test losses: " + bilevel + " and " + noisy);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void passesAreThoseThatAreDocumented(Upper upper) {
    Data data = data();
    Outcome outcome = run(data.partitions(), settings(upper, EnumSet.noneOf(Baseline.class)));
    var ledger = outcome.engine().ledger();
    // T products, one training pass, and what a linear model's iteration costs beside them.
    int each = PRODUCTS + 1 + (upper == Upper.EXAMPLE_WEIGHTS ? 1 : 2);
    assertEquals(ITERATIONS * each, ledger.passes(Phase.OUTER));
    // Trained models of the trusted rows, two makings of features, warm-up and its evaluation.
    int scored = upper.isScored() ? 1 + 12 + 2 : 0;
    int firstScale = upper == Upper.EXAMPLE_WEIGHTS ? 1 : 0;
    assertEquals(scored + 2 + 1 + firstScale, ledger.passes(Phase.WARM_UP));
    // Once for the rows held out, and once for the model that is returned.
    assertEquals(upper.isScored() ? 2 * 3 * (1 + 6) + 1 : 0, ledger.passes(Phase.POLISH));
  }
}

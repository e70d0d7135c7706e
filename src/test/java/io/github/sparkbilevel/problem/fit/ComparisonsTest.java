package io.github.sparkbilevel.problem.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Judges, thresholds of confident learning, and figures of finished models. */
class ComparisonsTest {
  private static final Folds FOLDS = new Folds(3, 11, 2);

  private static double[] probabilities(DenseReference reference, double[] theta, int row) {
    double[] p = reference.prediction(reference.outputs(theta, row));
    return p.length == 1 ? new double[] {1 - p[0], p[0]} : p;
  }

  private static double[][] models(Data data) {
    double[][] models = new double[FOLDS.count()][];
    Arrays.setAll(models, m -> TestProblems.vector(40 + m, data.model().size(), 1.2));
    return models;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void thresholdsAreTheMeanProbabilitiesOfTheLabelUnderTheModelThatDidNotSeeTheRow(int classes) {
    Data data = data(classes);
    double[][] models = models(data);
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    LocalEngine engine = data.engine();
    Judge judge = new Comparisons(kernel, engine).confidentLearning(models, FOLDS);
    assertEquals(1, engine.ledger().passes());
    DenseReference reference = new DenseReference(data.model(), data.train());
    double[] sum = new double[classes];
    double[] count = new double[classes];
    for (int i = 0; i < data.train().count(); i++) {
      int label = (int) data.train().labels()[i];
      double[] theta = models[FOLDS.of(data.train().ids()[i])];
      sum[label] += data.train().weight(i) * probabilities(reference, theta, i)[label];
      count[label] += data.train().weight(i);
    }
    for (int k = 0; k < classes; k++) {
      assertEquals(sum[k] / count[k], thresholds(judge)[k], 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void confidentLearningSuggestsTheMostProbableClassAboveItsThreshold(int classes) {
    Data data = data(classes);
    double[][] models = models(data);
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Judge judge = new Comparisons(kernel, data.engine()).confidentLearning(models, FOLDS);
    DenseReference reference = new DenseReference(data.model(), data.train());
    int row = 0;
    int changed = 0;
    for (Block block : trainBlocks(data)) {
      Comparisons.Judged judged = Comparisons.judge(kernel, block, judge);
      for (int i = 0; i < block.rows(); i++, row++) {
        double[] p = probabilities(reference, models[FOLDS.of(block.ids()[i])], row);
        int expected = -1;
        for (int k = 0; k < classes; k++) {
          if (p[k] >= thresholds(judge)[k] && (expected < 0 || p[k] > p[expected])) {
            expected = k;
          }
        }
        double label = block.labels()[i];
        assertEquals(expected < 0 ? label : expected, judged.suggested()[i]);
        assertEquals(p[(int) label], judged.quality()[i], 1e-12);
        changed += judged.suggested()[i] == label ? 0 : 1;
      }
    }
    assertTrue(changed > 0 && changed < row, changed + " of " + row);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void singleModelSuggestsWhatItPrefers(int classes) {
    Data data = data(classes);
    double[] theta = models(data)[0];
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    DenseReference reference = new DenseReference(data.model(), data.train());
    int row = 0;
    for (Block block : trainBlocks(data)) {
      Comparisons.Judged judged = Comparisons.judge(kernel, block, Judge.preferring(theta));
      for (int i = 0; i < block.rows(); i++, row++) {
        double[] p = probabilities(reference, theta, row);
        assertEquals(Arrays.stream(p).max().getAsDouble(), p[(int) judged.suggested()[i]], 1e-12);
      }
    }
    assertEquals(data.train().count(), row);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void confidentLearningGoesByTheProbabilitiesThatRowsBring(int classes) {
    Data data = data(classes);
    double[] theta = models(data)[0];
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    DenseReference reference = new DenseReference(data.model(), data.train());
    List<PartitionData> bringing = new ArrayList<>();
    int row = 0;
    for (PartitionData part : data.partitions()) {
      Block[] train = part.train().clone();
      for (int b = 0; b < train.length; b++) {
        float[] all = new float[train[b].rows() * classes];
        for (int i = 0; i < train[b].rows(); i++, row++) {
          double[] p = probabilities(reference, theta, row);
          for (int k = 0; k < classes; k++) {
            all[i * classes + k] = (float) p[k];
          }
        }
        train[b] = train[b].withProbabilities(all);
      }
      bringing.add(new PartitionData(train, part.upper(), part.heldOut(), part.test()));
    }
    Judge given = new Comparisons(kernel, new LocalEngine(bringing)).confidentLearning();
    double[][] alike = new double[FOLDS.count()][];
    Arrays.fill(alike, theta);
    Judge fitted = new Comparisons(kernel, data.engine()).confidentLearning(alike, FOLDS);
    assertArrayEquals(thresholds(fitted), thresholds(given), 1e-6);
    for (int p = 0; p < bringing.size(); p++) {
      for (int b = 0; b < bringing.get(p).train().length; b++) {
        Block own = bringing.get(p).train()[b];
        Comparisons.Judged expected = Comparisons.judge(kernel, own, fitted);
        Comparisons.Judged judged = Comparisons.judge(kernel, own, given);
        assertArrayEquals(expected.quality(), judged.quality(), 1e-6);
        assertArrayEquals(expected.suggested(), judged.suggested());
      }
    }
  }

  @Test
  void classWithoutRowsIsSuggestedToNobody() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    for (Block block : trainBlocks(data)) {
      for (int i = 0; i < block.rows(); i++) {
        block.labels()[i] = Math.min(1, block.labels()[i]);
      }
    }
    double[] likesTheThird = new double[data.model().size()];
    likesTheThird[likesTheThird.length - 1] = 50;
    double[][] models = {likesTheThird, likesTheThird, likesTheThird};
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Judge judge = new Comparisons(kernel, data.engine()).confidentLearning(models, FOLDS);
    assertTrue(thresholds(judge)[2] > 1);
    for (Block block : trainBlocks(data)) {
      for (double suggested : Comparisons.judge(kernel, block, judge).suggested()) {
        assertTrue(suggested < 2);
      }
    }
  }

  @Test
  void labelIsSuggestedByTheRuleOfTheJudge() {
    Loss loss = new SoftmaxLoss(3);
    OutputTile p = OutputTile.ofRow(new double[] {0.2, 0.5, 0.3}, 0);
    Judge plain = Judge.preferring(new double[0]);
    assertNotEquals(0, plain.judge(loss, p, labelled(0), 0).suggested());
    assertEquals(1, plain.judge(loss, p, labelled(1), 0).suggested());
    Judge strict = confident(0.9, 0.9, 0.25);
    assertEquals(2, strict.judge(loss, p, labelled(1), 0).suggested());
    assertNotEquals(1, strict.judge(loss, p, labelled(1), 0).suggested());
    Judge none = confident(0.9, 0.9, 0.9);
    assertEquals(0, none.judge(loss, p, labelled(0), 0).suggested(), "no class is present");
    assertEquals(0, none.judge(loss, p, labelled(0), 0).suggested());
  }

  @Test
  void posteriorWeighsTheProbabilitiesByTheConfusionOfTheLabel() {
    Loss loss = new SoftmaxLoss(3);
    OutputTile p = OutputTile.ofRow(new double[] {0.2, 0.5, 0.3}, 0);
    // Half of class 2 is labelled 1, and nothing else is confused.
    Confusion confusion = Confusion.ofCounts(3, new double[] {4, 0, 0, 0, 4, 0, 0, 2, 2});
    JudgingRule.Verdict verdict =
        Judge.byPosterior(new double[0], confusion).judge(loss, p, labelled(1), 0);
    assertEquals(1, verdict.suggested());
    assertEquals(0.5 / (0.5 + 0.3 * 0.5), verdict.quality(), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void softLabelsAreWhatQualityAndSuggestionComeFrom(int classes) {
    Data data = data(classes);
    double[] theta = models(data)[0];
    double[] counts = new double[classes * classes];
    Arrays.setAll(counts, i -> 1 + i % 3 + (i % (classes + 1) == 0 ? 4 : 0));
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Judge posterior = Judge.byPosterior(theta, Confusion.ofCounts(classes, counts));
    for (Judge judge : List.of(posterior, Judge.preferring(theta))) {
      for (Block block : trainBlocks(data)) {
        Comparisons.Judged judged = Comparisons.judge(kernel, block, judge);
        double[][] soft = Comparisons.softLabels(kernel, block, judge);
        for (int i = 0; i < block.rows(); i++) {
          assertEquals(1, Arrays.stream(soft[i]).sum(), 1e-12);
          assertEquals(judged.quality()[i], soft[i][(int) block.labels()[i]]);
          assertEquals(judged.suggested()[i], Vectors.argMax(soft[i]));
        }
      }
    }
  }

  private static double[] thresholds(Judge judge) {
    return ((JudgingRule.Confident) judge.rule()).thresholds();
  }

  private static Judge confident(double... thresholds) {
    return new Judge(new double[1][0], null, new JudgingRule.Confident(thresholds));
  }

  private static Block labelled(double label) {
    DenseFeatures none = DenseFeatures.ofDoubles(1, 0, new double[0]);
    return new Block(new long[] {0}, none, new double[] {label});
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void figuresAreThoseOfEveryModelOnEveryPart(int classes) {
    Data data = data(classes);
    List<double[]> models = List.of(models(data));
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    LocalEngine engine = data.engine();
    List<ModelFigures> figures = new Comparisons(kernel, engine).figures(models);
    assertEquals(1, engine.ledger().passes());
    for (int m = 0; m < models.size(); m++) {
      assertTally(data, data.upper(), models.get(m), figures.get(m).upper());
      assertTally(data, data.heldOut(), models.get(m), figures.get(m).heldOut());
      assertTally(data, data.test(), models.get(m), figures.get(m).test());
    }
  }

  /** −log softmax(z / τ)_y of every held-out row. */
  private static double[] losses(Data data, double[] theta, double temperature) {
    // Outputs are linear in θ: a temperature is a scale.
    DenseReference reference = new DenseReference(data.model(), data.heldOut());
    double[] losses = new double[data.heldOut().count()];
    double[] scaled = Vectors.scaled(1 / temperature, theta);
    Arrays.setAll(losses, i -> reference.loss(scaled, i));
    return losses;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void calibratedLossesAreTheLeastOverTemperatures(int classes) {
    Data data = data(classes);
    double[] first = models(data)[0];
    List<double[]> models = List.of(first, Vectors.scaled(0.25, first), models(data)[1]);
    LocalEngine engine = data.engine();
    Comparisons.Calibration calibration =
        new Comparisons(BlockKernel.of(data.model(), "auto"), engine).calibration(models);
    HeldOutFigures calibrated = calibration.calibrated();
    double[] temperatures = new double[models.size()];
    assertEquals(1, engine.ledger().passes());
    for (int m = 0; m < models.size(); m++) {
      double least = Double.POSITIVE_INFINITY;
      double at = Double.NaN;
      for (int h = -2; h <= 6; h++) {
        double temperature = Math.pow(2, h / 2.0);
        double loss = data.heldOut().mean(losses(data, models.get(m), temperature));
        at = loss < least ? temperature : at;
        least = Math.min(least, loss);
      }
      temperatures[m] = at;
      assertEquals(least, calibrated.means()[m], 1e-12);
      double plain = data.heldOut().mean(losses(data, models.get(m), 1));
      assertEquals(plain, calibration.plain().means()[m], 1e-12);
    }
    assertTrue(calibrated.means()[1] <= calibrated.means()[0] + 1e-12, "scale does not matter");
    assertErrorOfDifference(
        data.heldOut(),
        losses(data, models.get(0), temperatures[0]),
        losses(data, models.get(2), temperatures[2]),
        calibrated.standardErrorOfDifference(0, 2));
    assertErrorOfDifference(
        data.heldOut(),
        losses(data, models.get(0), 1),
        losses(data, models.get(2), 1),
        calibration.plain().standardErrorOfDifference(0, 2));
    assertEquals(0, calibrated.standardErrorOfDifference(1, 1), 1e-9);
    double[] losses = losses(data, models.get(0), 1);
    double square = data.heldOut().mean(Arrays.stream(losses).map(loss -> loss * loss).toArray());
    double share = Math.pow(calibration.plain().means()[0], 2) / square;
    double weight = Arrays.stream(data.heldOut().weights()).sum();
    double squares = Arrays.stream(data.heldOut().weights()).map(w -> w * w).sum();
    double rows = weight * weight / squares;
    assertEquals(share * rows, calibration.plain().effectiveRows(0), 1e-9);
  }

  private static void assertErrorOfDifference(
      TestProblems.Rows rows, double[] a, double[] b, double got) {
    double[] differences = new double[a.length];
    Arrays.setAll(differences, i -> a[i] - b[i]);
    double expected = rows.standardError(differences);
    assertTrue(expected > 0);
    assertEquals(expected, got, 1e-9);
  }

  private static void assertTally(Data data, TestProblems.Rows rows, double[] theta, Tally tally) {
    DenseReference reference = new DenseReference(data.model(), rows);
    int n = rows.count();
    double[] losses = new double[n];
    double[] right = new double[n];
    for (int i = 0; i < n; i++) {
      losses[i] = reference.loss(theta, i);
      double[] p = probabilities(reference, theta, i);
      right[i] = p[(int) rows.labels()[i]] == Arrays.stream(p).max().getAsDouble() ? 1 : 0;
    }
    double mean = rows.mean(losses);
    assertEquals(mean, tally.loss(), 1e-12 * mean);
    assertEquals(rows.mean(right), tally.accuracy(), 1e-14);
    assertEquals(rows.standardError(losses), tally.standardError(), 1e-9);
    assertEquals(n, tally.rows());
  }

  @Test
  void realLabelsHaveARootMeanSquaredErrorAndNoAccuracy() {
    Data data = TestProblems.of(new SquaredLoss()).partitions(3).make();
    double[] theta = TestProblems.vector(40, data.model().size(), 1.2);
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    ModelFigures figures = new Comparisons(kernel, data.engine()).figures(List.of(theta)).get(0);
    for (Tally tally : List.of(figures.upper(), figures.heldOut(), figures.test())) {
      assertEquals(Double.NaN, tally.accuracy());
    }
    DenseReference reference = new DenseReference(data.model(), data.test());
    double[] squares = new double[data.test().count()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = Math.pow(reference.outputs(theta, i)[0] - data.test().labels()[i], 2);
    }
    double error = Math.sqrt(data.test().mean(squares));
    assertEquals(error, figures.test().rootMeanSquaredError(), 1e-12 * error);
    assertEquals(data.test().count(), figures.test().rows());
  }

  @Test
  void tallyWithoutRowsIsNotANumber() {
    Tally tally = Tally.read(new double[Tally.SUMS], 0);
    assertEquals(new Tally(Double.NaN, Double.NaN, Double.NaN, 0), tally);
  }

  private static Data data(int classes) {
    Loss loss = classes == 2 ? new LogisticLoss() : new SoftmaxLoss(classes);
    return TestProblems.of(loss).make();
  }

  private static List<Block> trainBlocks(Data data) {
    List<Block> blocks = new ArrayList<>();
    data.partitions().forEach(p -> blocks.addAll(List.of(p.train())));
    return blocks;
  }
}

package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.NoiseModel;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.fit.VoteModel;
import io.github.sparkbilevel.problem.fit.VotedLabels;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VotedRowsTest {
  private static final int CLASSES = 3;
  private static final int FOLDS = 4;

  /** C_j of annotators that take classes for each other, the last one more often than not. */
  private static final double[][][] MATRICES = {
    {{0.9, 0.05, 0.05}, {0.1, 0.8, 0.1}, {0.05, 0.15, 0.8}},
    {{0.7, 0.3, 0}, {0, 0.7, 0.3}, {0.3, 0, 0.7}},
    {{0.6, 0.2, 0.2}, {0.2, 0.6, 0.2}, {0.2, 0.2, 0.6}},
    {{0.8, 0.1, 0.1}, {0.1, 0.8, 0.1}, {0.2, 0.2, 0.6}},
    {{0.2, 0.7, 0.1}, {0.1, 0.3, 0.6}, {0.6, 0.1, 0.3}},
  };

  /** Half of the rows have the vote of an annotator; what labels the training rows have is lost. */
  private static LocalEngine engine() {
    Data clean =
        TestProblems.of(new SoftmaxLoss(CLASSES))
            .rows(4000, 240, 40, 400)
            .folds(FOLDS)
            .weighted(false)
            .noisy(1.5, 0)
            .make();
    Random random = new Random(3);
    List<PartitionData> partitions =
        clean.partitions().stream()
            .map(
                data ->
                    new PartitionData(
                        Arrays.stream(data.train())
                            .map(block -> voted(block, random))
                            .map(
                                block ->
                                    block
                                        .withTruth(block.labels())
                                        .withLabels(new double[block.rows()]))
                            .toArray(Block[]::new),
                        Arrays.stream(data.upper())
                            .map(block -> voted(block, random))
                            .toArray(Block[]::new),
                        data.heldOut(),
                        data.test()))
            .toList();
    return new LocalEngine(partitions);
  }

  private static Block voted(Block block, Random random) {
    int[][] votes = new int[block.rows()][];
    for (int i = 0; i < votes.length; i++) {
      int k = (int) block.labels()[i];
      IntStream.Builder row = IntStream.builder();
      for (int j = 0; j < MATRICES.length; j++) {
        double u = random.nextDouble();
        int l = u < MATRICES[j][k][0] ? 0 : u < MATRICES[j][k][0] + MATRICES[j][k][1] ? 1 : 2;
        if (random.nextBoolean()) {
          row.add(j * CLASSES + l);
        }
      }
      votes[i] = row.build().toArray();
    }
    return block.withVotes(votes);
  }

  private static CleaningSettings settings(LocalEngine engine) {
    int features = engine.partitions().get(0).train()[0].features().columns();
    LinearModel model = new LinearModel(new SoftmaxLoss(CLASSES), features, true);
    NoiseModel noise = new NoiseModel(Confusion.ofCounts(CLASSES, new double[9]));
    BilevelProblem problem = new BilevelProblem(model, noise, Penalty.fixed(model, 0.01, false));
    return CleaningSettings.of(problem, NboSettings.of(Curvature.CG))
        .comparedWith(EnumSet.of(Baseline.DAWID_SKENE))
        .ofAnnotators(MATRICES.length, FOLDS);
  }

  private static double right(LocalEngine engine, VotedLabels labels) {
    double right = 0;
    double rows = 0;
    for (PartitionData data : engine.over(labels).partitions()) {
      for (Block block : data.train()) {
        for (int i = 0; i < block.rows(); i++) {
          right += block.labels()[i] == block.truth()[i] ? 1 : 0;
          rows++;
        }
      }
    }
    return right / rows;
  }

  private static double rate(int annotator) {
    return IntStream.range(0, CLASSES)
        .mapToDouble(k -> MATRICES[annotator][k][k])
        .average()
        .orElse(0);
  }

  @Test
  void trustedRowsTellHowReliableAnnotatorsAre() {
    LocalEngine engine = engine();
    VotedRows.Learned learned = new VotedRows(settings(engine), engine).learn();
    for (int j = 0; j < MATRICES.length; j++) {
      VotedRows.Annotator annotator = learned.annotators().get(j);
      assertEquals(rate(j), annotator.reliability().mean(), 0.08, "annotator " + j);
      assertTrue(annotator.reliability().low() < rate(j), "annotator " + j);
      assertTrue(annotator.reliability().high() > rate(j), "annotator " + j);
      assertEquals(120, annotator.checked(), 40);
      assertEquals(2000, annotator.votes(), 200);
      assertTrue(annotator.agreeing() <= annotator.votes());
    }
    VotedLabels alone =
        new VotedLabels(learned.labels().votes(), learned.labels().kernel(), null, 1);
    assertTrue(right(engine, learned.labels()) > right(engine, alone) + 0.02);
    assertTrue(right(engine, alone) > right(engine, majority(learned)) + 0.01);
  }

  private static VotedLabels majority(VotedRows.Learned learned) {
    double[] rates = new double[MATRICES.length];
    Arrays.fill(rates, 0.7);
    return new VotedLabels(VoteModel.oneCoin(CLASSES, rates), learned.labels().kernel(), null, 1);
  }

  @Test
  void withoutTrustedRowsAgreementTells() {
    LocalEngine engine = engine();
    VotedRows.Learned learned = new VotedRows(settings(engine).unguided(), engine).learn();
    for (int j = 0; j < MATRICES.length; j++) {
      assertEquals(
          rate(j), learned.annotators().get(j).reliability().mean(), 0.1, "annotator " + j);
      assertEquals(0, learned.annotators().get(j).checked());
    }
    assertTrue(right(engine, learned.labels()) > right(engine, majority(learned)) + 0.01);
  }

  @Test
  void dawidAndSkeneFindTheMatrices() {
    LocalEngine engine = engine();
    VotedRows rows = new VotedRows(settings(engine).unguided(), engine);
    Confusion found = rows.em(new double[MATRICES.length * CLASSES * CLASSES]).annotators();
    for (int j = 0; j < MATRICES.length; j++) {
      for (int k = 0; k < CLASSES; k++) {
        for (int l = 0; l < CLASSES; l++) {
          assertEquals(MATRICES[j][k][l], found.probability(j, k, l), 0.1, j + " " + k + " " + l);
        }
      }
    }
    assertEquals(List.of("dawidSkene"), List.copyOf(rows.learn().models().keySet()));
  }
}

package io.github.sparkbilevel.problem.fit;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A ridge with cheap directions is the ridge on features and on the other model's outputs. */
class RidgeTest {
  private static final double L2 = 0.03;

  static List<Loss> losses() {
    return List.of(new SoftmaxLoss(3), new LogisticLoss());
  }

  /** V, scaled so that over the trusted rows its outputs are as long as the rows. */
  private static double[][] directions(LinearModel model, double[] theta, Data data) {
    int p = model.features();
    double[][] v = new double[model.outputs()][p];
    for (int j = 0; j < p; j++) {
      double mean = 0;
      for (int k = 0; k < v.length; k++) {
        v[k][j] = theta[k * model.columnLength() + j];
        mean += v.length == 1 ? 0 : v[k][j] / v.length;
      }
      for (double[] of : v) {
        of[j] -= mean;
      }
    }
    double rows = 0;
    double outputs = 0;
    for (Rows part : List.of(data.upper(), data.heldOut())) {
      for (int i = 0; i < part.count(); i++) {
        double[] z = outputs(v, part.x()[i]);
        rows += part.weight(i) * Vectors.dot(part.x()[i], part.x()[i]);
        outputs += part.weight(i) * Vectors.dot(z, z);
      }
    }
    double scale = Math.sqrt(rows / outputs);
    return Arrays.stream(v).map(of -> Vectors.scaled(scale, of)).toArray(double[][]::new);
  }

  private static double[] outputs(double[][] v, double[] x) {
    return Arrays.stream(v).mapToDouble(of -> Vectors.dot(of, x)).toArray();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void productAndValueAreThoseOfTheMatrix(Loss loss) {
    Data data = TestProblems.of(loss).make();
    LinearModel model = data.model();
    double[] known = TestProblems.vector(3, model.size(), 1);
    double[][] v = directions(model, known, data);
    Ridge ridge = Ridge.along(model, L2, known, data.engine());
    double[] theta = TestProblems.vector(4, model.size(), 1);
    double[] product = new double[theta.length];
    ridge.addProduct(theta, product);
    // (I + VᵀV) times the product is l2 θ, output by output; intercepts cost nothing.
    int q = model.columnLength();
    for (int k = 0; k < model.outputs(); k++) {
      double[] of = Vectors.slice(product, k * q, model.features());
      double[] back = of.clone();
      double[] z = outputs(v, of);
      for (int c = 0; c < v.length; c++) {
        Vectors.addTo(back, z[c], v[c]);
      }
      double[] expected = Vectors.scaled(L2, Vectors.slice(theta, k * q, model.features()));
      assertTrue(distance(back, expected) <= 1e-12);
      assertEquals(0, product[k * q + model.features()]);
    }
    assertEquals(0.5 * Vectors.dot(theta, product), ridge.value(theta), 1e-15);
  }

  @ParameterizedTest
  @MethodSource("losses")
  void valueIsThatOfRidgeWithTheOutputsAsFeatures(Loss loss) {
    Data data = TestProblems.of(loss).make();
    LinearModel model = data.model();
    double[] known = TestProblems.vector(3, model.size(), 1);
    double[][] v = directions(model, known, data);
    LinearModel wide = new LinearModel(loss, model.features() + v.length, true);
    double[] split = TestProblems.vector(5, wide.size(), 1);
    double[] theta = joined(split, wide, model, v);
    double paid = Ridge.of(wide, L2).value(split);
    Ridge ridge = Ridge.along(model, L2, known, data.engine());
    assertTrue(ridge.value(theta) <= paid);
    // a = (I + VVᵀ)⁻¹ Vθ and w = θ − Vᵀa = (I + VᵀV)⁻¹ θ are the cheapest pair.
    double[] product = new double[theta.length];
    ridge.addProduct(theta, product);
    double[] cheapest = new double[split.length];
    for (int k = 0; k < model.outputs(); k++) {
      double[] w = new double[model.features()];
      Vectors.addTo(w, 1 / L2, Vectors.slice(product, k * model.columnLength(), w.length));
      double[] a = outputs(v, w);
      Vectors.copyTo(w, cheapest, k * wide.columnLength());
      Vectors.copyTo(a, cheapest, k * wide.columnLength() + w.length);
      cheapest[(k + 1) * wide.columnLength() - 1] = theta[(k + 1) * model.columnLength() - 1];
    }
    assertTrue(distance(joined(cheapest, wide, model, v), theta) <= 1e-12);
    assertEquals(Ridge.of(wide, L2).value(cheapest), ridge.value(theta), 1e-14);
  }

  /** θ_k = w_k + Σ_j a_kj v_j, with the intercepts as they are. */
  private static double[] joined(
      double[] split, LinearModel wide, LinearModel model, double[][] v) {
    double[] theta = new double[model.size()];
    for (int k = 0; k < model.outputs(); k++) {
      double[] w = Vectors.slice(split, k * wide.columnLength(), model.features());
      for (int c = 0; c < v.length; c++) {
        Vectors.addTo(w, split[k * wide.columnLength() + model.features() + c], v[c]);
      }
      Vectors.copyTo(w, theta, k * model.columnLength());
      theta[(k + 1) * model.columnLength() - 1] = split[(k + 1) * wide.columnLength() - 1];
    }
    return theta;
  }

  /** The objective of both models is the same at every pair, and so is its minimum. */
  @ParameterizedTest
  @MethodSource("losses")
  void lossIsThatOfTheWideModel(Loss loss) {
    Data data = TestProblems.of(loss).make();
    LinearModel model = data.model();
    double[] known = TestProblems.vector(3, model.size(), 1);
    double[][] v = directions(model, known, data);
    LinearModel wide = new LinearModel(loss, model.features() + v.length, true);
    List<PartitionData> partitions = new ArrayList<>();
    for (PartitionData partition : data.partitions()) {
      partitions.add(
          new PartitionData(
              widened(partition.train(), v),
              widened(partition.upper(), v),
              widened(partition.heldOut(), v),
              new Block[0]));
    }
    double[] split = TestProblems.vector(5, wide.size(), 1);
    List<FitRows> trusted = List.of(new FitRows.Trusted(null));
    Ridge free = Ridge.of(model, 0);
    Ridge freeToo = Ridge.of(wide, 0);
    try (PlainFits narrow =
            new PlainFits(BlockKernel.of(model, "auto"), data.engine(), free, trusted, List.of());
        PlainFits broad =
            new PlainFits(
                BlockKernel.of(wide, "auto"),
                new LocalEngine(partitions),
                freeToo,
                trusted,
                List.of())) {
      double expected = broad.at(split, Extra.NONE).value();
      double got = narrow.at(joined(split, wide, model, v), Extra.NONE).value();
      assertEquals(expected, got, 1e-12 * expected);
    }
  }

  private static Block[] widened(Block[] blocks, double[][] v) {
    return Arrays.stream(blocks).map(block -> widened(block, v)).toArray(Block[]::new);
  }

  private static Block widened(Block block, double[][] v) {
    int p = block.features().columns();
    double[] values = new double[block.rows() * (p + v.length)];
    double[] row = new double[p];
    double[] weights = new double[block.rows()];
    int[] groups = new int[block.rows()];
    for (int i = 0; i < block.rows(); i++) {
      block.features().copyRow(i, row);
      Vectors.copyTo(row, values, i * (p + v.length));
      Vectors.copyTo(outputs(v, row), values, i * (p + v.length) + p);
      weights[i] = block.weight(i);
      groups[i] = block.group(i);
    }
    return new Block(
            block.ids(),
            DenseFeatures.ofDoubles(block.rows(), p + v.length, values),
            block.labels())
        .withWeights(weights)
        .withGroups(groups);
  }

  /** However the rows are stored, the directions cost the same. */
  @ParameterizedTest
  @EnumSource(Storage.class)
  void scaleIsOfTheRowsAsTheyAre(Storage storage) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    Data stored = TestProblems.of(new SoftmaxLoss(3)).storage(storage).make();
    double[] known = TestProblems.vector(3, data.model().size(), 1);
    double[] theta = TestProblems.vector(4, data.model().size(), 1);
    double expected = Ridge.along(data.model(), L2, known, data.engine()).value(theta);
    double got = Ridge.along(data.model(), L2, known, stored.engine()).value(theta);
    assertEquals(expected, got, 1e-6 * expected);
  }

  @Test
  void modelThatSaysNothingLeavesTheRidgeAsItIs() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    double[] theta = TestProblems.vector(4, data.model().size(), 1);
    Ridge ridge = Ridge.along(data.model(), L2, new double[data.model().size()], data.engine());
    assertEquals(Ridge.of(data.model(), L2).value(theta), ridge.value(theta));
    assertArrayEquals(Ridge.of(data.model(), L2).strengths(), ridge.strengths());
  }
}

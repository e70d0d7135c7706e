package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kronecker factors of weights that positions share, where they are the matrix itself. */
class SharingTest {
  private static final int ROWS = 9;

  /** ½ Σ_k (z_k − label)²: C is the identity. */
  private record Squares(int outputs) implements Loss {

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
      for (int i = 0; i < z.rows(); i++) {
        losses.values()[losses.at() + i] = 0;
        for (int k = 0; k < outputs; k++) {
          double error = z.value(k, i) - labels.value(i);
          p.values()[p.column(k) + i] = z.value(k, i);
          losses.values()[losses.at() + i] += error * error / 2;
        }
      }
    }

    @Override
    public void residual(OutputTile p, TileColumn labels, TileColumn s, OutputTile out) {
      for (int i = 0; i < p.rows(); i++) {
        for (int k = 0; k < outputs; k++) {
          out.values()[out.column(k) + i] = s.value(i) * (p.value(k, i) - labels.value(i));
        }
      }
    }

    @Override
    public void curvatureInPlace(OutputTile p, TileColumn labels, TileColumn s, OutputTile t) {
      for (int i = 0; i < t.rows(); i++) {
        for (int k = 0; k < outputs; k++) {
          t.values()[t.column(k) + i] *= s.value(i);
        }
      }
    }

    @Override
    public void curvatureRoot(
        OutputTile p, TileColumn labels, int k, TileColumn s, OutputTile out) {
      for (int i = 0; i < out.rows(); i++) {
        for (int o = 0; o < outputs; o++) {
          out.values()[out.column(o) + i] = o == k ? s.value(i) : 0;
        }
      }
    }

    @Override
    public int rootColumns() {
      return outputs;
    }

    @Override
    public void directional(OutputTile p, TileColumn labels, OutputTile t, TileColumn out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void curvature(
        OutputTile p, TileColumn labels, int k, int l, TileColumn s, TileColumn out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void drawnResidual(
        OutputTile p,
        TileColumn labels,
        TileColumn u,
        TileColumn other,
        TileColumn s,
        OutputTile out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public double predict(OutputTile p, int row) {
      throw new UnsupportedOperationException();
    }

    @Override
    public double probability(OutputTile p, int row, double label) {
      throw new UnsupportedOperationException();
    }
  }

  /** Of three steps with two numbers and a mark each, some are padding, but not the last. */
  private static void mark(double[][] x) {
    for (int i = 0; i < x.length; i++) {
      x[i][2] = i % 2;
      x[i][5] = i % 3;
      x[i][8] = 1;
    }
  }

  /** The greatest difference of n B ⊗ A to the Gauss-Newton matrix, over its greatest entry. */
  private static double error(Layer layer, Sharing sharing) {
    int features = layer.in().size();
    Network model =
        Network.of(new Squares(layer.out().size()), layer).with(new Fisher.Exact()).with(sharing);
    Rows rows =
        TestProblems.of(new SoftmaxLoss(3)).rows(ROWS, 3, 0, 0).features(features).make().train();
    if (((Stack) layer).layers().get(1) instanceof Mask) {
      mark(rows.x());
    }
    Block block = TestProblems.block(rows, features, 0, ROWS, Storage.DENSE_64);
    BlockKernel kernel = BlockKernel.of(model, "auto");
    int d = model.size();
    double[] theta = TestProblems.vector(1, d, 1);
    double[] weights = TestProblems.vector(2, ROWS, 1);
    Arrays.setAll(weights, i -> 1.5 + weights[i]);
    RowOutputs outputs = RowOutputs.allocate(ROWS, 1, model.outputs(), false);
    kernel.predict(block, theta, 1, null, outputs);
    BlockKernel.At at = BlockKernel.At.one(theta, outputs.predictions(), weights);
    double[] h = new double[d * d];
    kernel.hessian(block, at, h, 0);
    double[] sums = new double[kernel.factorSums()];
    kernel.kroneckerFactors(block, at, (id, number) -> 0.5, sums, 0);
    KroneckerFactors factors = kernel.factors(sums, 0, ROWS).get(0);
    ParameterBlock weightsOf = model.parameters().get(0);
    int q = weightsOf.height();
    int k = weightsOf.outputs();
    double error = 0;
    double most = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double product =
            ROWS * factors.inputs()[i % q * q + j % q] * factors.outputs()[i / q * k + j / q];
        error = Math.max(error, Math.abs(product - h[i * d + j]));
        most = Math.max(most, Math.abs(h[i * d + j]));
      }
    }
    return error / most;
  }

  @Test
  void expandedFactorsAreExactWhereEveryPositionHasItsSquaredLoss() {
    Arranged sequence = new Arranged(new RowShape(List.of(3, 2)));
    Layer everywhere = Stack.of(sequence, Shared.of(sequence.out(), 2));
    assertEquals(0, error(everywhere, Sharing.EXPAND), 1e-13);
    assertTrue(error(everywhere, Sharing.REDUCE) > 0.1);
    RowShape image = RowShape.image(3, 4, 1);
    Layer convolution =
        Stack.of(new Arranged(image), new Convolution(image, new Window(2, 1, 0), 2));
    assertEquals(0, error(convolution, Sharing.EXPAND), 1e-13);
  }

  @Test
  void reducedFactorsAreExactWhereTheMeanOfThePositionsHasTheSquaredLoss() {
    Arranged sequence = new Arranged(new RowShape(List.of(3, 2)));
    Shared shared = Shared.of(sequence.out(), 2);
    Layer averaged = Stack.of(sequence, shared, new PositionMean(shared.out()));
    assertEquals(0, error(averaged, Sharing.REDUCE), 1e-13);
    assertTrue(error(averaged, Sharing.EXPAND) > 0.1);
  }

  @Test
  void reducedFactorsAreExactWhereSomeStepsArePadding() {
    Arranged sequence = new Arranged(new RowShape(List.of(3, 3)));
    Mask mask = new Mask(sequence.out());
    Shared shared = Shared.of(mask.out(), 2);
    Layer averaged = Stack.of(sequence, mask, shared, new PositionMean(shared.out()));
    assertEquals(0, error(averaged, Sharing.REDUCE), 1e-13);
  }
}

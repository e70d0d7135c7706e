package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The validation rows in parts, drawn by their ids; those without rows are left out.
 *
 * @param shares of each part of the weight
 * @param losses for each θ the mean loss of each part
 * @param gradients for each part ∇_θ of its mean loss at the first θ
 */
public record UpperParts(double[] shares, List<double[]> losses, double[][] gradients) {
  /** Number of parts. */
  public static final int COUNT = 10;

  private static final Folds CUT = new Folds(COUNT, 0, 37);

  /**
   * Sums of each part: Σ w, then Σ w ℓ and its gradient at the first θ, then Σ w ℓ at the others.
   */
  private record PartsPass(BlockKernel kernel, List<double[]> thetas)
      implements Pass<PartitionState, PartitionState> {
    private static final long serialVersionUID = 1L;

    int stride() {
      return 1 + kernel.model().size() + thetas.size();
    }

    @Override
    public String name() {
      return "parts";
    }

    @Override
    public String kernels() {
      return "F, ∇F by part, F at " + (thetas.size() - 1) + " others";
    }

    @Override
    public long bytes() {
      return 8L * thetas.size() * kernel.model().size();
    }

    @Override
    public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
      double[] sums = new double[COUNT * stride()];
      for (Block block : data.upper()) {
        for (int part = 0; part < COUNT; part++) {
          int own = part;
          int[] rows =
              IntStream.range(0, block.rows()).filter(i -> CUT.of(block.ids()[i]) == own).toArray();
          if (rows.length > 0) {
            add(block.select(rows, 1), sums, part * stride());
          }
        }
      }
      return new PassOutput<>(null, sums);
    }

    private void add(Block block, double[] sums, int at) {
      int n = block.rows();
      for (int i = 0; i < n; i++) {
        sums[at] += block.weight(i);
      }
      RowOutputs rows = RowOutputs.allocate(n, 1, kernel.model().outputs(), false);
      kernel.evaluate(
          block,
          thetas.get(0),
          1,
          null,
          (tile, s) -> {
            for (int i = 0; i < tile.rows(); i++) {
              s[i] = block.weight(tile.from() + i);
            }
          },
          rows,
          sums,
          at + 1);
      int next = at + 1 + kernel.model().size();
      for (int t = 1; t < thetas.size(); t++) {
        kernel.predict(block, thetas.get(t), 1, null, rows);
        for (int i = 0; i < n; i++) {
          sums[next + t] += block.weight(i) * rows.losses()[i];
        }
      }
    }
  }

  /**
   * Evaluates; costs 1 pass. The driver holds as many gradients as there are parts.
   *
   * @param backend name of the dense backend, or {@code auto}
   * @param thetas one or more
   */
  public static UpperParts of(
      PassEngine engine, Model model, String backend, List<double[]> thetas) {
    PartsPass pass = new PartsPass(BlockKernel.of(model, backend), List.copyOf(thetas));
    double[] sums = engine.run(pass, null, false).sums();
    int[] parts =
        IntStream.range(0, COUNT)
            .map(part -> part * pass.stride())
            .filter(at -> sums[at] > 0)
            .toArray();
    double total = IntStream.of(parts).mapToDouble(at -> sums[at]).sum();
    double[] shares = IntStream.of(parts).mapToDouble(at -> sums[at] / total).toArray();
    List<double[]> losses = new ArrayList<>();
    for (int t = 0; t < thetas.size(); t++) {
      int loss = t == 0 ? 1 : 1 + model.size() + t;
      losses.add(IntStream.of(parts).mapToDouble(at -> sums[at + loss] / sums[at]).toArray());
    }
    double[][] gradients =
        IntStream.of(parts)
            .mapToObj(at -> Vectors.scaled(1 / sums[at], Vectors.slice(sums, at + 2, model.size())))
            .toArray(double[][]::new);
    return new UpperParts(shares, losses, gradients);
  }
}

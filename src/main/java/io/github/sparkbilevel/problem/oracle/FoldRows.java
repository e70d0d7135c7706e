package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.AllRows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows without one fold to train a model on, and those of the fold to judge it by.
 *
 * @param view both
 * @param rows how many there are to train on
 */
public record FoldRows(RowView view, long rows) {

  /** The same models, judged by those rows of the fold that are training rows. */
  public FoldRows judgedByTraining() {
    return new FoldRows(((WithoutFold) view).judgedByTraining(), rows);
  }

  /** Sums for each fold: rows, Σ w, and rows of each class. */
  private record CountPass(AllRows all, Folds folds, int classes)
      implements Pass<PartitionState, PartitionState> {
    private static final long serialVersionUID = 1L;

    private int stride() {
      return 2 + classes;
    }

    @Override
    public String name() {
      return "count folds";
    }

    @Override
    public String kernels() {
      return "rows, weights";
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
      double[] sums = new double[folds.count() * stride()];
      for (Block block : all.of(data).train()) {
        int at = folds.of(block) * stride();
        for (int i = 0; i < block.rows(); i++) {
          sums[at]++;
          sums[at + 1] += block.weight(i);
          if (classes > 0) {
            sums[at + 2 + (int) block.labels()[i]]++;
          }
        }
      }
      return new PassOutput<>(null, sums);
    }
  }

  /**
   * The cut of all rows, fold after fold; costs 1 pass.
   *
   * @param classes what messages call the classes; empty for real labels
   * @throws DataException when a fold is empty, or a class has rows in one fold only
   */
  public static List<FoldRows> of(
      PassEngine engine, AllRows all, Folds folds, List<String> classes) {
    CountPass pass = new CountPass(all, folds, classes.size());
    double[] sums = engine.run(pass, null, false).sums();
    double[] total = new double[pass.stride()];
    for (int i = 0; i < sums.length; i++) {
      total[i % total.length] += sums[i];
    }
    List<FoldRows> cut = new ArrayList<>();
    for (int fold = 0; fold < folds.count(); fold++) {
      int at = fold * total.length;
      double rows = total[0] - sums[at];
      if (sums[at] == 0 || rows == 0) {
        throw new DataException(
            "fold %d of %d has %s of the %,.0f rows, expected some and not all; use fewer folds"
                .formatted(fold + 1, folds.count(), rows == 0 ? "all" : "none", total[0]));
      }
      for (int k = 0; k < classes.size(); k++) {
        if (total[2 + k] > 0 && sums[at + 2 + k] == total[2 + k]) {
          throw new DataException(
              "without fold %d of %d no row of class '%s' is left, of which there are %,.0f; use fewer folds, or give more rows of the class"
                  .formatted(fold + 1, folds.count(), classes.get(k), total[2 + k]));
        }
      }
      double factor = rows / (total[1] - sums[at + 1]);
      cut.add(new FoldRows(new WithoutFold(all, all, folds, fold, factor), (long) rows));
    }
    return List.copyOf(cut);
  }
}

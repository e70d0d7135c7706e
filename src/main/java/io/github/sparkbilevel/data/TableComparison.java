package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;

/**
 * What can be odd about validation rows beside their training rows.
 *
 * <p>Costs a scan of each table; memory on the driver is p bits.
 */
public final class TableComparison {
  private TableComparison() {}

  /** Which features are not zero somewhere, and a sum over the rows that ignores their order. */
  private static final class Digest implements Serializable {
    private static final long serialVersionUID = 1L;
    private final BitSet present = new BitSet();
    private long hash;

    Digest add(Example row) {
      long h = RowHash.purpose(row.label());
      Vector features = row.features();
      double[] values = Entries.values(features);
      int[] indices = Entries.indices(features);
      for (int k = 0; k < values.length; k++) {
        if (values[k] != 0) {
          int j = indices == null ? k : indices[k];
          present.set(j);
          h = RowHash.of(h, j, Double.doubleToLongBits(values[k]));
        }
      }
      hash += h;
      return this;
    }

    Digest merge(Digest other) {
      present.or(other.present);
      hash += other.hash;
      return this;
    }

    static Digest of(Table table) {
      return Tasks.run(
          table.origin(),
          () -> table.examples().aggregate(new Digest(), Digest::add, Digest::merge));
    }
  }

  /** The notices about these tables. */
  public static List<Notice> notices(Table train, Table validation) {
    Digest trained = Digest.of(train);
    Digest validated = Digest.of(validation);
    List<Notice> notices = new ArrayList<>();
    if (train.rowCount() == validation.rowCount() && trained.hash == validated.hash) {
      notices.add(
          Notice.of(
              Notice.Code.VALIDATION_IS_TRAINING,
              "the validation rows are the training rows; nothing speaks for a penalty then, and λ"
                  + " will go to its lower bound: give rows that the model is not trained on"));
    }
    BitSet only = (BitSet) validated.present.clone();
    only.andNot(trained.present);
    if (!only.isEmpty()) {
      List<String> names = new ArrayList<>();
      only.stream().forEach(j -> names.add(train.featureNames().get(j)));
      boolean one = names.size() == 1;
      notices.add(
          new Notice(
              Notice.Code.FEATURES_UNSEEN,
              names.size()
                  + (one ? " feature is" : " features are")
                  + " not zero in validation rows only, so that "
                  + (one ? "its coefficient stays 0: " : "their coefficients stay 0: ")
                  + Names.shortList(names),
              names.size()));
    }
    return notices;
  }
}

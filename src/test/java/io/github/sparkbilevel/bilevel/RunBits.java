package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.ArrayList;
import java.util.List;

/** All numbers of a run that are not seconds, in an order of their own, as bits. */
final class RunBits {
  private final List<Long> all = new ArrayList<>();

  RunBits add(double... values) {
    for (double value : values) {
      all.add(Double.doubleToRawLongBits(value));
    }
    return this;
  }

  RunBits add(Tally tally) {
    return add(tally.loss(), tally.accuracy(), tally.standardError(), (double) tally.rows());
  }

  RunBits add(List<IterationRecord> history) {
    for (IterationRecord record : history) {
      add(record.iteration(), record.spent().passes(), record.point().lowerObjective());
      add(record.figures().upper()).add(record.figures().heldOut()).add(record.figures().test());
      add(
          record.point().lowerGradientNorm(),
          record.step().hypergradientNorm(),
          record.step().products());
      add(record.step().stepLength(), record.spent().evaluations()).add(record.point().lambda());
    }
    return this;
  }

  RunBits add(PassLedger ledger) {
    for (PassLedger.Entry entry : ledger.entries()) {
      add(entry.phase().name().hashCode(), entry.name().hashCode(), entry.kernels().hashCode());
      add((double) entry.bytesOut(), (double) entry.bytesBack());
    }
    for (PassLedger.Phase phase : PassLedger.Phase.values()) {
      add((double) ledger.work(phase).gradients(), (double) ledger.work(phase).products());
      add((double) ledger.work(phase).rows());
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RunBits that && all.equals(that.all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }

  @Override
  public String toString() {
    return all.size() + " numbers of hash " + all.hashCode();
  }
}

package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.Serializable;

/**
 * Runs the passes of another engine over a view of its rows.
 *
 * @param engine books the passes; not closed with this one
 */
public record ViewEngine(PassEngine engine, RowView view) implements PassEngine {

  /** A pass over a view. */
  record Viewed<S extends Serializable, T extends Serializable>(Pass<S, T> pass, RowView view)
      implements PassAround<S, T> {
    @Override
    public PassOutput<T> apply(PartitionData data, S input) {
      return pass.apply(view.of(data), input);
    }
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    return engine.run(new Viewed<>(pass, view), input, keep);
  }

  /** A view of a view. */
  private record Then(RowView first, RowView second) implements RowView {
    @Override
    public PartitionData of(PartitionData data) {
      return second.of(first.of(data));
    }
  }

  @Override
  public PassEngine over(RowView rows) {
    return engine.over(new Then(view, rows));
  }

  @Override
  public int partitionCount() {
    return engine.partitionCount();
  }

  @Override
  public PassLedger ledger() {
    return engine.ledger();
  }

  @Override
  public void close() {
    // The rows belong to the other engine.
  }
}

package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Runs passes over partitions held in memory, one after the other in the calling thread. */
public final class LocalEngine implements PassEngine {
  private final List<PartitionData> partitions;
  private final PassLedger ledger;

  /** Takes the partitions in their order. */
  public LocalEngine(List<PartitionData> partitions) {
    this(partitions, new PassLedger());
  }

  private LocalEngine(List<PartitionData> partitions, PassLedger ledger) {
    this.ledger = ledger;
    if (partitions.isEmpty()) {
      throw new IllegalArgumentException("got no partitions, expected one or more");
    }
    this.partitions = List.copyOf(partitions);
  }

  private record Held<S extends Serializable>(List<S> states) implements Generation<S> {
    @Override
    public void release() {
      // The garbage collector frees what no generation holds.
    }
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    long start = System.nanoTime();
    double[] sums = null;
    List<T> states = new ArrayList<>();
    for (int i = 0; i < partitions.size(); i++) {
      S state = input == null ? null : ((Held<S>) input).states().get(i);
      PassOutput<T> output = pass.apply(partitions.get(i), state);
      sums = sums == null ? output.sums().clone() : pass.combination().of(sums, output.sums());
      states.add(output.state());
    }
    long received = pass.combination().numbersReceived(sums.length, partitions.size());
    ledger.book(pass, 8 * received, (System.nanoTime() - start) / 1e6);
    return new Result<>(sums, keep ? new Held<>(states) : null);
  }

  /** The partitions, in their order. */
  public List<PartitionData> partitions() {
    return partitions;
  }

  @Override
  public LocalEngine over(RowView rows) {
    return new LocalEngine(partitions.stream().map(rows::of).toList(), ledger);
  }

  @Override
  public int partitionCount() {
    return partitions.size();
  }

  /** The states of a generation that this engine made, in partition order. */
  public <S extends Serializable> List<S> states(Generation<S> generation) {
    return ((Held<S>) generation).states();
  }

  /** A generation of states that were made elsewhere, one for each partition, in their order. */
  public <S extends Serializable> Generation<S> generation(List<S> states) {
    if (states.size() != partitions.size()) {
      throw new IllegalArgumentException(
          "got %d states for %d partitions".formatted(states.size(), partitions.size()));
    }
    return new Held<>(List.copyOf(states));
  }

  @Override
  public PassLedger ledger() {
    return ledger;
  }

  @Override
  public void close() {
    // Nothing is held beyond the heap.
  }
}

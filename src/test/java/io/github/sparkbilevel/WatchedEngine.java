package io.github.sparkbilevel;

import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.Serializable;

/** A local engine that counts the generations held, and refuses those that were released. */
public final class WatchedEngine implements PassEngine {
  private final LocalEngine inner;
  private int held;
  private int mostHeld;

  /** Watches an engine. */
  public WatchedEngine(LocalEngine inner) {
    this.inner = inner;
  }

  private final class Watched<S extends Serializable> implements Generation<S> {
    private final Generation<S> generation;
    private boolean isReleased;

    Watched(Generation<S> generation) {
      this.generation = generation;
      mostHeld = Math.max(mostHeld, ++held);
    }

    @Override
    public void release() {
      if (!isReleased) {
        isReleased = true;
        held--;
      }
    }
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    Watched<S> watched = (Watched<S>) input;
    if (watched != null && watched.isReleased) {
      throw new AssertionError(pass.name() + " reads a generation that was released");
    }
    Result<T> result = inner.run(pass, watched == null ? null : watched.generation, keep);
    return new Result<>(
        result.sums(), result.states() == null ? null : new Watched<>(result.states()));
  }

  /** Generations that were kept and not released. */
  public int held() {
    return held;
  }

  /** The most generations that were held at a time. */
  public int mostHeld() {
    return mostHeld;
  }

  /** Passes of a name. */
  public int passes(String name) {
    return (int) ledger().entries().stream().filter(e -> e.name().equals(name)).count();
  }

  @Override
  public PassEngine over(RowView rows) {
    return new WatchedEngine(inner.over(rows));
  }

  @Override
  public int partitionCount() {
    return inner.partitionCount();
  }

  @Override
  public PassLedger ledger() {
    return inner.ledger();
  }

  @Override
  public void close() {
    inner.close();
  }
}

package io.github.sparkbilevel.problem.snapshot;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a run leaves what it needs to go on, should it be cut off.
 *
 * <p>Life cycle: {@link #last} once, before the first pass; {@link #offer} after every outer
 * iteration, {@link #end} after the last one; {@link #cut} when a pass of the loop fails.
 */
public interface Checkpoints {
  /** Keeps nothing. */
  Checkpoints NONE = new Checkpoints() {};

  /** What an earlier run of the same kind left, whole; empty to begin anew. */
  default Optional<Snapshot> last() {
    return Optional.empty();
  }

  /** The state after an iteration, which is written now, or later, or never. */
  default void offer(int iteration, Snapshot state) {}

  /** The state after the last iteration, which is written now. */
  default void end(int iteration, Snapshot state) {}

  /** The loop ends by an exception: the state that was offered last may be written now. */
  default void cut() {}

  /** The same for a loop within a run, which has something to add to every state. */
  default Checkpoints with(Consumer<Snapshot> addition) {
    Checkpoints outer = this;
    return new Checkpoints() {
      @Override
      public Optional<Snapshot> last() {
        return outer.last();
      }

      @Override
      public void offer(int iteration, Snapshot state) {
        addition.accept(state);
        outer.offer(iteration, state);
      }

      @Override
      public void end(int iteration, Snapshot state) {
        addition.accept(state);
        outer.end(iteration, state);
      }

      @Override
      public void cut() {
        outer.cut();
      }
    };
  }
}

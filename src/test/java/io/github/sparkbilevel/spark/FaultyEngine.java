package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassAround;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiPredicate;
import org.apache.spark.TaskContext;

/** Runs passes on Spark, some of them with a fault. */
final class FaultyEngine implements PassEngine {

  /** What happens to the task that works on a partition. */
  interface Fault extends Serializable {

    /** Before the work; may throw, wait, or end the process. */
    void strike(TaskContext task);
  }

  /** Ends the executor of the first task that comes here; the file says that it was done. */
  record HaltOnce(String marker) implements Fault {
    @Override
    public void strike(TaskContext task) {
      if (isFirst(marker)) {
        Runtime.getRuntime().halt(7);
      }
    }
  }

  /** Fails the first attempts at partition 1. */
  record FailAttempts(int attempts) implements Fault {
    @Override
    public void strike(TaskContext task) {
      if (task.partitionId() == 1 && task.attemptNumber() < attempts) {
        throw new IllegalStateException("attempt " + task.attemptNumber() + " fails");
      }
    }
  }

  /** Keeps the first task that comes here waiting. */
  record WaitOnce(String marker, long millis) implements Fault {
    @Override
    public void strike(TaskContext task) {
      if (isFirst(marker)) {
        try {
          Thread.sleep(millis);
        } catch (InterruptedException e) {
          throw new IllegalStateException("another attempt was faster", e);
        }
      }
    }
  }

  private static boolean isFirst(String marker) {
    try {
      Files.createFile(Path.of(marker));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Struck<S extends Serializable, T extends Serializable>(
      Pass<S, T> pass, Fault fault) implements PassAround<S, T> {
    @Override
    public PassOutput<T> apply(PartitionData data, S input) {
      fault.strike(TaskContext.get());
      return pass.apply(data, input);
    }
  }

  private final SparkEngine engine;
  private final BiPredicate<String, Integer> which;
  private final Fault fault;

  /**
   * Wraps an engine.
   *
   * @param which the passes that get the fault, by name and by their number in the run, from 0
   */
  FaultyEngine(SparkEngine engine, BiPredicate<String, Integer> which, Fault fault) {
    this.engine = engine;
    this.which = which;
    this.fault = fault;
  }

  SparkEngine spark() {
    return engine;
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    boolean struck = which.test(pass.name(), engine.ledger().passes());
    return engine.run(struck ? new Struck<>(pass, fault) : pass, input, keep);
  }

  @Override
  public PassEngine over(RowView rows) {
    return engine.over(rows);
  }

  @Override
  public PassLedger ledger() {
    return engine.ledger();
  }

  @Override
  public int partitionCount() {
    return engine.partitionCount();
  }

  @Override
  public void close() {
    engine.close();
  }
}

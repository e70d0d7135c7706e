package io.github.sparkbilevel.bench;

import com.sun.management.OperatingSystemMXBean;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.Serializable;
import java.lang.management.ManagementFactory;

/** Prints the CPU seconds that the process has taken at the end of every pass. */
record ClockedEngine(PassEngine engine) implements PassEngine {

  /** Of the whole process: the compiler and the collector count too. */
  static double cpu() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    Result<T> result = engine.run(pass, input, keep);
    PassLedger.Entry last = ledger().entries().get(ledger().entries().size() - 1);
    System.out.printf("%6.2f CPU s  %s %s%n", cpu(), last.phase(), last.name());
    return result;
  }

  @Override
  public PassEngine over(RowView rows) {
    return new ClockedEngine(engine.over(rows));
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
    engine.close();
  }
}

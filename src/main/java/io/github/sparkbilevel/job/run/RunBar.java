package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import java.util.Arrays;
import java.util.Locale;

/**
 * The line of a terminal that shows how far a run is: a bar, the time since the start, and what is
 * left at most.
 *
 * <p>Left is what the settings plan of each phase to come, at the pace of the last phase that ran,
 * and {@value #OUTPUTS} times the seconds of the preparation for ranking and writing, which took
 * 1.1 to 1.8 times as long where they were measured. The share that is done is the time spent over
 * that and the time left, and never falls. Without a plan there is neither.
 */
final class RunBar {
  private static final double OUTPUTS = 2;
  private static final int CELLS = 10;

  /** Passes that make a pace: the first ones of a process compile. */
  private static final int LEAST_PASSES = 5;

  private static final double MOST_SHOWN = 0.99;

  private PassPlan plan;
  private Phase phase = Phase.WARM_UP;
  private int passes;
  private int iterations;

  /** When the phase began, and when its last pass ended. */
  private double began;

  private double ended;
  private double secondsOfPass = Double.NaN;
  private double secondsOfIteration = Double.NaN;

  /** Seconds that outputs are given, and when they began. */
  private double outputs;

  private double writes = Double.NaN;
  private double share;

  /** The rows are prepared, which took so long, and passes begin now. */
  synchronized void planned(PassPlan most, double prepared, double now) {
    plan = most;
    outputs = OUTPUTS * prepared;
    began = now;
    ended = now;
  }

  /**
   * A pass has ended now.
   *
   * @param iteration the outer iteration that it belongs to; 0 for none
   */
  synchronized void passEnded(Phase of, int iteration, double now) {
    if (of.ordinal() > phase.ordinal()) {
      phase = of;
      passes = 0;
      began = ended;
    }
    passes++;
    iterations = Math.max(iterations, iteration - 1);
    ended = now;
    secondsOfPass = passes < LEAST_PASSES ? secondsOfPass : (ended - began) / passes;
    if (of == Phase.OUTER && iterations > 0) {
      secondsOfIteration = (ended - began) / iterations;
    }
  }

  /** The passes are over, and what was found is ranked and written from now on. */
  synchronized void writes(double now) {
    writes = Double.isNaN(writes) ? now : writes;
  }

  /** Seconds left at most; NaN where nothing is known of them. */
  synchronized double left(double now) {
    if (plan == null) {
      return Double.NaN;
    }
    if (!Double.isNaN(writes)) {
      return Math.max(0, outputs - (now - writes));
    }
    double left = outputs;
    for (Phase each : Phase.values()) {
      if (each.ordinal() >= phase.ordinal()) {
        left += leftOf(each);
      }
    }
    return Math.max(0, left - (now - ended));
  }

  private double leftOf(Phase each) {
    boolean runs = each == phase;
    if (each == Phase.OUTER && runs && iterations > 0) {
      return (plan.iterations() - iterations) * secondsOfIteration;
    }
    if (each == Phase.BASELINES && plan.searched() > 0) {
      return Math.max(0, plan.searched() * secondsOfIteration - (runs ? ended - began : 0));
    }
    if (!plan.most().containsKey(each)) {
      return each == Phase.OUTER ? Double.NaN : 0;
    }
    return Math.max(0, plan.most().get(each) - (runs ? passes : 0)) * secondsOfPass;
  }

  /** The line: what is being done goes last, where a narrow terminal cuts it. */
  synchronized String line(String what, double now) {
    double left = left(now);
    if (Double.isNaN(left)) {
      return "%s  %s".formatted(clock(now), what);
    }
    share = Math.min(MOST_SHOWN, Math.max(share, now / (now + left)));
    char[] bar = new char[CELLS];
    Arrays.fill(bar, '-');
    Arrays.fill(bar, 0, (int) (share * CELLS), '#');
    String until = Double.isNaN(writes) ? ", at most " + clock(left) + " left" : "";
    return String.format(
        Locale.ROOT,
        "[%s] %2.0f %%  %s%s  %s",
        new String(bar),
        Math.floor(100 * share),
        clock(now),
        until,
        what);
  }

  /** Hours where there are some, minutes and seconds. */
  static String clock(double seconds) {
    long whole = Math.round(seconds);
    String minutes = String.format(Locale.ROOT, "%d:%02d", whole / 60 % 60, whole % 60);
    return whole < 3600
        ? minutes
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}

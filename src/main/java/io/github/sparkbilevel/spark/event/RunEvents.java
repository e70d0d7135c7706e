package io.github.sparkbilevel.spark.event;

import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.pass.Work;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Tells listeners and metrics what happens in a run, from its thread.
 *
 * <p>Posting hands an event to Spark's bus and returns; when listeners are too slow Spark drops
 * events, and says so.
 */
public final class RunEvents {
  /**
   * The local property of Spark that holds the run's id: {@value}. Spark puts it into the log lines
   * of tasks, for {@code %X{mdc.run}} in their pattern.
   */
  public static final String PROPERTY = "mdc.run";

  private final JavaSparkContext context;
  private final String run;
  private final RunMetrics metrics;
  private PassLedger ledger = new PassLedger();
  private Phase told;

  private RunEvents(JavaSparkContext context, String run) {
    this.context = context;
    this.run = run;
    this.metrics = RunMetrics.of(context);
  }

  /** Those of the run whose id is the calling thread's {@link #PROPERTY}, or of a new one. */
  public static RunEvents of(JavaSparkContext context) {
    String run = context.getLocalProperty(PROPERTY);
    return new RunEvents(context, run == null ? newId() : run);
  }

  /** An id that no other run has. */
  public static String newId() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  /** The id of the run. */
  public String run() {
    return run;
  }

  /** From now on the metrics are those of this run, which keeps this ledger. */
  public void follow(PassLedger kept) {
    ledger = kept;
    metrics.follow(kept);
  }

  /** Where the run is, in words: the phase, or in the outer loop the iteration. */
  public String place() {
    Phase phase = ledger.phase();
    return phase == Phase.OUTER ? "iteration " + ledger.iteration() : phase.label();
  }

  /** What a pass that is about to run is, in words. */
  public String description(String pass) {
    Phase phase = ledger.phase();
    String iteration = phase == Phase.OUTER ? place() + ", " : "";
    return "%s: %s (%spass %d)".formatted(phase.label(), pass, iteration, ledger.passes() + 1);
  }

  /** A pass is about to run; tells of the phase when it is the first one of it. */
  public void passBegins() {
    Phase phase = ledger.phase();
    if (phase != told) {
      told = phase;
      status(phase.label(), "");
    }
  }

  /** The last pass of the ledger is done. */
  public void passEnded() {
    PassLedger.Entry last = ledger.last();
    int iteration = last.phase() == Phase.OUTER ? ledger.iteration() : 0;
    post(new PassEnded(run, ledger.passes(), iteration, last));
  }

  /** An outer iteration is done. */
  public void iterationEnded(int iteration, double seconds, IterationEnded.Figures figures) {
    Work work = ledger.work();
    IterationEnded.Cost cost =
        new IterationEnded.Cost(ledger.passes(), work.gradients(), work.products(), work.rows());
    IterationEnded event = new IterationEnded(run, iteration, seconds, figures, cost);
    metrics.iterationEnded(event);
    post(event);
  }

  /**
   * The run has come to another part of its work.
   *
   * @param status as {@link StatusChanged} has them
   */
  public void status(String status, String detail) {
    post(new StatusChanged(run, status, detail));
  }

  /** The run ended for want of something, in a sentence. */
  public void failed(Throwable why) {
    String message = why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
    status(StatusChanged.FAILED, message.lines().findFirst().orElse(""));
  }

  private void post(RunEvent event) {
    context.sc().listenerBus().post(event);
  }
}

package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * The loop around an {@link OuterAlgorithm}: before each step it offers the state to the
 * checkpoints; after each new iterate it extends the history, tells the listener, lets the choice
 * and the stopping rule decide, and releases what is needed no more.
 *
 * <p>Life cycle: {@link #run} or {@link #resume}, once.
 */
final class OuterLoop<S extends OuterState> {
  private final OuterContext context;
  private final OuterAlgorithm<S> algorithm;
  private final IterateChoice<? super S> choice;
  private final StoppingRule stop;
  private final long startNanos = System.nanoTime();

  private List<IterationRecord> history = new ArrayList<>();
  private double secondsBefore;
  private Evaluation best;
  private int bestIteration;

  OuterLoop(
      OuterContext context,
      OuterAlgorithm<S> algorithm,
      IterateChoice<? super S> choice,
      StoppingRule stop) {
    this.context = context;
    this.algorithm = algorithm;
    this.choice = choice;
    this.stop = stop;
  }

  /**
   * The outcome.
   *
   * @param last the last state
   * @param best the evaluation at the chosen iterate, the only one that is not released
   * @param course of the loop
   */
  record Result<S>(S last, Evaluation best, OuterCourse course) {}

  /**
   * Runs from a start.
   *
   * @param start the state, what led there, and {@code BUDGET_SPENT} unless the run ends there
   */
  Result<S> run(OuterStep<S> start) {
    best = start.state().point();
    record(start);
    choice.prefers(start.state());
    return iterate(start.state(), start.status());
  }

  /** Goes on from what an earlier run of the same settings put into its checkpoints. */
  Result<S> resume(Snapshot all) {
    context.oracle().restore(all.in("oracle"));
    context.system().restore(all.in("system"));
    context.oracle().ledger().enter(PassLedger.Phase.OUTER);
    Snapshot own = all.in(algorithm.name());
    history = IterationRecord.restored(own);
    secondsBefore = history.get(history.size() - 1).spent().seconds();
    int iteration = own.integer("iteration");
    Evaluation point = context.oracle().evaluation(own.in("point"));
    bestIteration = own.has("bestIteration") ? own.integer("bestIteration") : iteration;
    best = bestIteration == iteration ? point : context.oracle().evaluation(own.in("best"));
    choice.restore(own);
    S state = algorithm.restore(iteration, point, own);
    Status status = Status.valueOf(own.text("status"));
    if (status == Status.BUDGET_SPENT) {
      return iterate(state, status);
    }
    algorithm.close();
    return result(state, status);
  }

  private Result<S> iterate(S start, Status before) {
    S state = start;
    Status status = before;
    boolean isNew = true;
    try {
      while (status == Status.BUDGET_SPENT && algorithm.spent(state) < algorithm.budget()) {
        if (isNew) {
          context.checkpoints().offer(state.iteration(), snapshot(state, status));
        }
        context.oracle().ledger().begin(state.iteration() + 1);
        OuterStep<S> step = algorithm.step(context.oracle(), state);
        isNew = step.state().iteration() > state.iteration();
        leave(state, step.state());
        state = step.state();
        status = step.status();
        if (isNew && status == Status.BUDGET_SPENT) {
          record(step);
          choose(state);
          status = stop.after(history, bestIteration);
        }
      }
      if (status.isUsable()) {
        context.checkpoints().end(state.iteration(), snapshot(state, status));
      }
      return result(state, status);
    } catch (Throwable e) {
      context.checkpoints().cut();
      throw e;
    } finally {
      algorithm.close();
    }
  }

  private void leave(S state, S next) {
    if (next.point() == state.point()) {
      return;
    }
    if (best == state.point() && next.iteration() == state.iteration()) {
      best = next.point(); // The same iterate, evaluated once more.
    }
    if (best != state.point()) {
      state.point().release();
    }
  }

  private void choose(S state) {
    if (choice.prefers(state)) {
      if (best != state.point()) {
        best.release();
      }
      best = state.point();
      bestIteration = state.iteration();
    }
  }

  private Result<S> result(S last, Status status) {
    if (last.point() != best) {
      last.point().release();
    }
    return new Result<>(last, best, new OuterCourse(bestIteration, status, List.copyOf(history)));
  }

  private void record(OuterStep<S> step) {
    S state = step.state();
    Evaluation point = state.point();
    IterationRecord record =
        new IterationRecord(
            state.iteration(),
            new IterationRecord.Spent(
                context.oracle().ledger().passes(PassLedger.Phase.OUTER),
                secondsBefore + (System.nanoTime() - startNanos) / 1e9,
                algorithm.spent(state)),
            new ModelFigures(state.upper(), point.heldOut(), point.test()),
            new IterationRecord.Point(
                point.value(), Vectors.norm(point.gradient()), state.shownLambda()),
            step.figures());
    history.add(record);
    context.listener().accept(record);
  }

  private Snapshot snapshot(S state, Status status) {
    Snapshot all = new Snapshot();
    all.put("spent", algorithm.spent(state));
    context.oracle().save(all.in("oracle"));
    context.system().save(all.in("system"));
    Snapshot own = all.in(algorithm.name());
    IterationRecord.save(history, own);
    own.put("iteration", state.iteration());
    context.oracle().save(state.point(), own.in("point"));
    own.put("bestIteration", bestIteration);
    if (best != state.point()) {
      context.oracle().save(best, own.in("best"));
    }
    choice.save(own);
    algorithm.save(state, own);
    own.putText("status", status::name);
    return all;
  }
}

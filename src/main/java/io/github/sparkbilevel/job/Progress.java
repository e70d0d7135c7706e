package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.RunListener;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;

/** Tells the person who watches how a run goes, and writes its history down. */
final class Progress implements RunListener, AutoCloseable {
  /** What the data and the problem are, in a line. */
  interface Describe {
    String line(PreparedData data, BilevelProblem problem, Curvature.Choice curvature);
  }

  private final Console console;
  private final int iterations;
  private final Describe describe;
  private final Notices notices;
  private final HistoryFile history;

  Progress(JobContext context, Describe describe) {
    this.console = context.console();
    this.iterations = context.config().solver().iterations();
    this.describe = describe;
    this.notices = context.notices();
    this.history =
        new HistoryFile(context.output(), text -> notices.add(Notice.of(Notice.Code.OUTPUT, text)));
  }

  @Override
  public void prepared(PreparedData data, BilevelProblem problem, Curvature.Choice curvature) {
    RunListener.super.prepared(data, problem, curvature);
    console.line(describe.line(data, problem, curvature));
    console.line("history, a line for each iteration: " + history.shownPath());
    history.begin(curvature.curvature(), !(problem.model().loss() instanceof SquaredLoss));
  }

  @Override
  public void notice(Notice notice) {
    notices.add(notice);
  }

  @Override
  public void iteration(IterationRecord record) {
    history.add(record);
    History.show(console, record, iterations);
  }

  /** The file that holds a line for each iteration. */
  HistoryFile history() {
    return history;
  }

  @Override
  public void close() {
    history.close();
  }
}

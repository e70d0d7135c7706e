package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.event.PassEnded;
import io.github.sparkbilevel.spark.event.RunEventListener;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Locale;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Tells the person who watches how a run goes, and writes its history down: by one bar for the
 * whole run on a terminal, and elsewhere by a line for each iteration and stage.
 */
public final class Progress implements RunListener, AutoCloseable {
  /** Between two changes of the bar. */
  private static final double LEAST_SECONDS = 0.1;

  private final Console console;
  private final int iterations;
  private final String trusted;
  private final Notices notices;
  private final HistoryFile history;
  private final JobContext context;
  private final SparkContext spark;
  private final RunBar bar = new RunBar();
  private final Ticker ticker = new Ticker();
  private final Timer clock = new Timer("spark-bilevel progress", true);

  /** What is being done, without what is known from moment to moment. */
  private volatile String stage = "reading the rows";

  private volatile String shown = stage;
  private volatile double drawn;
  private boolean closed;

  /**
   * Tells nothing yet.
   *
   * @param trusted what the job calls the rows of the upper level
   */
  public Progress(JobContext context, String trusted) {
    this.console = context.console();
    this.context = context;
    this.iterations = context.config().solver().iterations();
    this.trusted = trusted;
    this.notices = context.notices();
    this.history =
        new HistoryFile(context.output(), text -> notices.add(Notice.of(Notice.Code.OUTPUT, text)));
    this.spark = context.spark().sparkContext();
    spark.addSparkListener(ticker);
    if (console.isTerminal()) {
      clock.schedule(
          new TimerTask() {
            @Override
            public void run() {
              draw();
            }
          },
          0,
          1000);
    }
  }

  /** Shows the bar with what was said last. */
  private synchronized void draw() {
    if (closed) {
      return;
    }
    double now = context.totalSeconds();
    drawn = now;
    console.update(bar.line(shown, now));
  }

  /** Says what changes from moment to moment, unless the eye could not follow. */
  private void update(String what) {
    shown = what;
    if (context.totalSeconds() - drawn > LEAST_SECONDS) {
      draw();
    }
  }

  /** Says what is being done. */
  private void progress(String what) {
    shown = what;
    if (console.isTerminal()) {
      draw();
    } else {
      console.progress(what);
    }
  }

  /** Says how far a stage is, on Spark's thread. */
  private final class Ticker extends RunEventListener {
    private volatile String pass = "";
    private int tasks;
    private int done;

    @Override
    public void passEnded(PassEnded event) {
      Phase phase = event.pass().phase();
      bar.passEnded(phase, event.iteration(), context.totalSeconds());
      boolean told = phase != Phase.OUTER;
      pass = told ? "pass " + event.number() + ": " : "";
      if (told && stage == null) {
        update(pass + phase.label());
      }
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
      tasks = event.stageInfo().numTasks();
      done = 0;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd event) {
      done++;
      String of = stage;
      if (of != null) {
        update("%s%s, %d of %d tasks".formatted(pass, of, done, tasks));
      }
    }
  }

  @Override
  public void stage(String what) {
    stage = what;
    ticker.pass = "";
    progress(what);
  }

  /** The passes are over, and what follows is told like a stage. */
  public void outputs(String what) {
    bar.writes(context.totalSeconds());
    stage(what);
  }

  @Override
  public void planned(PassPlan plan) {
    if (!context.config().baselines().contains(Keys.MLLIB)) {
      double now = context.totalSeconds();
      bar.planned(plan, now - context.startupSeconds(), now);
    }
  }

  @Override
  public void prepared(PreparedData data, BilevelProblem problem, Curvature.Choice curvature) {
    RunListener.super.prepared(data, problem, curvature);
    console.line(describe(data, problem, curvature));
    console.line("history, a line for each iteration: " + history.shownPath());
    history.begin(curvature.curvature(), problem.model().loss());
    stage = null;
  }

  /** What the data and the problem are, in a line. */
  private String describe(PreparedData data, BilevelProblem problem, Curvature.Choice curvature) {
    Map<Part, Long> rows = data.blocks().rows();
    int classes = data.tables().labels().size();
    long heldOut = rows.get(Part.HELD_OUT);
    return String.format(
        Locale.ROOT,
        "%,d training rows x %,d features%s; %,d %s rows%s; %,d test rows; %,d hyperparameters"
            + " for %,d coefficients; curvature %s (%s)",
        rows.get(Part.TRAIN),
        data.tables().train().columns(),
        classes == 0 ? "" : ", " + classes + " classes",
        rows.get(Part.UPPER) + heldOut,
        trusted,
        heldOut == 0 ? "" : String.format(Locale.ROOT, ", %,d of them held out", heldOut),
        rows.get(Part.TEST),
        problem.sharedSize(),
        problem.model().size(),
        curvature.curvature().label(),
        curvature.reason());
  }

  @Override
  public void notice(Notice notice) {
    notices.add(notice);
  }

  @Override
  public void iteration(IterationRecord record) {
    stage = null;
    history.add(record);
    show(record);
  }

  /** The file that holds a line for each iteration. */
  public HistoryFile history() {
    return history;
  }

  @Override
  public synchronized void close() {
    closed = true;
    clock.cancel();
    console.endProgress();
    spark.removeSparkListener(ticker);
    history.close();
  }

  /** Tells how an iteration went. */
  private void show(IterationRecord record) {
    StringBuilder line = new StringBuilder(begin(record));
    append(line, "held-out", record.figures().heldOut());
    append(line, "test", record.figures().test());
    line.append(String.format(Locale.ROOT, "  %.1f s", record.spent().seconds()));
    String left = timeLeft(record, iterations);
    boolean first = console.isTerminal() && Double.isNaN(bar.left(context.totalSeconds()));
    // Where the bar does not know what is left, the end of the line would be cut.
    progress(line.insert(first ? line.indexOf("  ") : line.length(), left).toString());
  }

  private String begin(IterationRecord record) {
    double objective = record.point().lowerObjective();
    if (record.figures().upper().rows() == 0) {
      return String.format(Locale.ROOT, "after EM  G %.4f", objective);
    }
    return String.format(
        Locale.ROOT,
        "iteration %d/%d  passes %d  F %.4f  G %.4f",
        record.iteration(),
        iterations,
        record.spent().passes(),
        record.figures().upper().loss(),
        objective);
  }

  /**
   * What the iterations left will take if they take as long as those before; a run may end sooner.
   */
  static String timeLeft(IterationRecord record, int iterations) {
    int done = record.iteration();
    if (done == 0 || done >= iterations) {
      return "";
    }
    double seconds = record.spent().seconds() / done * (iterations - done);
    return seconds < 90
        ? String.format(Locale.ROOT, ", about %.0f s left", Math.ceil(seconds))
        : String.format(Locale.ROOT, ", about %.0f min left", Math.ceil(seconds / 60));
  }

  private static void append(StringBuilder line, String name, Tally tally) {
    if (tally.rows() > 0) {
      line.append(String.format(Locale.ROOT, "  %s loss %.4f", name, tally.loss()));
      if (!Double.isNaN(tally.accuracy())) {
        line.append(String.format(Locale.ROOT, " accuracy %.4f", tally.accuracy()));
      }
    }
  }
}

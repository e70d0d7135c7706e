package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The account of all passes of a run: what each was for and what it cost.
 *
 * <p>Every pass is booked under the phase that was current when it ran, so that warm-up, outer
 * iterations, baselines and scores are counted apart.
 */
public final class PassLedger {

  /** What a pass was spent on. */
  public enum Phase {
    /** Fitting the lower level alone, before λ moves. */
    WARM_UP,
    /** The outer iterations. */
    OUTER,
    /** Fitting the lower level once more at the learned λ. */
    POLISH,
    /** Fitting and scoring the models that the result is compared with. */
    BASELINES,
    /** Scoring rows for the outputs. */
    SCORES,
    /** Judging a λ, outside the account of what led to it. */
    EVALUATION;

    /** The word for it, such as {@code warm-up}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * One pass.
   *
   * @param kernels the kernels it fused
   * @param bytesOut bytes of the vectors sent, once for each executor
   * @param bytesBack bytes of the sums that came back, over all partitions
   */
  public record Entry(
      Phase phase, String name, String kernels, long bytesOut, long bytesBack, double millis) {}

  private final List<Entry> entries = Collections.synchronizedList(new ArrayList<>());
  private final Map<Phase, Work> work = Collections.synchronizedMap(new EnumMap<>(Phase.class));
  private volatile Phase phase = Phase.WARM_UP;
  private volatile int iteration;

  /** Books all passes from now on under a phase. */
  public void enter(Phase next) {
    phase = next;
  }

  /** The phase that passes are booked under. */
  public Phase phase() {
    return phase;
  }

  /** An outer iteration begins; the passes of the outer phase from now on belong to it. */
  public void begin(int outerIteration) {
    iteration = outerIteration;
  }

  /** The outer iteration that began last, from 1; 0 before the first. */
  public int iteration() {
    return iteration;
  }

  /** Books a pass. */
  public void book(Pass<?, ?> pass, long bytesBack, double millis) {
    entries.add(new Entry(phase, pass.name(), pass.kernels(), pass.bytes(), bytesBack, millis));
  }

  /** Everything booked so far, in order. */
  public List<Entry> entries() {
    synchronized (entries) {
      return List.copyOf(entries);
    }
  }

  /** Number of passes booked so far. */
  public int passes() {
    return entries.size();
  }

  /** Number of passes booked under a phase. */
  public int passes(Phase of) {
    synchronized (entries) {
      return (int) entries.stream().filter(entry -> entry.phase() == of).count();
    }
  }

  /** The pass that was booked last; there must be one. */
  public Entry last() {
    synchronized (entries) {
      return entries.get(entries.size() - 1);
    }
  }

  /** Adds to the account of the phase what the passes of an oracle did. */
  public void add(Work done) {
    work.merge(phase, done, Work::plus);
  }

  /** Writes down what was booked so far. */
  public void save(Snapshot snapshot) {
    int count = entries.size();
    snapshot.putText("entries", () -> text(entries().subList(0, count)));
    snapshot.putLater("numbers", () -> numbers(entries().subList(0, count)));
    for (Phase of : Phase.values()) {
      Work sum = work(of);
      snapshot.put(
          "work." + of.name(),
          (double) sum.gradients(),
          (double) sum.products(),
          (double) sum.rows());
    }
  }

  private static String text(List<Entry> of) {
    StringBuilder text = new StringBuilder();
    for (Entry entry : of) {
      text.append(entry.phase()).append('\t').append(entry.name()).append('\t');
      text.append(entry.kernels()).append('\n');
    }
    return text.toString();
  }

  private static double[] numbers(List<Entry> of) {
    double[] numbers = new double[3 * of.size()];
    for (int i = 0; i < of.size(); i++) {
      numbers[3 * i] = of.get(i).bytesOut();
      numbers[3 * i + 1] = of.get(i).bytesBack();
      numbers[3 * i + 2] = of.get(i).millis();
    }
    return numbers;
  }

  /** Puts what an earlier run booked in place of what this one did. */
  public void restore(Snapshot snapshot) {
    double[] numbers = snapshot.numbers("numbers");
    List<String> lines = snapshot.text("entries").lines().toList();
    List<Entry> booked = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] words = lines.get(i).split("\t", -1);
      booked.add(
          new Entry(
              Phase.valueOf(words[0]),
              words[1],
              words[2],
              (long) numbers[3 * i],
              (long) numbers[3 * i + 1],
              numbers[3 * i + 2]));
    }
    for (Phase of : Phase.values()) {
      double[] done = snapshot.numbers("work." + of.name());
      work.put(of, new Work((long) done[0], (long) done[1], (long) done[2]));
    }
    synchronized (entries) {
      entries.clear();
      entries.addAll(booked);
    }
  }

  /**
   * What the passes of oracles did in a phase. Passes that fit or score plain models, or train
   * networks, are booked as passes alone.
   */
  public Work work(Phase of) {
    return work.getOrDefault(of, Work.NONE);
  }

  /** The same over all phases. */
  public Work work() {
    synchronized (work) {
      return work.values().stream().reduce(Work.NONE, Work::plus);
    }
  }
}

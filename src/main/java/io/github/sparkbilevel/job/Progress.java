package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.RunListener;
import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.ArrayList;
import java.util.List;

/** Tells the person who watches how a run goes, and keeps the warnings for the report. */
final class Progress implements RunListener {
  /** What the data and the problem are, in a line. */
  interface Describe {
    String line(PreparedData data, BilevelProblem problem, Curvature.Choice curvature);
  }

  private final Console console;
  private final int iterations;
  private final Describe describe;
  private final List<String> warnings = new ArrayList<>();

  Progress(Console console, int iterations, Describe describe) {
    this.console = console;
    this.iterations = iterations;
    this.describe = describe;
  }

  @Override
  public void prepared(PreparedData data, BilevelProblem problem, Curvature.Choice curvature) {
    RunListener.super.prepared(data, problem, curvature);
    console.line(describe.line(data, problem, curvature));
  }

  @Override
  public void warn(String sentence) {
    warnings.add(sentence);
    console.warn(sentence);
  }

  @Override
  public void iteration(IterationRecord record) {
    History.show(console, record, iterations);
  }

  /** Every warning so far. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }
}

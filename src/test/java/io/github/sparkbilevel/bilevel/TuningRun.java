package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.UpperVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A run as it is set up; each method changes one thing. */
record TuningRun(
    Data data,
    Sharing sharing,
    UpperVariable rows,
    Curvature curvature,
    Algorithm algorithm,
    double start,
    double low,
    double high,
    int iterations,
    int patience,
    double tolerance) {
  static final double LOW = Math.log(1e-6);
  static final double HIGH = Math.log(1e4);

  static TuningRun of(Data data, Sharing sharing) {
    return new TuningRun(
        data,
        sharing,
        UpperVariable.NONE,
        Curvature.EXACT,
        Algorithm.LBFGS,
        -2,
        LOW,
        HIGH,
        80,
        5,
        1e-7);
  }

  TuningRun rows(UpperVariable variable) {
    return new TuningRun(
        data,
        sharing,
        variable,
        curvature,
        algorithm,
        start,
        low,
        high,
        iterations,
        patience,
        tolerance);
  }

  TuningRun by(Algorithm chosen, Curvature with) {
    return new TuningRun(
        data, sharing, rows, with, chosen, start, low, high, iterations, patience, tolerance);
  }

  TuningRun from(double lambda) {
    return new TuningRun(
        data,
        sharing,
        rows,
        curvature,
        algorithm,
        lambda,
        low,
        high,
        iterations,
        patience,
        tolerance);
  }

  TuningRun within(double least, double greatest) {
    return new TuningRun(
        data,
        sharing,
        rows,
        curvature,
        algorithm,
        start,
        least,
        greatest,
        iterations,
        patience,
        tolerance);
  }

  TuningRun until(int most, int patient, double share) {
    return new TuningRun(
        data, sharing, rows, curvature, algorithm, start, low, high, most, patient, share);
  }

  BilevelProblem problem() {
    LinearModel model = data.model();
    return new BilevelProblem(model, rows, Penalty.tuned(model, sharing, false));
  }

  TuningSettings settings() {
    int size = problem().sharedSize();
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(5)
            .withIterations(iterations)
            .withPatience(patience)
            .withFactorRefresh(5)
            .withRows(0.1, -6, 6);
    double[] initial = filled(size, start);
    Arrays.fill(initial, 0, rows.size(), 1);
    return TuningSettings.of(problem(), nbo)
        .from(initial, filled(size, low), filled(size, high))
        .by(algorithm)
        .withTolerance(tolerance)
        .withSketchColumns(6)
        .withStep(0.3)
        .warmedUp(new CleaningSettings.WarmUp(1e-3, 100));
  }

  TuningResult on(WatchedEngine engine) {
    List<IterationRecord> told = new ArrayList<>();
    TuningResult result = new Tuning(settings(), engine, data.train().count(), told::add).run();
    assertEquals(told, result.course().history());
    assertEquals(0, engine.held(), "generations are left");
    return result;
  }

  TuningResult go() {
    return on(new WatchedEngine(data.engine()));
  }
}

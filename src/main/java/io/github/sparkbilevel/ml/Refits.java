package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.FixedLambda;
import io.github.sparkbilevel.bilevel.Solution;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.solve.Status;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Models fitted once more, on training and validation rows, at the hyperparameters that were chosen
 * before.
 *
 * @param models by the names of what chose them; none where the model of the training rows is kept
 * @param rows how many rows they were fitted on
 * @param passes that the fits took
 * @param seconds that they took
 */
public record Refits(Map<String, Solution> models, long rows, int passes, double seconds) {
  static final Refits NONE = new Refits(Map.of(), 0, 0, 0);

  /** What is to be fitted again: the lower level at a λ, and θ to start from. */
  record Chosen(FixedLambda lower, double[] start) {}

  /**
   * Fits.
   *
   * @param engine over the rows
   * @param rows how many are trained on
   */
  static Refits of(Map<String, Chosen> all, PassEngine engine, long rows) {
    long start = System.nanoTime();
    PassLedger ledger = engine.ledger();
    ledger.enter(PassLedger.Phase.POLISH);
    int before = ledger.passes();
    Map<String, Solution> models = new LinkedHashMap<>();
    all.forEach(
        (name, chosen) -> {
          TuningResult fitted = chosen.lower.refit(engine, rows, chosen.start);
          Status status = fitted.course().status();
          if (!status.isUsable()) {
            throw new NumericsException(
                "the fit on all rows ended early: %s".formatted(status.advice()));
          }
          models.put(name, fitted.best());
        });
    return new Refits(
        Collections.unmodifiableMap(models),
        rows,
        ledger.passes() - before,
        (System.nanoTime() - start) / 1e9);
  }
}

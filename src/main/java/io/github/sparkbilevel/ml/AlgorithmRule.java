package io.github.sparkbilevel.ml;

import static io.github.sparkbilevel.settings.SolverSettings.ALGORITHM;

import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.settings.Given;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Rules;
import io.github.sparkbilevel.settings.Use;

/** Which algorithm may move λ, for job files and for the params of estimators alike. */
public final class AlgorithmRule {
  private AlgorithmRule() {}

  /** The algorithm in effect; refuses one that does not go with the job, in one sentence. */
  public static Contender check(Given given, Use use) {
    Rules rules = new Rules(given, use);
    Contender contender;
    try {
      contender = Contender.ofSolver(rules.algorithm());
    } catch (IllegalArgumentException unknown) {
      throw given.refusal(ALGORITHM, "is not valid: " + unknown.getMessage() + "; try auto");
    }
    if (contender.algorithm().equals(Contender.NBO) || !ALGORITHM.jobs().contains(use.job())) {
      return contender;
    }
    boolean isLbfgs = contender.algorithm().equals(Contender.LBFGS);
    if (use.job().equals(Keys.ARENA) || isLbfgs && use.cleans()) {
      throw given.refusal(
          ALGORITHM, "is for the job tune; expected nbo in the job " + use.job() + ", try auto");
    }
    if (rules.variables().contains(Keys.EXAMPLE_WEIGHTS)) {
      throw given.refusal(
          ALGORITHM,
          "keeps the upper variable on the driver, where example-weights are not; expected nbo,"
              + " try auto");
    }
    if (use.network()) {
      throw given.refusal(ALGORITHM, "is for linear models; expected nbo with a network, try auto");
    }
    return contender;
  }
}

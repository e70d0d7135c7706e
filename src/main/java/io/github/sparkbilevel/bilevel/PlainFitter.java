package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.pass.PassEngine;
import java.util.List;
import java.util.Optional;

/**
 * Fits several plain models together and returns their parameters, one after the other.
 *
 * <p>Where they start is the same for all linear models, or zero where it is null; networks start
 * from random weights.
 *
 * @param how where it says so, all fits begin with a sample of the training rows
 */
record PlainFitter(BlockKernel kernel, PassEngine engine, PlainModels.How how, Ridge penalty) {

  /** With the plain penalty. */
  PlainFitter(BlockKernel kernel, PassEngine engine, PlainModels.How how) {
    this(kernel, engine, how, Ridge.of(kernel.model(), how.l2()));
  }

  /** For linear models to which the outputs of another one, of these parameters, are features. */
  static PlainFitter along(
      BlockKernel kernel, PassEngine engine, PlainModels.How how, double[] known) {
    if (!(kernel.model() instanceof LinearModel model)) {
      throw new IllegalArgumentException(
          "got a network to know the outputs of another model, expected a linear model");
    }
    return new PlainFitter(kernel, engine, how, Ridge.along(model, how.l2(), known, engine));
  }

  /** Models of all their rows. */
  double[] fit(List<FitRows> fits, List<Judge> judges, double[] start) {
    double[] theta = stacked(fits.size(), start);
    double target = PlainModels.LEAST_GRADIENT;
    Optional<PassEngine> sample = sample(fits);
    if (sample.isPresent()) {
      try (PlainFits few = objective(sample.get(), fits, judges)) {
        target = how.target(few);
        theta = how.fit(few, theta, target);
      }
    }
    try (PlainFits objective = objective(engine, fits, judges)) {
      return how.fit(objective, theta, target);
    }
  }

  /**
   * Models that only judge rows, or tell how good another one is: where fits begin with a sample,
   * they end there. The memory for their predictions of all rows is saved too.
   */
  double[] sketch(List<FitRows> fits, List<Judge> judges, double[] start) {
    try (PlainFits few = objective(sample(fits).orElse(engine), fits, judges)) {
      return how.fit(few, stacked(fits.size(), start), PlainModels.LEAST_GRADIENT);
    }
  }

  private Optional<PassEngine> sample(List<FitRows> fits) {
    return fits.stream().anyMatch(FitRows::usesTraining) ? how.sample(engine) : Optional.empty();
  }

  private PlainFits objective(PassEngine over, List<FitRows> fits, List<Judge> judges) {
    return new PlainFits(kernel, over, penalty, fits, judges);
  }

  private double[] stacked(int models, double[] start) {
    int d = kernel.model().size();
    double[] theta = new double[models * d];
    double[] first =
        start == null || how.training() != null ? kernel.model().initial(how.seed()) : start;
    for (int f = 0; f < models; f++) {
      Vectors.copyTo(first, theta, f * d);
    }
    return theta;
  }
}

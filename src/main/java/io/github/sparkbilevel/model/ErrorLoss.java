package io.github.sparkbilevel.model;

/** A loss of real labels that rises with the absolute error |p − b| and depends on nothing else. */
public interface ErrorLoss extends RealLoss {

  /** |p − b| of a row, from its loss. */
  double error(double loss);
}

package io.github.sparkbilevel.problem;

import java.util.OptionalDouble;

/**
 * A weight s_i = σ(λ_i) for each row; λ_i lies beside its row.
 *
 * @param initial λ_i at the start, where that of rows of other classes stays
 */
public record ExampleWeights(double initial, JudgedClasses judged) implements UpperVariable {

  /** With all classes judged. */
  public ExampleWeights(double initial) {
    this(initial, JudgedClasses.ALL);
  }

  @Override
  public int size() {
    return 0;
  }

  @Override
  public boolean weighsRows() {
    return true;
  }

  @Override
  public OptionalDouble rowStart() {
    return OptionalDouble.of(initial);
  }

  @Override
  public void weigh(KnownRows rows, double[] lambda, double[] s) {
    for (int i = 0; i < rows.count(); i++) {
      s[i] = rows.lambda(i);
    }
    Sigmoid.valuesInPlace(s, rows.count());
  }

  @Override
  public void pullBack(KnownRows rows, double[] lambda, double[] a, double[] out, int at) {
    for (int i = 0; i < rows.count(); i++) {
      if (judged.contain(rows.label(i))) {
        out[at + i] += rows.baseWeight(i) * Sigmoid.derivative(rows.lambda(i)) * a[i];
      }
    }
  }
}

package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.UpperVariable;
import java.util.function.IntConsumer;

/**
 * One penalty of several models of a kind, whose parameters stand one after the other: the sum of
 * what it is of each.
 *
 * @param of does not weigh rows
 * @param parameters number of parameters of a model
 */
record Copies(UpperVariable of, int parameters) implements UpperVariable {
  private static final long serialVersionUID = 1L;

  private void forEach(double[] theta, IntConsumer model) {
    for (int at = 0; at < theta.length; at += parameters) {
      model.accept(at);
    }
  }

  private double[] model(double[] theta, int at) {
    return Vectors.slice(theta, at, parameters);
  }

  @Override
  public int size() {
    return of.size();
  }

  @Override
  public boolean hasKinks() {
    return of.hasKinks();
  }

  @Override
  public double[] widened(double[] lambda, double factor) {
    return of.widened(lambda, factor);
  }

  @Override
  public double penalty(double[] theta, double[] lambda) {
    double[] sum = new double[1];
    forEach(theta, at -> sum[0] += of.penalty(model(theta, at), lambda));
    return sum[0];
  }

  @Override
  public void addPenaltyProduct(double[] v, double[] lambda, double[] out) {
    forEach(
        v,
        at -> {
          double[] product = model(out, at);
          of.addPenaltyProduct(model(v, at), lambda, product);
          Vectors.copyTo(product, out, at);
        });
  }

  @Override
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] sum = new double[size()];
    forEach(
        theta,
        at ->
            Vectors.addTo(sum, 1, of.penaltyMixedProduct(model(theta, at), model(u, at), lambda)));
    return sum;
  }

  @Override
  public double upperTerm(double[] lambda) {
    return of.upperTerm(lambda);
  }

  @Override
  public void addUpperTermGradient(double[] lambda, double[] out, int at) {
    of.addUpperTermGradient(lambda, out, at);
  }
}

package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.NoisyLabelLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How labels are confused, as an upper variable: the loss of a training row is −ln Σ_k C_kl p_k,
 * and λ moves the matrices C_g of the groups from where EM ended, C⁰.
 *
 * <pre>
 *   C_g[k][l] = softmax_l (ln C⁰_g[k][l] + λ_kl + μ_g 1{l ≠ k})
 *   E(λ) = ½ ρ ‖λ‖²
 * </pre>
 *
 * <p>λ has a number for each pair of classes, row after row, which all groups share, and behind
 * them, where there is more than one group, μ_g for each: positive where a group is less reliable
 * than EM found. E is a normal prior: a few trusted rows cannot tell K² numbers.
 *
 * <p>With posteriors q of {@link NoisyLabelLoss} and residuals r = p − q, the mixed product of a
 * direction with outputs t comes from
 *
 * <pre>
 *   ∂⟨r, t⟩ / ∂ ln C_kl = −q_k (t_k − ⟨q, t⟩)     for the row's l and g, else 0
 *   ∂ ln C_kl / ∂λ_kj = 1{j = l} − C_kj
 * </pre>
 *
 * <p>H is the majoriser of {@link NoisyLabelLoss}, so that the adjoint is shorter than the exact
 * one where much is left open by the labels, and ∇Φ with it.
 */
public final class NoiseModel implements UpperVariable {
  private static final long serialVersionUID = 1L;

  /** ρ. */
  private static final double PRIOR = 0.01;

  private final Confusion start;

  /** λ moves C from this one. */
  public NoiseModel(Confusion start) {
    this.start = start;
  }

  private int square() {
    return start.classes() * start.classes();
  }

  @Override
  public int size() {
    return square() + (start.groups() > 1 ? start.groups() : 0);
  }

  @Override
  public boolean weighsRows() {
    return true;
  }

  @Override
  public boolean shapesLoss() {
    return true;
  }

  @Override
  public Loss lowerLoss(Loss loss, double[] lambda) {
    return new NoisyLabelLoss(loss, at(lambda));
  }

  @Override
  public Optional<Confusion> confusion(double[] lambda) {
    return Optional.of(at(lambda));
  }

  /** C at λ. */
  public Confusion at(double[] lambda) {
    int classes = start.classes();
    double[] shares = start.matrices();
    for (int at = 0; at < shares.length; at++) {
      int k = at % square() / classes;
      int l = at % classes;
      double moved = lambda[at % square()];
      if (start.groups() > 1 && k != l) {
        moved += lambda[square() + at / square()];
      }
      shares[at] *= Math.exp(moved);
    }
    return Confusion.ofCounts(classes, shares);
  }

  @Override
  public void pullBackResiduals(
      KnownRows rows, double[] lambda, AlongTile outputs, double[] out, int at) {
    Confusion confusion = at(lambda);
    int classes = start.classes();
    double[] byEntry = new double[start.groups() * square()];
    double[] q = new double[classes];
    double[] t = new double[classes];
    for (int i = 0; i < rows.count(); i++) {
      int group = start.groups() == 1 ? 0 : rows.group(i);
      int label = (int) rows.label(i);
      for (int k = 0; k < classes; k++) {
        q[k] = outputs.probability(i, k);
        t[k] = outputs.tangent(i, k);
      }
      confusion.posterior(q, group, label);
      double mean = 0;
      for (int k = 0; k < classes; k++) {
        mean += q[k] * t[k];
      }
      for (int k = 0; k < classes; k++) {
        byEntry[group * square() + k * classes + label] -=
            rows.baseWeight(i) * q[k] * (t[k] - mean);
      }
    }
    addByLambda(confusion, byEntry, out, at);
  }

  /** From the gradient by ln C to that by λ. */
  private void addByLambda(Confusion confusion, double[] byEntry, double[] out, int at) {
    int classes = start.classes();
    for (int g = 0; g < start.groups(); g++) {
      for (int k = 0; k < classes; k++) {
        int row = g * square() + k * classes;
        double sum = 0;
        for (int l = 0; l < classes; l++) {
          sum += byEntry[row + l];
        }
        for (int l = 0; l < classes; l++) {
          double byLogit = byEntry[row + l] - confusion.probability(g, k, l) * sum;
          out[at + k * classes + l] += byLogit;
          if (start.groups() > 1 && l != k) {
            out[at + square() + g] += byLogit;
          }
        }
      }
    }
  }

  @Override
  public double upperTerm(double[] lambda) {
    return 0.5 * PRIOR * Arrays.stream(lambda).map(x -> x * x).sum();
  }

  @Override
  public void addUpperTermGradient(double[] lambda, double[] out, int at) {
    for (int j = 0; j < lambda.length; j++) {
      out[at + j] += PRIOR * lambda[j];
    }
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    int classes = start.classes();
    List<String> names = facts.names().classes();
    return j < square()
        ? names.get(j / classes) + " labelled " + names.get(j % classes)
        : "noise of " + facts.names().groups().get(j - square());
  }
}

package io.github.sparkbilevel.model;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Elementary;

/**
 * The loss of labels that may be wrong: with p the probabilities of the true classes and C how
 * labels are confused,
 *
 * <pre>
 *   m = Σ_k C_kl p_k      the probability of the given label l
 *   ℓ = −ln m
 *   q_k = C_kl p_k / m    the posterior of the true class
 *   r = p − q             the residual of cross entropy with soft labels q
 * </pre>
 *
 * <p>The curvature is that of cross entropy, diag(p) − ppᵀ: the Hessian is it less diag(q) − qqᵀ,
 * so it bounds the Hessian from above and is positive semidefinite. A Newton step with it is the
 * maximisation of EM (Dempster, Laird and Rubin, 1977): it lowers G.
 *
 * <p>Labels are the codes of {@link Confusion}. Where a label is known to be right, loss and
 * residual are those of cross entropy.
 *
 * @param clean cross entropy of the true classes
 */
public record NoisyLabelLoss(Loss clean, Confusion confusion) implements Loss {

  /** Checks that there are as many classes. */
  public NoisyLabelLoss {
    if (clean.classes() != confusion.classes()) {
      throw new IllegalArgumentException(
          "got a confusion of %d classes for a loss of %d; expected the same number"
              .formatted(confusion.classes(), clean.classes()));
    }
  }

  @Override
  public Block given(Block rows) {
    return confusion.coded(rows);
  }

  @Override
  public Block known(Block rows) {
    return confusion.codedAsKnown(rows);
  }

  @Override
  public String name() {
    return clean.name() + " of noisy labels";
  }

  @Override
  public int outputs() {
    return clean.outputs();
  }

  @Override
  public int classes() {
    return clean.classes();
  }

  @Override
  public boolean hasFreeShift() {
    return clean.hasFreeShift();
  }

  @Override
  public double mostCurvatureOverStart() {
    return clean.mostCurvatureOverStart();
  }

  private TileColumn labels(TileColumn codes, int n) {
    double[] labels = new double[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (int) codes.value(i) % classes();
    }
    return TileColumn.of(labels);
  }

  /** m of each row; 1 where the label is known. */
  private double[] likelihoods(OutputTile p, TileColumn codes) {
    int n = p.rows();
    double[] m = new double[n];
    for (int i = 0; i < n; i++) {
      int code = (int) codes.value(i);
      if (confusion.isKnown(code)) {
        m[i] = 1;
      } else if (outputs() == 1) {
        double one = p.value(0, i);
        m[i] = confusion.ofCode(0, code) * (1 - one) + confusion.ofCode(1, code) * one;
      } else {
        for (int k = 0; k < classes(); k++) {
          m[i] += confusion.ofCode(k, code) * p.value(k, i);
        }
      }
    }
    return m;
  }

  @Override
  public void evaluate(OutputTile z, TileColumn codes, OutputTile p, TileColumn losses) {
    int n = z.rows();
    clean.evaluate(z, labels(codes, n), p, losses);
    double[] m = likelihoods(p, codes);
    Elementary.log(m, 0, n);
    for (int i = 0; i < n; i++) {
      if (!confusion.isKnown((int) codes.value(i))) {
        losses.values()[losses.at() + i] = -m[i];
      }
    }
  }

  /** q of output k, given m. */
  private double posterior(OutputTile p, int k, int i, int code, double m) {
    int of = outputs() == 1 ? 1 : k;
    if (confusion.isKnown(code)) {
      return code % classes() == of ? 1 : 0;
    }
    return confusion.ofCode(of, code) * p.value(k, i) / m;
  }

  @Override
  public void residual(OutputTile p, TileColumn codes, TileColumn s, OutputTile out) {
    double[] m = likelihoods(p, codes);
    for (int k = 0; k < outputs(); k++) {
      int to = out.column(k);
      for (int i = 0; i < m.length; i++) {
        double q = posterior(p, k, i, (int) codes.value(i), m[i]);
        out.values()[to + i] = s.value(i) * (p.value(k, i) - q);
      }
    }
  }

  @Override
  public void directional(OutputTile p, TileColumn codes, OutputTile t, TileColumn out) {
    double[] m = likelihoods(p, codes);
    double[] sum = new double[m.length];
    for (int k = 0; k < outputs(); k++) {
      for (int i = 0; i < m.length; i++) {
        double q = posterior(p, k, i, (int) codes.value(i), m[i]);
        sum[i] += (p.value(k, i) - q) * t.value(k, i);
      }
    }
    System.arraycopy(sum, 0, out.values(), out.at(), m.length);
  }

  @Override
  public void curvatureInPlace(OutputTile p, TileColumn codes, TileColumn s, OutputTile t) {
    clean.curvatureInPlace(p, codes, s, t);
  }

  @Override
  public void curvature(
      OutputTile p, TileColumn codes, int k, int l, TileColumn s, TileColumn out) {
    clean.curvature(p, codes, k, l, s, out);
  }

  @Override
  public double[] margins(double[] z) {
    return clean.margins(z);
  }

  /** The true class that is preferred. */
  @Override
  public double predict(OutputTile p, int row) {
    return clean.predict(p, row);
  }

  /** The probability of a true class. */
  @Override
  public double probability(OutputTile p, int row, double label) {
    return clean.probability(p, row, label);
  }

  @Override
  public int rootColumns() {
    return clean.rootColumns();
  }

  @Override
  public void curvatureRoot(OutputTile p, TileColumn codes, int k, TileColumn s, OutputTile out) {
    clean.curvatureRoot(p, codes, k, s, out);
  }

  @Override
  public void drawnResidual(
      OutputTile p, TileColumn codes, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
    clean.drawnResidual(p, codes, u, w, s, out);
  }
}

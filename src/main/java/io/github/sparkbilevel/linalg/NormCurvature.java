package io.github.sparkbilevel.linalg;

/**
 * The second derivative of Σ_g c_g ‖x_g‖₂ at a point: C = ⊕_g a_g (I − e_g e_gᵀ) with the unit
 * vectors e_g = x_g / ‖x_g‖ and a_g = c_g / ‖x_g‖. It is 0 for groups that are 0, where the norm
 * has a kink, and for groups of one coordinate.
 */
public final class NormCurvature {
  private final Groups groups;
  private final double[] strengths;
  private final double[] units;

  /**
   * That of a point.
   *
   * @param widths c, one for each group
   */
  public NormCurvature(Groups groups, double[] widths, double[] x) {
    this.groups = groups;
    this.strengths = new double[widths.length];
    this.units = new double[x.length];
    for (int g = 0; g < widths.length; g++) {
      double norm = groups.norm(g, x);
      if (norm > 0 && groups.size(g) > 1) {
        strengths[g] = widths[g] / norm;
        for (int i = 0; i < groups.size(g); i++) {
          int j = groups.member(g, i);
          units[j] = x[j] / norm;
        }
      }
    }
  }

  /** out += C v. */
  public void addProduct(double[] v, double[] out) {
    for (int g = 0; g < strengths.length; g++) {
      double along = groups.dot(g, units, v);
      for (int i = 0; strengths[g] > 0 && i < groups.size(g); i++) {
        int j = groups.member(g, i);
        out[j] += strengths[g] * (v[j] - along * units[j]);
      }
    }
  }

  /** A + C for an operator A. */
  public LinearOperator plus(LinearOperator a) {
    return LinearOperator.of(
        a.size(),
        columns -> {
          double[][] products = a.applyAll(columns);
          for (int c = 0; c < columns.length; c++) {
            addProduct(columns[c], products[c]);
          }
          return products;
        });
  }

  /**
   * Adds the rows and columns of C on a support that no group with curvature is split by.
   *
   * @param matrix column-major, of the coordinates of the support
   */
  public void addTo(double[] matrix, Support support) {
    int[] at = support.places();
    int n = support.count();
    for (int g = 0; g < strengths.length; g++) {
      for (int i = 0; strengths[g] > 0 && i < groups.size(g); i++) {
        int column = groups.member(g, i);
        matrix[at[column] + at[column] * n] += strengths[g];
        for (int k = 0; k < groups.size(g); k++) {
          int row = groups.member(g, k);
          matrix[at[row] + at[column] * n] -= strengths[g] * units[row] * units[column];
        }
      }
    }
  }

  /** (D + C)⁻¹ of a positive diagonal D, by the formula of Sherman and Morrison in each group. */
  public Preconditioner inverse(double[] diagonal) {
    return r -> {
      double[] x = new double[r.length];
      for (int g = 0; g < strengths.length; g++) {
        double a = strengths[g];
        double along = 0;
        double left = 0;
        for (int i = 0; i < groups.size(g); i++) {
          int j = groups.member(g, i);
          x[j] = r[j] / (diagonal[j] + a);
          along += units[j] * x[j];
          left += units[j] * units[j] * diagonal[j] / (diagonal[j] + a);
        }
        for (int i = 0; a > 0 && i < groups.size(g); i++) {
          int j = groups.member(g, i);
          x[j] += a * units[j] / (diagonal[j] + a) * along / left;
        }
      }
      return x;
    };
  }
}

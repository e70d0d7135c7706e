package io.github.sparkbilevel.model;

import java.util.Locale;

/**
 * How weights that are shared by the R positions of a row make Kronecker factors, after Eschenhagen
 * et al., <em>Kronecker-Factored Approximate Curvature for Modern Neural Network
 * Architectures</em>, NeurIPS 2023.
 */
public enum Sharing {
  /**
   * Every position is a row: A = Σ s (1/R) Σ_t ā_t ā_tᵀ, B = Σ_t d_t d_tᵀ. Exact for a linear layer
   * with a squared loss at each position.
   */
  EXPAND,
  /**
   * The positions are one: A = Σ s â âᵀ with the mean â of ā_t, B = (Σ_t d_t)(Σ_t d_t)ᵀ. Exact for
   * a linear layer whose outputs are averaged before a squared loss; B costs R times less.
   */
  REDUCE;

  /** The name in job files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of a name. */
  public static Sharing of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}

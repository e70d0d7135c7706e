package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.LabelDraws;
import io.github.sparkbilevel.model.Model;

/** Random draws that depend on (seed, purpose, row id) alone, so that any task repeats them. */
public final class RowDraw {
  private RowDraw() {}

  /** 64 well-mixed bits (Steele, Lea and Flood's SplitMix64 finaliser over the three numbers). */
  public static long bits(long seed, long purpose, long id) {
    return mix(mix(mix(seed) + purpose) + id);
  }

  /** A fold 0 … folds − 1. */
  public static int fold(long seed, long purpose, long id, int folds) {
    return (int) Long.remainderUnsigned(bits(seed, purpose, id), folds);
  }

  /** A number uniform in (0, 1). */
  public static double uniform(long seed, long purpose, long id) {
    return ((bits(seed, purpose, id) >>> 12) + 0.5) * 0x1.0p-52;
  }

  /** The draws of labels for the Kronecker factors of a model: of (seed, pass, row id, number). */
  public static LabelDraws forLabels(Model model, long pass) {
    long seed = model.fisher() instanceof Fisher.MonteCarlo drawn ? drawn.seed() : 0;
    return (id, number) -> uniform(mix(seed) + pass, number, id);
  }

  static long mix(long x) {
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

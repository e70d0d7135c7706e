package io.github.sparkbilevel.model;

import java.util.Locale;

/** What a hidden unit makes of its argument z: the value φ, its slope φ' and its bend φ''. */
public enum Activation {
  /** max(z, 0); the slope at 0 is 0, and the bend is 0 everywhere. */
  RELU {
    @Override
    double value(double z) {
      return Math.max(z, 0);
    }

    @Override
    double slope(double z, double value) {
      return z > 0 ? 1 : 0;
    }

    @Override
    double bend(double z, double value) {
      return 0;
    }
  },
  /** The hyperbolic tangent. */
  TANH {
    @Override
    double value(double z) {
      return Math.tanh(z);
    }

    @Override
    double slope(double z, double value) {
      return 1 - value * value;
    }

    @Override
    double bend(double z, double value) {
      return -2 * value * (1 - value * value);
    }
  },
  /** ½ z (1 + tanh(√(2/π) (z + 0.044715 z³))), the usual form of z Φ(z). */
  GELU {
    @Override
    double value(double z) {
      return 0.5 * z * (1 + Math.tanh(inner(z)));
    }

    @Override
    double slope(double z, double value) {
      double t = Math.tanh(inner(z));
      return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * innerSlope(z);
    }

    @Override
    double bend(double z, double value) {
      double t = Math.tanh(inner(z));
      double s = innerSlope(z);
      return (1 - t * t) * (s + 0.5 * z * (6 * ROOT * CUBE * z - 2 * t * s * s));
    }
  },
  /** z: the network is a factored linear model. */
  IDENTITY {
    @Override
    double value(double z) {
      return z;
    }

    @Override
    double slope(double z, double value) {
      return 1;
    }

    @Override
    double bend(double z, double value) {
      return 0;
    }
  };

  private static final double ROOT = Math.sqrt(2 / Math.PI);
  private static final double CUBE = 0.044715;

  private static double inner(double z) {
    return ROOT * (z + CUBE * z * z * z);
  }

  private static double innerSlope(double z) {
    return ROOT * (1 + 3 * CUBE * z * z);
  }

  /** The name in job files and saved models. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The activation of a name. */
  static Activation of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  /** φ(z). */
  abstract double value(double z);

  /** φ'(z), for value = φ(z). */
  abstract double slope(double z, double value);

  /** φ''(z), for value = φ(z). */
  abstract double bend(double z, double value);

  /** Whether φ has a slope everywhere: at a kink the gradient of G jumps. */
  public boolean isSmooth() {
    return this != RELU;
  }

  /** See {@link Layer#gain()}; 2 before relu and gelu, after He et al., ICCV 2015. */
  double gain() {
    return this == RELU || this == GELU ? 2 : 0;
  }
}

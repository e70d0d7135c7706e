package io.github.sparkbilevel.bilevel;

import java.util.Arrays;
import java.util.List;

/** Kinds of curvature that hold for every model and solve a system as closely as asked. */
final class Curvatures {
  static final List<Curvature> SOLVING =
      Arrays.stream(Curvature.values()).filter(Curvature::solves).toList();

  private Curvatures() {}
}

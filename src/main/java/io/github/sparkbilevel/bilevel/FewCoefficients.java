package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A lower objective in some of its coefficients, the others being 0, for steps from the one point
 * where its Hessian was formed.
 *
 * @param nullDirection or null
 * @param parts empty where there are none
 */
record FewCoefficients(
    int size,
    double[] nullDirection,
    double[] penaltyDiagonal,
    Optional<Kinks> kinks,
    List<FewCoefficients> ofParts)
    implements LowerObjective<LowerObjective.Point> {

  /**
   * An objective on some coefficients of each of its parts.
   *
   * @param own one for each part
   */
  static FewCoefficients of(LowerObjective<?> whole, List<Support> own) {
    List<FewCoefficients> parts =
        IntStream.range(0, own.size()).mapToObj(k -> of(whole.parts().get(k), own.get(k))).toList();
    int size = parts.stream().mapToInt(FewCoefficients::size).sum();
    return parts.size() == 1
        ? parts.get(0)
        : new FewCoefficients(size, null, null, Optional.empty(), parts);
  }

  private static FewCoefficients of(LowerObjective<?> part, Support support) {
    double[] e = part.nullDirection();
    return new FewCoefficients(
        support.count(),
        e == null ? null : support.gather(e),
        support.gather(part.penaltyDiagonal()),
        part.kinks().map(kinks -> kinks.on(support)),
        List.of());
  }

  @Override
  public List<? extends LowerObjective<?>> parts() {
    return ofParts.isEmpty() ? List.of(this) : ofParts;
  }

  @Override
  public Point at(double[] theta, Extra extra) {
    throw new UnsupportedOperationException("the whole objective is evaluated, not a part of it");
  }

  /**
   * The point.
   *
   * @param formed H on the coefficients of each part
   */
  static LowerObjective.Point at(
      LowerObjective.Point whole, List<Support> own, List<double[]> formed) {
    List<At> parts =
        IntStream.range(0, own.size())
            .mapToObj(k -> new At(whole.parts().get(k), own.get(k), formed.get(k), List.of()))
            .toList();
    return parts.size() == 1 ? parts.get(0) : new At(whole, null, null, parts);
  }

  /**
   * What is known of the coefficients.
   *
   * @param of the point with all of them
   * @param support and hessian: null where there are parts
   */
  private record At(
      LowerObjective.Point of, Support support, double[] denseHessian, List<At> ofParts)
      implements LowerObjective.Point {

    @Override
    public List<? extends LowerObjective.Point> parts() {
      return ofParts.isEmpty() ? List.of(this) : ofParts;
    }

    @Override
    public double[] theta() {
      return support.gather(of.theta());
    }

    @Override
    public double value() {
      return of.value();
    }

    @Override
    public double[] gradient() {
      return support.gather(of.gradient());
    }

    @Override
    public double[] smoothGradient() {
      return support.gather(of.smoothGradient());
    }

    @Override
    public LinearOperator hessian(double damping) {
      throw new UnsupportedOperationException("H is formed, and needs no products");
    }

    @Override
    public List<KroneckerFactors> factors() {
      return null;
    }

    @Override
    public void release() {
      // The whole point is released.
    }
  }
}

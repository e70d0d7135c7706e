package io.github.sparkbilevel.equivalence;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * A change of the rows, or of how they are stored, that must not change the answer.
 *
 * @param name what is changed
 * @param base what is made of a problem's setup first, for the answer that is expected
 * @param change what is made of that, for the answer that is held against it
 * @param keys the keys of the expected answer for those of the other
 * @param applies for which problems the answer must be the same
 * @param tolerance in double precision
 * @param refusable whether the run may refuse the rows instead, in a sentence that has this name in
 *     it; null if it may not
 */
record Transformation(
    String name,
    Base base,
    UnaryOperator<Setup> change,
    Answer.Keys keys,
    Predicate<Problem> applies,
    ToDoubleFunction<Problem> tolerance,
    String refusable) {

  /** What is found in float32 differs by this much at least: a few steps add rounding errors up. */
  private static final double SINGLE = 1e-4;

  /** Setups from which transformations start; their answers are found once for each problem. */
  enum Base {
    /** Integer weights from 1 to 3, standardised. */
    WEIGHTED(UnaryOperator.identity()),
    /** Weighted, with what features are as they stand. */
    RAW(Setup::unstandardized),
    /** As a libsvm file can have them: with the labels 0, 1, 2, and without weights and ids. */
    BARE(setup -> setup.unweighted().with(Tables::numbered));

    private final UnaryOperator<Setup> change;

    Base(UnaryOperator<Setup> change) {
      this.change = change;
    }

    Setup of(Problem problem) {
      return change.apply(problem.setup());
    }
  }

  /** One that holds for all problems, to 1e-7. */
  static Transformation of(String name, UnaryOperator<Setup> change) {
    return new Transformation(
        name, Base.WEIGHTED, change, Answer.Keys.SAME, problem -> true, problem -> 1e-7, null);
  }

  /** One of the rows alone. */
  static Transformation ofTables(String name, UnaryOperator<Tables> change) {
    return of(name, setup -> setup.with(change));
  }

  /**
   * Those of some transformations that apply to a problem, one after the other.
   *
   * @param parts with the same base
   */
  static Transformation together(String name, List<Transformation> parts, Problem problem) {
    Transformation all = of(name, UnaryOperator.identity()).within(0);
    for (Transformation part : parts) {
      if (part.applies.test(problem)) {
        Transformation before = all;
        all =
            new Transformation(
                name,
                part.base,
                setup -> part.change.apply(before.change.apply(setup)),
                (quantity, key) -> {
                  String old = part.keys.of(quantity, key);
                  return old == null ? null : before.keys.of(quantity, old);
                },
                one -> true,
                one ->
                    Math.max(
                        before.tolerance.applyAsDouble(one), part.tolerance.applyAsDouble(one)),
                before.refusable);
      }
    }
    return all;
  }

  Transformation from(Base other) {
    return new Transformation(name, other, change, keys, applies, tolerance, refusable);
  }

  Transformation renaming(Answer.Keys other) {
    return new Transformation(name, base, change, other, applies, tolerance, refusable);
  }

  Transformation only(Predicate<Problem> other) {
    return new Transformation(name, base, change, keys, applies.and(other), tolerance, refusable);
  }

  Transformation notFor(Predicate<Problem> other) {
    return only(other.negate());
  }

  Transformation within(double other) {
    return within(problem -> true, other);
  }

  /** Another tolerance for some problems. */
  Transformation within(Predicate<Problem> some, double other) {
    return new Transformation(
        name,
        base,
        change,
        keys,
        applies,
        problem -> some.test(problem) ? other : tolerance.applyAsDouble(problem),
        refusable);
  }

  Transformation orRefusedBy(String word) {
    return new Transformation(name, base, change, keys, applies, tolerance, word);
  }

  double toleranceFor(Problem problem) {
    double most = tolerance.applyAsDouble(problem);
    return problem.traits().doublePrecision() ? most : Math.max(SINGLE, most);
  }
}

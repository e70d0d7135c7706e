package io.github.sparkbilevel.equivalence;

import io.github.sparkbilevel.equivalence.Layout.Format;
import io.github.sparkbilevel.equivalence.Problem.Job;
import io.github.sparkbilevel.equivalence.Transformation.Base;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Features, classes and groups in other units, under other names, or more of them. */
final class ColumnTransformations {
  private static final String COPY = "_copy";
  private static final String MORE = "ballast";
  private static final Predicate<Problem> NETWORK = problem -> problem.traits().network();

  /** A value x + s is known to s/10^16 at best, and steps of the solver make that more. */
  private static final Map<Double, Double> TOLERANCES =
      Map.of(1e3, 1e-7, 1e6, 1e-6, 1e9, 1e-4, 1e12, 2e-2);

  /** Rows that are stored sparse are not centred: their products lose twice the digits. */
  private static final Map<Double, Double> SPARSE_TOLERANCES =
      Map.of(1e3, 1e-7, 1e6, 1e-4, 1e9, 1e-2);

  /**
   * The weight function's models are fitted until the largest entry of the gradient is small, which
   * is another one where there are more columns.
   */
  private static final Predicate<Problem> FITS_INEXACTLY =
      problem -> problem.traits().has("weight-function");

  private ColumnTransformations() {}

  static Stream<Transformation> all() {
    return Stream.of(classes(), units(), more()).flatMap(all -> all);
  }

  /** What may be done to the columns at once. */
  static Stream<Transformation> light() {
    return Stream.of(
        renamedInAnotherOrder(),
        renamedInTheirOrder().only(NETWORK),
        shifted(1e3),
        scaled(1e-9),
        added("a constant column added", 0.1),
        unknownGroup());
  }

  private static Stream<Transformation> classes() {
    return Stream.of(
        renamedInTheirOrder(),
        renamedInAnotherOrder(),
        renamed("classes renamed to numbers in another order", List.of("70000", "-3", "2.5"))
            .notFor(NETWORK),
        unusedClass(),
        unknownGroup());
  }

  /** A name of a class that no row has. */
  static Transformation unusedClass() {
    return Transformation.of("a class without rows", Setup::withUnusedClass)
        .only(Problem::isEstimator)
        .notFor(ColumnTransformations::hasRealLabels);
  }

  private static Transformation unknownGroup() {
    UnaryOperator<Tables> change =
        tables ->
            tables.withValidation(
                tables.validation().stream().map(row -> row.withGroup("attic")).toList());
    return Transformation.of(
            "trusted rows of a group without training rows",
            setup -> setup.withGroupsOfValidation().with(change))
        .only(problem -> problem.traits().grouped() && !problem.isEstimator());
  }

  private static Transformation renamedInTheirOrder() {
    return renamed("classes renamed in their order", List.of("x", "y", "z"));
  }

  private static Transformation renamedInAnotherOrder() {
    return renamed("classes renamed in another order", List.of("Z z", "Y,y", "x\"x"))
        // Its start is drawn output by output.
        .notFor(NETWORK);
  }

  private static boolean hasRealLabels(Problem problem) {
    return problem.setup().tables().train().get(0).label().contains(".");
  }

  private static Transformation renamed(String name, List<String> names) {
    return Transformation.ofTables(
            name,
            tables ->
                tables.each(row -> row.withLabel(names.get(Tables.CLASSES.indexOf(row.label())))))
        .renaming((quantity, key) -> classOf(key, names))
        .notFor(problem -> problem.isEstimator() && problem.traits().isTuned())
        .notFor(ColumnTransformations::hasRealLabels);
  }

  /** Penalties are named by a class, or by feature:class; classes are quoted in CSV. */
  private static String classOf(String key, List<String> names) {
    int colon = key.indexOf(':');
    String name = key.substring(colon + 1);
    int at = names.indexOf(name);
    return at < 0 ? key : key.substring(0, colon + 1) + Tables.CLASSES.get(at);
  }

  private static Stream<Transformation> units() {
    Stream<Transformation> shifted =
        Stream.of(1e3, 1e6, 1e9, 1e12).map(ColumnTransformations::shifted);
    Stream<Transformation> shiftedVectors =
        Stream.of(1e3, 1e6, 1e9)
            .map(
                s -> {
                  Transformation shift = shifted(s);
                  return Transformation.of(
                          "sparse vectors, " + shift.name(),
                          setup ->
                              shift
                                  .change()
                                  .apply(
                                      setup.stored(
                                          layout -> layout.withFormat(Format.SPARSE_VECTORS))))
                      .within(SPARSE_TOLERANCES.get(s))
                      .orRefusedBy(shift.refusable());
                });
    return Stream.of(shifted, shiftedVectors, Stream.of(scaled(1e-9), scaled(1e9)))
        .flatMap(some -> some)
        .map(one -> one.notFor(NETWORK));
  }

  private static Transformation shifted(double s) {
    return Transformation.ofTables(
            "a feature shifted by " + s + " deviations",
            tables -> tables.withValues("f1", new Shift(tables, s)::of))
        .notFor(NETWORK)
        .within(TOLERANCES.get(s))
        .orRefusedBy(s >= 1e9 ? "'f1'" : null);
  }

  private static Transformation scaled(double c) {
    return Transformation.ofTables(
            "a feature scaled by " + c, tables -> tables.withValues("f2", x -> c * x))
        .notFor(NETWORK);
  }

  /** Adds so many deviations to the values of a feature. */
  private record Shift(double by) {
    Shift(Tables tables, double deviations) {
      this(deviations * tables.deviation("f1"));
    }

    double of(double x) {
      return x + by;
    }
  }

  private static Stream<Transformation> more() {
    return Stream.of(
            added("a column of zeros added", 0),
            added("a constant column added", 0.1),
            added("a constant column of large numbers added", 1e9 + 0.1),
            twiceAll(),
            Transformation.of(
                    "a column halved in two, each larger by the root of two",
                    setup -> setup.with(ColumnTransformations::split))
                .from(Base.RAW)
                .renaming((quantity, key) -> key.replace(COPY, ""))
                .within(FITS_INEXACTLY, 2e-3)
                .only(
                    problem ->
                        problem.traits().penalty().isEmpty()
                            || problem.traits().has("l2")
                            || problem.traits().has("l2-per-class")
                            || problem.traits().has("l2-per-group")))
        .map(one -> one.notFor(NETWORK));
  }

  /** Every column twice: θ/2 for each copy, so that |θ|² halves. */
  static Transformation twiceAll() {
    return Transformation.of(
            "every column twice, with penalties twice as large",
            setup -> setup.with(ColumnTransformations::twice).penalizedBy(2))
        .renaming((quantity, key) -> key.replace(COPY, ""))
        // λ of the copies move by half the gradient each; gradients may be added up.
        .notFor(
            problem ->
                problem.traits().job() != Job.HYPERGRADIENT
                    && (problem.traits().has("l2-per-feature")
                        || problem.traits().has("l2-per-coefficient")))
        .notFor(NETWORK)
        // λ is tuned until Φ has settled, which leaves λ the room that Φ is flat in.
        .within(problem -> problem.traits().job() == Job.TUNE, 1e-3)
        .within(FITS_INEXACTLY, 2e-3);
  }

  private static Transformation added(String name, double value) {
    return Transformation.ofTables(
            name, tables -> tables.withFeatures(plus(tables.features(), MORE), x -> plus(x, value)))
        .renaming((quantity, key) -> key.startsWith(MORE) ? null : key)
        .notFor(NETWORK);
  }

  private static List<String> plus(List<String> names, String more) {
    List<String> all = new ArrayList<>(names);
    all.add(more);
    return List.copyOf(all);
  }

  private static double[] plus(double[] x, double more) {
    double[] all = Arrays.copyOf(x, x.length + 1);
    all[x.length] = more;
    return all;
  }

  private static Tables twice(Tables tables) {
    List<String> names = new ArrayList<>(tables.features());
    tables.features().forEach(name -> names.add(name + COPY));
    int n = tables.features().size();
    return tables.withFeatures(
        List.copyOf(names),
        x -> {
          double[] all = Arrays.copyOf(x, 2 * n);
          System.arraycopy(x, 0, all, n, n);
          return all;
        });
  }

  /** θᵀx and |θ|² are as before where each copy has θ/√2 for the coefficient of x/√2. */
  private static Tables split(Tables tables) {
    String feature = tables.features().get(0);
    return tables.withFeatures(
        plus(tables.features(), feature + COPY),
        x -> {
          double[] all = plus(x, x[0] / Math.sqrt(2));
          all[0] = x[0] / Math.sqrt(2);
          return all;
        });
  }
}

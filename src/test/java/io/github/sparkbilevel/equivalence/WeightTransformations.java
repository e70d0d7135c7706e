package io.github.sparkbilevel.equivalence;

import static io.github.sparkbilevel.equivalence.Tables.plus;

import io.github.sparkbilevel.equivalence.Problem.Job;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Weights stand for copies of rows, and only their ratios count. */
final class WeightTransformations {
  private static final Predicate<Problem> NETWORK = problem -> problem.traits().network();

  /** Cleaning cuts the trusted rows by their ids into folds, and holds some out. */
  private static final Predicate<Problem> CUTS_VALIDATION =
      problem -> problem.traits().job() == Job.CLEAN;

  /** Trusted and test rows of a cleaner have no weights. */
  private static final Predicate<Problem> WITHOUT_VALIDATION_WEIGHTS =
      problem -> problem.isEstimator() && problem.traits().job() == Job.CLEAN;

  private WeightTransformations() {}

  static Stream<Transformation> all() {
    return Stream.of(ofTraining(), ofOthers(), scaled()).flatMap(all -> all);
  }

  /** Weights of training rows as copies of rows. */
  static Stream<Transformation> ofTraining() {
    return Stream.of(
        Transformation.ofTables(
                "training rows of weight k repeated k times",
                tables -> tables.withTrain(repeated(tables.train())))
            .renaming(WeightTransformations::original)
            // A λ for each copy moves by another step than one for all of them.
            .notFor(
                problem ->
                    problem.traits().job() == Job.CLEAN && problem.traits().has("example-weights"))
            .notFor(NETWORK),
        Transformation.ofTables(
                "training rows of weight 0 added",
                tables -> tables.withTrain(withStrays(tables, "stray ", row -> row)))
            .renaming((quantity, key) -> key.startsWith("stray ") ? null : key)
            .notFor(NETWORK),
        Transformation.ofTables(
                "training rows of weight 0 added, of a class and a group of their own",
                tables ->
                    tables.withTrain(
                        withStrays(tables, "stranger ", WeightTransformations::ofItsOwn)))
            .renaming((quantity, key) -> key.startsWith("stranger ") ? null : key)
            // Their Datasets have class indices for labels.
            .notFor(problem -> problem.isEstimator() && problem.traits().isTuned())
            .notFor(NETWORK));
  }

  private static String original(String quantity, String key) {
    return key.replaceFirst("#\\d+", "");
  }

  private static List<ExampleRow> repeated(List<ExampleRow> rows) {
    return rows.stream()
        .flatMap(
            row ->
                IntStream.range(0, (int) row.weight())
                    .mapToObj(copy -> row.withId(row.id() + "#" + copy).withWeight(1)))
        .toList();
  }

  /** The row with a label and a group that no other has. */
  private static ExampleRow ofItsOwn(ExampleRow row) {
    boolean number = !Tables.CLASSES.contains(row.label());
    return row.withLabel(number ? "1e9" : "dog").withGroup("attic");
  }

  /** Rows of weight 0 that are far from all others, and whose labels are wrong. */
  private static List<ExampleRow> withStrays(
      Tables tables, String prefix, UnaryOperator<ExampleRow> change) {
    return plus(
        tables.train(),
        IntStream.range(0, 30)
            .mapToObj(
                i -> {
                  ExampleRow row = tables.train().get(i);
                  double[] far = Arrays.stream(row.x()).map(x -> 100 + 7 * i * x).toArray();
                  String label = tables.train().get(i + 1).label();
                  return change.apply(
                      row.withId(prefix + i).withX(far).withLabel(label).withWeight(0));
                }));
  }

  /** Weights of trusted and test rows as copies of rows. */
  static Stream<Transformation> ofOthers() {
    return Stream.of(
        Transformation.ofTables(
                "trusted rows of weight k repeated k times",
                tables -> tables.withValidation(repeated(tables.validation())))
            .notFor(CUTS_VALIDATION),
        Transformation.ofTables(
                "test rows of weight k repeated k times",
                tables -> tables.withTest(repeated(tables.test())))
            .renaming(WeightTransformations::original)
            .notFor(NETWORK)
            .notFor(WITHOUT_VALIDATION_WEIGHTS),
        Transformation.ofTables(
                "trusted and test rows of weight 0 added",
                tables ->
                    tables
                        .withValidation(with(tables.validation(), strays(tables)))
                        .withTest(with(tables.test(), strays(tables))))
            .renaming((quantity, key) -> key.startsWith("stray ") ? null : key)
            .notFor(WITHOUT_VALIDATION_WEIGHTS),
        Transformation.ofTables(
                "every trusted row twice",
                tables -> tables.withValidation(twice(tables.validation())))
            .notFor(CUTS_VALIDATION));
  }

  private static List<ExampleRow> with(List<ExampleRow> rows, List<ExampleRow> more) {
    return plus(rows, more.stream());
  }

  private static List<ExampleRow> strays(Tables tables) {
    return withStrays(tables, "stray ", row -> row)
        .subList(tables.train().size(), tables.train().size() + 20);
  }

  private static List<ExampleRow> twice(List<ExampleRow> rows) {
    return plus(rows, rows.stream().map(row -> row.withId("9" + row.id())));
  }

  /** All weights larger or smaller. */
  static Stream<Transformation> scaled() {
    Stream<Transformation> training =
        Stream.of(1e-12, 1e-6, 1e12)
            .map(
                c ->
                    Transformation.ofTables(
                        "all training weights times " + c,
                        tables ->
                            tables.withTrain(
                                tables.train().stream()
                                    .map(row -> row.withWeight(c * row.weight()))
                                    .toList())));
    Stream<Transformation> others =
        Stream.of(1e-12, 1e12)
            .map(
                c ->
                    Transformation.ofTables(
                            "all weights of trusted and test rows times " + c,
                            tables ->
                                tables
                                    .withValidation(scaled(tables.validation(), c))
                                    .withTest(scaled(tables.test(), c)))
                        // Its trusted rows are marked among the others, whose weights they share.
                        .notFor(WITHOUT_VALIDATION_WEIGHTS));
    return Stream.concat(training, others);
  }

  private static List<ExampleRow> scaled(List<ExampleRow> rows, double c) {
    return rows.stream().map(row -> row.withWeight(c * row.weight())).toList();
  }
}

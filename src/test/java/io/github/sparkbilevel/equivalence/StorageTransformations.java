package io.github.sparkbilevel.equivalence;

import io.github.sparkbilevel.equivalence.Layout.Format;
import io.github.sparkbilevel.equivalence.Transformation.Base;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The same rows in another order, in other files, in other kinds of columns. */
final class StorageTransformations {
  private StorageTransformations() {}

  static Stream<Transformation> all() {
    return Stream.of(order(), storage(), Stream.of(columnsReversed())).flatMap(all -> all);
  }

  /** Order and names. */
  static Stream<Transformation> order() {
    return Stream.of(
        Transformation.ofTables("rows in another order", StorageTransformations::shuffled),
        Transformation.of(
            "rows in several files", setup -> setup.stored(layout -> layout.withFiles(3))),
        Transformation.of("rows in three partitions of blocks", setup -> setup.partitioned(3))
            .notFor(problem -> problem.traits().network()),
        Transformation.ofTables("training rows called otherwise", StorageTransformations::named)
            .renaming((quantity, key) -> key.replace("row ", ""))
            .notFor(problem -> problem.traits().network()));
  }

  /** Columns that have names are looked for by them. */
  static Transformation columnsReversed() {
    return Transformation.of(
            "columns of the training rows in another order",
            setup -> setup.stored(Layout::withReversedColumns))
        .notFor(Problem::isEstimator)
        .notFor(problem -> problem.traits().network());
  }

  private static Tables shuffled(Tables tables) {
    return tables
        .withTrain(shuffled(tables.train(), 1))
        .withValidation(shuffled(tables.validation(), 2))
        .withTest(shuffled(tables.test(), 3));
  }

  private static List<ExampleRow> shuffled(List<ExampleRow> rows, long seed) {
    List<ExampleRow> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(seed));
    return List.copyOf(shuffled);
  }

  private static Tables named(Tables tables) {
    return tables.withTrain(
        tables.train().stream().map(row -> row.withId("row " + row.id())).toList());
  }

  /** Kinds of columns and files. */
  static Stream<Transformation> storage() {
    return Stream.of(
        as("Parquet files", Format.PARQUET),
        as("columns of double precision", Format.DOUBLES),
        as("columns of single precision", Format.FLOATS),
        vectors("dense vectors", Format.DENSE_VECTORS),
        vectors("sparse vectors", Format.SPARSE_VECTORS),
        vectors("dense and sparse vectors", Format.MIXED_VECTORS),
        vectors("sparse vectors with explicit zeros", Format.EXPLICIT_ZEROS),
        Transformation.of(
                "libsvm with explicit zeros",
                setup -> setup.stored(layout -> layout.withFormat(Format.LIBSVM)))
            .from(Base.BARE)
            .notFor(Problem::isEstimator)
            .notFor(problem -> problem.traits().grouped()));
  }

  static Transformation as(String name, Format format) {
    return Transformation.of(
            name, setup -> setup.stored(layout -> layout.withFormat(format).withFiles(2)))
        .notFor(Problem::isEstimator);
  }

  static Transformation vectors(String name, Format format) {
    return Transformation.of(name, setup -> setup.stored(layout -> layout.withFormat(format)));
  }
}

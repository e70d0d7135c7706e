package io.github.sparkbilevel.equivalence;

import io.github.sparkbilevel.equivalence.Layout.Format;
import java.util.stream.Stream;

/** All transformations, one by one and several at once. */
final class Transformations {
  private Transformations() {}

  /** Each for itself, if it applies to the problem. */
  static Stream<Transformation> each(Problem problem) {
    return Stream.of(
            StorageTransformations.all(), WeightTransformations.all(), ColumnTransformations.all())
        .flatMap(all -> all)
        .filter(one -> one.applies().test(problem));
  }

  /** Those that are in none of the runs of {@link #together}, each for itself. */
  static Stream<Transformation> alone(Problem problem) {
    return Stream.of(
            StorageTransformations.storage(),
            WeightTransformations.scaled().skip(1),
            ColumnTransformations.all())
        .flatMap(all -> all)
        .filter(one -> one.applies().test(problem));
  }

  /** Few runs that cover most of them, of those that apply to the problem. */
  static Stream<Transformation> together(Problem problem) {
    Transformation mixed = StorageTransformations.vectors("", Format.MIXED_VECTORS);
    Stream<Transformation> several =
        Stream.of(
            Transformation.together(
                "order, names and files, vectors of both kinds",
                Stream.concat(StorageTransformations.order(), Stream.of(mixed)).toList(),
                problem),
            Transformation.together(
                "weights of training rows",
                Stream.concat(
                        WeightTransformations.ofTraining(), WeightTransformations.scaled().limit(1))
                    .toList(),
                problem),
            Transformation.together(
                "weights of trusted and test rows",
                Stream.concat(
                        WeightTransformations.ofOthers(),
                        WeightTransformations.scaled().skip(3).limit(1))
                    .toList(),
                problem),
            Transformation.together(
                "order, units and names of columns",
                Stream.concat(
                        Stream.of(StorageTransformations.columnsReversed()),
                        ColumnTransformations.light())
                    .toList(),
                problem));
    return Stream.concat(
        several,
        Stream.of(ColumnTransformations.twiceAll(), ColumnTransformations.unusedClass())
            .filter(one -> one.applies().test(problem)));
  }
}

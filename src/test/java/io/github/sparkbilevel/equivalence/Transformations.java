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
                "order, names and files, vectors of both kinds; order, units and names of columns",
                Stream.of(
                        StorageTransformations.order(),
                        Stream.of(mixed, StorageTransformations.columnsReversed()),
                        ColumnTransformations.light())
                    .flatMap(part -> part)
                    .toList(),
                problem),
            Transformation.together(
                "weights of training rows, of trusted and of test rows",
                Stream.of(
                        WeightTransformations.ofTraining(),
                        WeightTransformations.scaled().limit(1),
                        WeightTransformations.ofOthers(),
                        WeightTransformations.scaled().skip(3).limit(1))
                    .flatMap(part -> part)
                    .toList(),
                problem));
    return Stream.concat(
        several,
        Stream.of(ColumnTransformations.twiceAll(), ColumnTransformations.unusedClass())
            .filter(one -> one.applies().test(problem)));
  }
}

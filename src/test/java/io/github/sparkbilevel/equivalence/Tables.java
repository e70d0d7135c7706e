package io.github.sparkbilevel.equivalence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Training, trusted (validation) and test rows with the same features: plain objects, from which
 * every transformation makes others.
 *
 * <p>Features are called as those of a vector, f0, f1, …, so that they keep their names in every
 * layout. All features are numbers of single precision, so that a column of either precision holds
 * the same values.
 *
 * @param features names of the features
 */
record Tables(
    List<String> features,
    List<ExampleRow> train,
    List<ExampleRow> validation,
    List<ExampleRow> test) {

  /** The classes, in the order of their names. */
  static final List<String> CLASSES = List.of("ant", "bee", "cat");

  private static final int TRAIN = 150;
  private static final int VALIDATION = 44;
  private static final int TEST = 40;

  /** Parts, in the order of their ids. */
  private enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  /** Eight features, few of whose values are zero; some lie many deviations from the mean. */
  static Tables dense() {
    return classes(8, new Random(11), Tables::denseRow);
  }

  /** Twelve features, of whose values four of five are zero. */
  static Tables sparse() {
    return classes(12, new Random(12), Tables::sparseRow);
  }

  /** The features of {@link #dense()} with real labels. */
  static Tables regression() {
    Random random = new Random(13);
    return of(
        8,
        part -> {
          double[] x = denseRow(random);
          double noise = (part == Part.TRAIN ? 2 : 1) * random.nextGaussian();
          String target = Double.toString(7 + 3 * x[0] - x[1] + 2 * x[2] + noise);
          return row(random, part, x, target, random.nextBoolean() ? "web" : "zoo");
        });
  }

  private static Tables classes(int features, Random random, Function<Random, double[]> draw) {
    return of(
        features,
        part -> {
          double[] x = draw.apply(random);
          double noise = 0.5 * random.nextGaussian();
          int best = x[0] + noise > 0.6 ? 2 : x[1] - x[2] + noise > 0.2 ? 1 : 0;
          String group = List.of("inn", "web", "zoo").get(random.nextInt(3));
          int share = group.equals("web") ? 2 : 6;
          boolean wrong = part == Part.TRAIN && random.nextInt(share) == 0;
          String label = CLASSES.get(wrong ? (best + 1) % 3 : best);
          return row(random, part, x, label, group);
        });
  }

  private static ExampleRow row(Random random, Part part, double[] x, String label, String group) {
    double[] single = Arrays.stream(x).map(value -> (float) value).toArray();
    int weight = part == Part.TEST ? 1 + random.nextInt(2) : 1 + random.nextInt(3);
    return new ExampleRow(null, single, label, group, weight);
  }

  private static Tables of(int features, Function<Part, ExampleRow> draw) {
    List<String> names = IntStream.range(0, features).mapToObj(j -> "f" + j).toList();
    List<ExampleRow> train = rows(Part.TRAIN, TRAIN, draw);
    List<ExampleRow> validation = rows(Part.VALIDATION, VALIDATION, draw);
    return new Tables(names, train, validation, rows(Part.TEST, TEST, draw));
  }

  private static List<ExampleRow> rows(Part part, int count, Function<Part, ExampleRow> draw) {
    return IntStream.range(0, count)
        .mapToObj(i -> draw.apply(part).withId(Integer.toString(1000 * part.ordinal() + i)))
        .toList();
  }

  private static double[] denseRow(Random random) {
    double[] x = new double[8];
    for (int j = 0; j < x.length; j++) {
      x[j] = 0.3 * j + (1 + 0.2 * j) * random.nextGaussian();
    }
    x[2] = random.nextInt(3) == 0 ? 0 : x[2];
    // Beyond 5 deviations once in a while.
    x[3] = Math.exp(1.6 * random.nextGaussian());
    x[4] = random.nextInt(40) == 0 ? 30 : x[4];
    return x;
  }

  private static double[] sparseRow(Random random) {
    double[] x = new double[12];
    for (int j = 0; j < x.length; j++) {
      boolean filled = random.nextInt(j < 3 ? 2 : 8) == 0;
      x[j] = filled ? 0.5 + Math.exp(0.9 * random.nextGaussian()) : 0;
    }
    return x;
  }

  /** The same rows with their numbers for ids and for the names of classes. */
  Tables numbered() {
    return new Tables(features, numbered(train), numbered(validation), numbered(test));
  }

  private static List<ExampleRow> numbered(List<ExampleRow> rows) {
    return IntStream.range(0, rows.size())
        .mapToObj(
            i -> {
              ExampleRow row = rows.get(i).withId(Integer.toString(i));
              int label = CLASSES.indexOf(row.label());
              return label < 0 ? row : row.withLabel(Integer.toString(label));
            })
        .toList();
  }

  /** The index of a feature. */
  int indexOf(String feature) {
    return features.indexOf(feature);
  }

  /** All rows, changed one by one. */
  Tables each(UnaryOperator<ExampleRow> change) {
    return new Tables(
        features,
        train.stream().map(change).toList(),
        validation.stream().map(change).toList(),
        test.stream().map(change).toList());
  }

  Tables withTrain(List<ExampleRow> other) {
    return new Tables(features, other, validation, test);
  }

  Tables withValidation(List<ExampleRow> other) {
    return new Tables(features, train, other, test);
  }

  Tables withTest(List<ExampleRow> other) {
    return new Tables(features, train, validation, other);
  }

  /** Every feature vector changed, under other names of the features. */
  Tables withFeatures(List<String> names, UnaryOperator<double[]> change) {
    Tables changed = each(row -> row.withX(change.apply(row.x())));
    return new Tables(names, changed.train, changed.validation, changed.test);
  }

  /** Every value of a feature changed. */
  Tables withValues(String feature, UnaryOperator<Double> change) {
    int j = indexOf(feature);
    return withFeatures(
        features,
        x -> {
          double[] other = x.clone();
          other[j] = change.apply(x[j]);
          return other;
        });
  }

  /** The deviation of a feature over the training rows. */
  double deviation(String feature) {
    int j = indexOf(feature);
    double mean = train.stream().mapToDouble(row -> row.x()[j]).average().orElseThrow();
    double square =
        train.stream().mapToDouble(row -> Math.pow(row.x()[j] - mean, 2)).average().orElseThrow();
    return Math.sqrt(square);
  }

  /** Rows and further ones. */
  static List<ExampleRow> plus(List<ExampleRow> rows, Stream<ExampleRow> more) {
    List<ExampleRow> all = new ArrayList<>(rows);
    more.forEach(all::add);
    return List.copyOf(all);
  }
}

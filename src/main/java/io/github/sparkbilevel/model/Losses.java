package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Losses by name: those of the library, and those of the jars of users. */
public final class Losses {
  /** Huber's loss, whose threshold comes from the labels unless it is told. */
  public static final String HUBER = "huber";

  private static final String QUANTILE = "quantile";

  /** Those of real labels, as they are written. */
  private static final List<String> FORMS =
      List.of(
          SquaredLoss.NAME,
          HUBER,
          HUBER + " δ",
          QUANTILE + " τ",
          QUANTILE + " τ h",
          TweedieLoss.POISSON,
          TweedieLoss.GAMMA,
          TweedieLoss.TWEEDIE + " q");

  /**
   * h of {@link QuantileLoss} by the range between the quartiles of the labels. That range itself
   * is δ of {@link HuberLoss}: 1.35 deviations of normal labels, where Huber's estimate is 5 % less
   * efficient than the mean (Huber, Annals of Mathematical Statistics, 1964).
   */
  private static final double SMOOTHING = 0.04;

  /** What fits probabilities of classes: the loss of classifiers, unless told otherwise. */
  public static final String CROSS_ENTROPY = "cross-entropy";

  /** The losses of one margin for two classes. */
  public static final List<String> OF_TWO_CLASSES = List.of(CROSS_ENTROPY, SquaredHingeLoss.NAME);

  private Losses() {}

  /**
   * What is known of the labels.
   *
   * @param sorted labels, or a sample of them, in rising order; asked for where it is needed
   */
  public record Labels(double mean, Supplier<double[]> sorted) {}

  /** Quantiles of labels. */
  private record Quantiles(double[] sorted) {

    double at(double share) {
      return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** The range between the quartiles, or where that is 0 the whole range. */
    double range() {
      double middle = at(0.75) - at(0.25);
      double range = middle > 0 ? middle : at(1) - at(0);
      return range > 0 ? range : 1;
    }
  }

  /**
   * The loss of real labels of a name or a class name, for labels between −1 and 1.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss of(String text) {
    return forLabels(text, new Labels(0, () -> new double[] {-1, 0, 1}));
  }

  /**
   * The loss of real labels of a name or a class name.
   *
   * @param text such as {@code poisson} or {@code quantile 0.9}
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss forLabels(String text, Labels labels) {
    List<Loss> ofJars = Services.all(Loss.class);
    return ofLibrary(text, labels)
        .or(() -> Services.named(text, ofJars, Loss::name))
        .orElseThrow(() -> unknown(text, FORMS, ofJars));
  }

  /**
   * The loss of a name or a class name, of real labels or of so many classes, or labels of a row.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss of(String name, int classes) {
    if (classes == 0) {
      return of(name);
    }
    List<Loss> all = new ArrayList<>(List.of(new LogisticLoss(), new SquaredHingeLoss()));
    all.add(new MultiLabelLoss(classes));
    if (classes > 1) {
      all.add(new SoftmaxLoss(classes));
    }
    all.addAll(Services.all(Loss.class));
    return Services.named(name, all, Loss::name).orElseThrow(() -> unknown(name, List.of(), all));
  }

  /**
   * The loss of one margin for two classes.
   *
   * @param name one of {@link #OF_TWO_CLASSES}
   */
  public static Loss ofTwoClasses(String name) {
    return switch (name) {
      case CROSS_ENTROPY -> new LogisticLoss();
      case SquaredHingeLoss.NAME -> new SquaredHingeLoss();
      default ->
          throw new IllegalArgumentException(
              "got the loss '%s' of two classes, expected one of %s"
                  .formatted(name, String.join(", ", OF_TWO_CLASSES)));
    };
  }

  /** What {@link #of(String, int)} reads: a loss of a jar by its class, whose name may be taken. */
  public static String text(Loss loss) {
    boolean ofLibrary = loss.getClass().getPackage().equals(Losses.class.getPackage());
    return ofLibrary && loss instanceof RealLoss ? loss.name() : loss.getClass().getName();
  }

  private static Optional<Loss> ofLibrary(String text, Labels labels) {
    String[] words = text.strip().split("\\s+");
    String name = words[0];
    double log = labels.mean > 0 ? Math.log(labels.mean) : 0;
    if (name.equals(SquaredLoss.NAME) || name.equals(SquaredLoss.class.getName())) {
      numbers(words, 0, 0);
      return Optional.of(new SquaredLoss());
    }
    return switch (name) {
      case HUBER -> {
        double[] given = numbers(words, 0, 1);
        Quantiles quantiles = new Quantiles(labels.sorted.get());
        double delta = given.length > 0 ? given[0] : quantiles.range();
        yield Optional.of(new HuberLoss(delta, quantiles.at(0.5)));
      }
      case QUANTILE -> {
        double[] given = numbers(words, 1, 2);
        Quantiles quantiles = new Quantiles(labels.sorted.get());
        double h = given.length > 1 ? given[1] : SMOOTHING * quantiles.range();
        double start = quantiles.at(Math.max(0, Math.min(1, given[0])));
        yield Optional.of(new QuantileLoss(given[0], h, start));
      }
      case TweedieLoss.POISSON, TweedieLoss.GAMMA -> {
        numbers(words, 0, 0);
        yield Optional.of(new TweedieLoss(name.equals(TweedieLoss.POISSON) ? 1 : 2, log));
      }
      case TweedieLoss.TWEEDIE -> Optional.of(new TweedieLoss(numbers(words, 1, 1)[0], log));
      default -> Optional.empty();
    };
  }

  /** The numbers behind a name. */
  private static double[] numbers(String[] words, int least, int most) {
    String[] given = Arrays.copyOfRange(words, 1, words.length);
    if (given.length < least || given.length > most) {
      throw new IllegalArgumentException(
          "got the loss '%s', expected one of %s"
              .formatted(
                  String.join(" ", words),
                  String.join(
                      ", ", FORMS.stream().filter(form -> form.startsWith(words[0])).toList())));
    }
    return Arrays.stream(given).mapToDouble(Losses::number).toArray();
  }

  private static double number(String word) {
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "got '%s' in the name of the loss, expected a number".formatted(word), e);
    }
  }

  static void requirePositive(String what, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "got the %s %s, expected a number > 0".formatted(what, value));
    }
  }

  private static IllegalArgumentException unknown(String name, List<String> forms, List<Loss> all) {
    List<String> known = new ArrayList<>(forms);
    all.forEach(loss -> known.add(loss.name()));
    return new IllegalArgumentException(
        "got the loss '%s', expected one of %s; give the jar that has it by --jars"
            .formatted(name, String.join(", ", known)));
  }
}

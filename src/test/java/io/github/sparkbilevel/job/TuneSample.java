package io.github.sparkbilevel.job;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Rows whose labels depend on the features a and b; c, d and e are noise. Every third row comes
 * from a source that makes labels up.
 *
 * @param labels class indices or targets
 */
public record TuneSample(String family, double[][] x, double[] labels) {
  static final List<String> FEATURES = List.of("a", "b", "c", "d", "e");

  /** The classes of softmax, in their order. */
  static final List<String> COLORS = List.of("blue", "green", "red");

  private static final List<String> ANSWERS = List.of("no", "yes");

  public static TuneSample of(String family, int rows, long seed) {
    Random random = new Random(seed);
    double[][] x = new double[rows][FEATURES.size()];
    double[] labels = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < x[i].length; j++) {
        x[i][j] = 0.5 * j + random.nextGaussian();
      }
      double noise = random.nextGaussian();
      double a = x[i][0];
      double b = x[i][1] - 0.5;
      boolean madeUp = i % 3 == 0;
      labels[i] =
          switch (family) {
            case "linear" -> 7 + 3 * a - 2 * b + (madeUp ? 4 : 1) * noise;
            case "logistic" -> (madeUp ? 0 : 2 * a - b) + noise > 0 ? 1 : 0;
            default -> madeUp ? random.nextInt(3) : a + noise > 0.7 ? 2 : b + noise > 0 ? 1 : 0;
          };
    }
    return new TuneSample(family, x, labels);
  }

  /** The label of a row as the files have it. */
  public String label(int row) {
    return switch (family) {
      case "linear" -> Double.toString(labels[row]);
      case "logistic" -> ANSWERS.get((int) labels[row]);
      default -> COLORS.get((int) labels[row]);
    };
  }

  public String csv() {
    StringBuilder csv = new StringBuilder("label,a,b,c,d,e,source\n");
    for (int i = 0; i < x.length; i++) {
      csv.append(label(i));
      for (double value : x[i]) {
        csv.append(',').append(value);
      }
      csv.append(i % 3 == 0 ? ",web\n" : ",zoo\n");
    }
    return csv.toString();
  }

  public String libsvm() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < x.length; i++) {
      text.append(labels[i]);
      for (int j = 0; j < x[i].length; j++) {
        text.append(' ').append(j + 1).append(':').append(x[i][j]);
      }
      text.append('\n');
    }
    return text.toString();
  }

  LinearModel model() {
    return new LinearModel(
        switch (family) {
          case "linear" -> new SquaredLoss();
          case "logistic" -> new LogisticLoss();
          default -> new SoftmaxLoss(3);
        },
        FEATURES.size(),
        true);
  }

  private DenseReference reference() {
    return new DenseReference(model(), new Rows(x, labels, null, null, null, null));
  }

  /** The loss on the validation rows of the model that these rows and penalties by name make. */
  public double validationLoss(
      TuneSample validation, String variable, Map<String, Double> penalties) {
    LinearModel model = model();
    double[] c = new double[model.size()];
    Arrays.setAll(
        c, j -> model.isIntercept(j) ? 0 : penalties.get(nameOf(variable, j, model)).doubleValue());
    double[] ones = DenseReference.filled(x.length, 1);
    double[] theta = reference().minimize(new double[model.size()], ones, c);
    return validation
        .reference()
        .value(theta, DenseReference.filled(validation.x.length, 1), new double[c.length]);
  }

  /** The name of the penalty of a coefficient. */
  private String nameOf(String variable, int j, LinearModel model) {
    String feature = FEATURES.get(j % model.columnLength());
    String output = family.equals("softmax") ? COLORS.get(j / model.columnLength()) : "yes";
    return switch (variable) {
      case "l2-per-class" -> output;
      case "l2-per-feature" -> feature;
      case "l2-per-coefficient" -> model.outputs() == 1 ? feature : feature + ":" + output;
      case "l2-per-group" -> "ab".contains(feature) ? "useful" : "noise";
      default -> "l2";
    };
  }
}

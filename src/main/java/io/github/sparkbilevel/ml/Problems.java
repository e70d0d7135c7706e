package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperFacts;
import io.github.sparkbilevel.problem.UpperVariable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The bilevel problem of a lower and an upper level, for the data at hand. */
public final class Problems {
  private Problems() {}

  /**
   * The problem.
   *
   * @throws IllegalArgumentException when the data lack what the upper level tunes
   */
  public static BilevelProblem of(LowerLevel lower, UpperLevel upper, PreparedData data) {
    return of(lower, upper, data, JudgedClasses.ALL);
  }

  /**
   * The problem where λ learns nothing from the rows of some classes.
   *
   * @param judged the classes whose rows take part in ∇_λΦ
   */
  static BilevelProblem of(
      LowerLevel lower, UpperLevel upper, PreparedData data, JudgedClasses judged) {
    Model model = model(lower, data);
    UpperFacts facts = new Facts(model, lower.penalizeIntercept(), judged, upper, data);
    List<UpperVariable> variables = new ArrayList<>();
    if (upper.weights() != null) {
      variables.add(upper.weights().create(facts, upper.weightsStart()));
    }
    variables.add(
        upper.penalty() == null
            ? Penalty.fixed(model, lower.l2(), lower.penalizeIntercept())
            : upper.penalty().create(facts, upper.penaltyStart()));
    return new BilevelProblem(model, variables);
  }

  private static Model model(LowerLevel lower, PreparedData data) {
    int features = data.tables().train().columns();
    return lower.family() == LowerLevel.Family.MLP
        ? lower.network().of(loss(lower, data), features)
        : new LinearModel(loss(lower, data), features, lower.intercept());
  }

  private static Loss loss(LowerLevel lower, PreparedData data) {
    return switch (lower.family()) {
      case LINEAR -> new SquaredLoss();
      case LOGISTIC -> new LogisticLoss();
      case SOFTMAX, MLP -> new SoftmaxLoss(data.tables().classes().size());
    };
  }

  /** What upper variables may know of prepared data. */
  private static final class Facts implements UpperFacts {
    private final Model model;
    private final boolean penalizeIntercept;
    private final JudgedClasses judged;
    private final List<String> features;
    private final List<String> classes;
    private final List<String> groups;
    private final FeatureGroups featureGroups;

    Facts(
        Model model,
        boolean penalizeIntercept,
        JudgedClasses judged,
        UpperLevel upper,
        PreparedData data) {
      this.model = model;
      this.penalizeIntercept = penalizeIntercept;
      this.judged = judged;
      this.features = data.tables().train().featureNames();
      this.classes = model.loss().classes() == 0 ? List.of() : data.tables().classes().names();
      this.groups = hasGroups(data) ? data.tables().groups().names() : List.of();
      this.featureGroups =
          upper.groups() == null ? new FeatureGroups(new int[0], List.of()) : upper.groups();
    }

    @Override
    public Model model() {
      return model;
    }

    @Override
    public boolean penalizeIntercept() {
      return penalizeIntercept;
    }

    @Override
    public JudgedClasses judged() {
      return judged;
    }

    @Override
    public List<String> features() {
      return features;
    }

    @Override
    public List<String> classes() {
      return classes;
    }

    @Override
    public List<String> groups() {
      return groups;
    }

    @Override
    public List<String> featureGroups() {
      return featureGroups.names();
    }

    @Override
    public int[] groupOfFeature() {
      return featureGroups.groupOf();
    }
  }

  /** Whether the training rows have groups at all. */
  public static boolean hasGroups(PreparedData data) {
    return !data.tables().train().stats().groups().isEmpty();
  }

  /** The driver's λ at the start, as told. */
  public static double[] initialLambda(UpperLevel upper, BilevelProblem problem) {
    double[] lambda = new double[problem.sharedSize()];
    int at = 0;
    for (UpperVariable variable : problem.variables()) {
      double start = variable.weighsRows() ? upper.weightsStart() : upper.penaltyStart();
      Vectors.copyTo(variable.start(start), lambda, at);
      at += variable.size();
    }
    return lambda;
  }

  /** Names of the entries of the driver's λ; made when they are asked for. */
  public static List<String> names(UpperLevel upper, BilevelProblem problem, PreparedData data) {
    // What they were made with beside the data names no entry.
    UpperFacts facts = new Facts(problem.model(), false, JudgedClasses.ALL, upper, data);
    return new AbstractList<>() {
      @Override
      public String get(int j) {
        int at = j;
        for (UpperVariable variable : problem.variables()) {
          if (at < variable.size()) {
            return variable.entryName(at, facts);
          }
          at -= variable.size();
        }
        throw new IndexOutOfBoundsException(j);
      }

      @Override
      public int size() {
        return problem.sharedSize();
      }
    };
  }

  /** The name of a feature, or of what comes after the last one. */
  static String feature(PreparedData data, int j) {
    List<String> features = data.tables().train().featureNames();
    return j < features.size() ? features.get(j) : UpperFacts.INTERCEPT;
  }

  /** The class that an output of the model stands for; null where there are no classes. */
  static String output(BilevelProblem problem, PreparedData data, int k) {
    Model model = problem.model();
    return model.loss().classes() == 0
        ? null
        : data.tables().classes().name(model.outputs() == 1 ? 1 : k);
  }

  /**
   * The curvature of a word, if it can work for the problem.
   *
   * @throws IllegalArgumentException when it cannot, with the memory that it would take
   */
  public static Curvature curvature(String word, int sketchColumns, BilevelProblem problem) {
    Curvature forced = Curvature.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    forced.requireFits(problem, sketchColumns);
    return forced;
  }
}

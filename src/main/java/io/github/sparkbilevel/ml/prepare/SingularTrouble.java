package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.linalg.LinearDependence;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.rows.BlockFacts;
import io.github.sparkbilevel.spark.rows.ColumnGram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds what a linear model cannot determine without a penalty: columns that depend on each other,
 * classes that are told apart without an error, more coefficients than rows.
 */
final class SingularTrouble {
  /** A penalty below this share of what the data give is no help against rounding. */
  private static final double NO_PENALTY = 1e-13;

  /** With a penalty above this coefficients do not grow far. */
  private static final double HOLDS = 1e-6;

  /** Columns up to which their Gram matrix is formed. */
  private static final int MOST_COLUMNS = 1024;

  private final PreparedData data;
  private final UpperLevel upper;
  private final BilevelProblem problem;
  private final BlockFacts facts;
  private final Trouble.Where where;
  private final ParameterBlock layer;
  private final double[] least;

  SingularTrouble(
      PreparedData data,
      UpperLevel upper,
      BilevelProblem problem,
      BlockFacts facts,
      Trouble.Where where) {
    this.data = data;
    this.upper = upper;
    this.problem = problem;
    this.facts = facts;
    this.where = where;
    this.layer = problem.model().last();
    this.least = leastPenalties();
  }

  /** What to look for, in this order. */
  List<Supplier<Optional<Trouble.Cause>>> looks() {
    return !problem.model().isLinear() || !where.isSingular()
        ? List.of()
        : List.of(this::fewRows, this::dependence, this::separation, this::softmax);
  }

  /** The least penalty of each feature over the outputs. */
  private double[] leastPenalties() {
    double[] strengths = problem.penaltyDiagonal(where.lambda());
    problem
        .kinks(where.lambda())
        .ifPresent(kinks -> Vectors.addTo(strengths, 1, kinks.groups().spread(kinks.widths())));
    double[] penalties = new double[layer.inputs()];
    Arrays.fill(penalties, Double.POSITIVE_INFINITY);
    for (int j = 0; problem.model().isLinear() && j < strengths.length; j++) {
      int feature = j % layer.height();
      if (feature < penalties.length) {
        penalties[feature] = Math.min(penalties[feature], strengths[j]);
      }
    }
    return penalties;
  }

  private boolean hasPenalty(int feature) {
    double size = facts.largest()[feature];
    return least[feature] > NO_PENALTY * (size > 0 ? size * size : 1);
  }

  private long freeColumns() {
    long free = layer.bias() ? 1 : 0;
    for (int j = 0; j < least.length; j++) {
      free += hasPenalty(j) ? 0 : 1;
    }
    return free;
  }

  private Optional<Trouble.Cause> fewRows() {
    long free = freeColumns();
    return facts.rows() >= free
        ? Optional.empty()
        : Optional.of(
            new Trouble.Cause(
                "%,d training rows cannot determine %,d coefficients that are not penalised"
                    .formatted(facts.rows(), free),
                raise() + " or give more rows"));
  }

  private Optional<Trouble.Cause> dependence() {
    double[] largest = facts.largest();
    for (int j = 0; j < largest.length; j++) {
      if (largest[j] == 0 && !hasPenalty(j)) {
        String kept = data.standardizer().isIdentity() ? " is 0" : " is the same";
        return Optional.of(
            new Trouble.Cause(
                "the column " + name(j) + kept + " in every training row",
                "leave the column out, or " + raise()));
      }
    }
    if (largest.length > MOST_COLUMNS || facts.rows() < freeColumns()) {
      return Optional.empty();
    }
    int n = largest.length + 1;
    double[] gram = ColumnGram.of(data.blocks(), largest, facts.weight().size());
    for (int j = 0; j < largest.length; j++) {
      double size = largest[j] > 0 ? largest[j] * largest[j] : 1;
      gram[(j + 1) * (n + 1)] += least[j] / size;
    }
    int first = layer.bias() ? 0 : 1;
    return LinearDependence.first(from(gram, n, first), n - first)
        .map(found -> named(found, first));
  }

  /** The matrix without its first rows and columns. */
  private static double[] from(double[] matrix, int n, int first) {
    int size = n - first;
    double[] part = new double[size * size];
    for (int j = 0; j < size; j++) {
      System.arraycopy(matrix, first + (j + first) * n, part, j * size, size);
    }
    return part;
  }

  private Trouble.Cause named(LinearDependence found, int first) {
    String column = name(found.column() - 1 + first);
    List<String> others = new ArrayList<>();
    boolean constant = false;
    for (int other : found.others()) {
      if (other + first == 0) {
        constant = true;
      } else {
        others.add(name(other - 1 + first));
      }
    }
    String remedy = "leave one of them out, or " + raise();
    if (others.isEmpty()) {
      return new Trouble.Cause(
          "the column " + column + " is constant, as the intercept is",
          "leave the column out, set standardize = true, or " + raise());
    }
    String rest = Names.shortList(others) + (constant ? " and the intercept" : "");
    return new Trouble.Cause(
        others.size() == 1 && !constant
            ? "the columns " + others.get(0) + " and " + column + " are the same up to scale"
            : "the column " + column + " is a linear combination of " + rest,
        remedy);
  }

  private Optional<Trouble.Cause> separation() {
    List<String> names = new ArrayList<>();
    boolean free = Arrays.stream(least).anyMatch(penalty -> penalty < HOLDS);
    int classes = problem.model().loss().classes();
    for (int k = 0; free && k < classes; k++) {
      if (facts.rowsOfClass(k) > 0 && facts.errorsOfClass(k) == 0) {
        names.add(Names.quote(data.tables().classes().name(k)));
      }
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Trouble.Cause(
                "the model tells the rows of %s from the others without an error, so that its"
                        .formatted(Names.shortList(names))
                    + " coefficients grow without bound",
                raise()));
  }

  private Optional<Trouble.Cause> softmax() {
    List<String> free = new ArrayList<>();
    for (int j = 0; problem.model().loss().hasFreeShift() && j < least.length; j++) {
      if (!hasPenalty(j)) {
        free.add(name(j));
      }
    }
    if (free.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Trouble.Cause(
            "softmax does not determine the coefficients of "
                + Names.shortList(free)
                + " without a penalty"
                + vanished(),
            raise()));
  }

  /** The entries of λ whose penalties have vanished. */
  private String vanished() {
    List<String> names = new ArrayList<>();
    for (int j = problem.weighingSize(); j < where.lambda().length; j++) {
      if (Math.exp(where.lambda()[j]) < NO_PENALTY) {
        names.add(Names.quote(Problems.names(upper, problem, data).get(j)));
      }
    }
    return names.isEmpty() ? "" : " (that of " + Names.shortList(names) + " has vanished)";
  }

  private String raise() {
    return problem.penaltySize() > 0 ? "raise the lower bound of λ" : "raise l2";
  }

  private String name(int feature) {
    return Names.quote(Problems.facts(problem.model(), data).feature(feature));
  }
}

package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.UpperFacts;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.rows.BlockFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what is behind numerical trouble and calls it by its name: an entry of λ, a row of extreme
 * weight or label, a column, a class.
 *
 * <p>Costs nothing until there is trouble; then at most two scans of the cached rows, which are not
 * passes of the run. It looks at the data and not at the solver, so that it does not matter where
 * the trouble came up.
 */
public record Trouble(PreparedData data, UpperLevel upper, BilevelProblem problem) {
  private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);

  /** An e^λ above this leaves no number of the run in reach of its square. */
  private static final double MOST_PENALTY = 1e100;

  /** Beside a number that is larger by this factor the digits of another one are lost. */
  private static final double DWARFS = 1e12;

  /** Labels above this overflow in the square. */
  private static final double MOST_LABEL = 1e100;

  /** Above this the rounding errors of labels exceed a gradient that is solved to accuracy. */
  private static final double LARGE_LABEL = 1e4;

  private static final int MOST_CAUSES = 2;

  /**
   * Where a run stopped.
   *
   * @param lambda the driver's λ
   * @param theta the parameters of the model
   */
  public record Where(Status status, double[] lambda, double[] theta) {
    /** Whether something kept the system from being solved, though all numbers were finite. */
    boolean isSingular() {
      return status != Status.NOT_FINITE;
    }
  }

  /** The failure of a step: what happened, what caused it, and what to try. */
  public NumericsException failure(String step, Where where) {
    return new NumericsException(step + ": " + sentence(where));
  }

  /** What happened, what caused it, and what to try; without a cause the advice of the status. */
  public String sentence(Where where) {
    List<Cause> causes = causes(where);
    if (causes.isEmpty()) {
      return where.status() == Status.STALLED
          ? where.status().event() + "; raise l2 or the tolerance"
          : where.status().advice();
    }
    StringBuilder text = new StringBuilder(where.status().event());
    for (int c = 0; c < causes.size(); c++) {
      text.append(c == 0 ? " because " : ", and ").append(causes.get(c).what());
    }
    return text.append("; ").append(causes.get(0).remedy()).toString();
  }

  /** A cause by its name, and what to try. */
  record Cause(String what, String remedy) {}

  private List<Cause> causes(Where where) {
    List<Cause> causes = new ArrayList<>();
    try {
      Optional<Cause> extreme = extremePenalty(where.lambda());
      if (extreme.isPresent()) {
        return List.of(extreme.get());
      }
      BlockFacts facts =
          BlockFacts.of(
              data.blocks(), problem.model(), ColumnTrouble.small(problem, where.theta()));
      extreme =
          extremeWeight(facts)
              .or(() -> extremeLabel(facts, where))
              .or(() -> new ColumnTrouble(data, problem).magnitude(facts));
      if (extreme.isPresent()) {
        return List.of(extreme.get());
      }
      SingularTrouble singular = new SingularTrouble(data, upper, problem, facts, where);
      for (Supplier<Optional<Cause>> look : singular.looks()) {
        look.get().ifPresent(causes::add);
      }
      if (causes.isEmpty()) {
        infiniteCoefficient(where.theta()).ifPresent(causes::add);
      }
    } catch (RuntimeException e) {
      // The run has failed already, and that is what the user must learn.
      LOG.warn("the cause of numerical trouble was not found: {}", e.toString());
    }
    return causes.subList(0, Math.min(MOST_CAUSES, causes.size()));
  }

  private Optional<Cause> extremePenalty(double[] lambda) {
    List<String> names = new ArrayList<>();
    double first = 0;
    for (int j = problem.weighingSize(); j < lambda.length; j++) {
      if (!(Math.exp(lambda[j]) <= MOST_PENALTY)) {
        names.add(Names.quote(Problems.names(upper, problem, data).get(j)));
        first = names.size() == 1 ? lambda[j] : first;
      }
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Cause(
                "e^λ is out of range for the penalty of %s (λ = %s)"
                    .formatted(Names.shortList(names), number(first)),
                "start λ nearer to 0 (upper.initial), or narrow its bounds"));
  }

  private Optional<Cause> infiniteCoefficient(double[] theta) {
    for (int j = 0; j < theta.length; j++) {
      if (!Double.isFinite(theta[j])) {
        return Optional.of(
            new Cause(
                "the coefficient " + coefficient(j) + " is " + theta[j],
                "standardise the data or raise l2"));
      }
    }
    return Optional.empty();
  }

  /** The name of a parameter of the model. */
  private String coefficient(int j) {
    if (!problem.model().isLinear()) {
      return "number " + j + " of the network";
    }
    int height = problem.model().last().height();
    UpperFacts facts = Problems.facts(problem.model(), data);
    String output = facts.output(j / height);
    return "of "
        + Names.quote(facts.feature(j % height))
        + (output == null ? "" : " for class " + Names.quote(output));
  }

  private Optional<Cause> extremeWeight(BlockFacts facts) {
    if (!(facts.weight().size() > DWARFS * facts.leastWeight())) {
      return Optional.empty();
    }
    Example row = row(data.tables().train(), facts.weight()).orElseThrow();
    return Optional.of(
        new Cause(
            "row '%s' has the weight %s, %s times the least one"
                .formatted(
                    row.displayId(),
                    number(row.weight()),
                    number(facts.weight().size() / facts.leastWeight())),
            "correct the weight: weights may differ by a factor of 1e12 at most"));
  }

  private Optional<Cause> extremeLabel(BlockFacts facts, Where where) {
    boolean inTrusted = facts.labelTrusted().size() > facts.label().size();
    BlockFacts.Extreme label = inTrusted ? facts.labelTrusted() : facts.label();
    double most = label.size();
    boolean overflows = most > MOST_LABEL;
    boolean blurs = where.status().isUsable() && most > LARGE_LABEL;
    if (problem.model().loss().classes() > 0 || !overflows && !blurs) {
      return Optional.empty();
    }
    Example row =
        row(inTrusted ? data.tables().validation() : data.tables().train(), label).orElseThrow();
    return Optional.of(
        new Cause(
            "%srow '%s' has the label %s"
                .formatted(inTrusted ? "the trusted " : "", row.displayId(), row.label()),
            overflows
                ? "correct the label or rescale the labels, whose squares overflow"
                : "rescale the labels, or raise the tolerance in proportion to them"));
  }

  /** A row as it was read. */
  private static Optional<Example> row(Table table, BlockFacts.Extreme extreme) {
    long id = extreme.id();
    List<Example> found = table.examples().filter(row -> row.id() == id).take(1);
    return found.stream().findFirst();
  }

  /** A number with three digits. */
  static String number(double value) {
    return Math.abs(value) >= 1e4 || value != 0 && Math.abs(value) < 1e-2
        ? String.format(Locale.ROOT, "%.2e", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }
}

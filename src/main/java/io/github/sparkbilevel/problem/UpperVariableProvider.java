package io.github.sparkbilevel.problem;

/**
 * Makes an {@link UpperVariable} that job files and estimators choose by its name.
 *
 * <p>A jar adds one by naming a class with a public constructor without arguments in {@code
 * META-INF/services/io.github.sparkbilevel.problem.UpperVariableProvider}; {@link UpperVariables}
 * finds it. Its λ is on the driver, and the jobs {@code tune} and {@code hypergradient} know it.
 */
public interface UpperVariableProvider {

  /**
   * A penalty that makes coefficients 0 at the start: weak, for what is 0 has no derivative to come
   * back by.
   */
  double SPARSITY_START = 1e-4;

  /** What a variable has its part in; there may be one of each kind, the weights first. */
  enum Kind {
    /** The weights of rows. */
    WEIGHTS,
    /** The penalty, in place of the fixed l2. */
    PENALTY,
    /** A penalty that makes coefficients 0, beside the l2. */
    SPARSITY;

    /** Whether a name is that of a variable of this kind. */
    public boolean has(String name) {
      return UpperVariables.find(name).filter(variable -> variable.kind() == this).isPresent();
    }
  }

  /** The name in job files and params, in lower case with hyphens. */
  String label();

  /** The kind. */
  Kind kind();

  /** Whether the user has to put the features into groups. */
  default boolean needsFeatureGroups() {
    return false;
  }

  /** Whether groups of features make a difference, if the user gives some. */
  default boolean takesFeatureGroups() {
    return needsFeatureGroups();
  }

  /** The least and the greatest λ unless the user gives bounds; a new array. */
  default double[] bounds() {
    return kind() == Kind.WEIGHTS
        ? new double[] {-10, 10}
        : new double[] {Math.log(1e-10), Math.log(1e4)};
  }

  /**
   * Where λ starts unless the user says it.
   *
   * @param l2 the fixed penalty of the lower level
   */
  default double start(double l2) {
    return switch (kind()) {
      case WEIGHTS -> 0;
      case PENALTY -> Math.log(l2);
      case SPARSITY -> Math.log(SPARSITY_START);
    };
  }

  /** What the value λ_j stands for in reports: σ(λ) for weights, e^λ for penalties. */
  default double meaning(double lambda) {
    return kind() == Kind.WEIGHTS ? 1 / (1 + Math.exp(-lambda)) : Math.exp(lambda);
  }

  /**
   * Makes the variable for the data at hand.
   *
   * @param start where λ starts
   * @throws IllegalArgumentException when the data lack what it needs, in one sentence that says
   *     what was found, what was expected and what to try
   */
  UpperVariable create(UpperFacts facts, double start);
}

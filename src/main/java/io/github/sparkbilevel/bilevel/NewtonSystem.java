package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.DenseSolver;
import io.github.sparkbilevel.curvature.JacobiPreconditioner;
import io.github.sparkbilevel.curvature.NystromSketch;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Extra;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Neumann;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.Optional;

/**
 * Solves (H + δI) x = b for several right-hand sides at a point, by the curvature that was chosen.
 *
 * <p>Cost in passes: the number of products, and none beside the evaluation that formed H for
 * {@code exact}. What a preconditioner is made of comes with evaluations, every {@code refresh}
 * solves, and serves in between; a sketch costs a product of its own, and is made anew once the
 * solves take half as many products again as the first one after it did. A sample of rows costs a
 * product, too, every {@code refresh} solves.
 */
final class NewtonSystem {
  /** Solves that take fewer products more than this than at first do not ask for a new sketch. */
  private static final int SPARE_PRODUCTS = 5;

  private static final long SKETCH_SEED = 20260117L;

  private final Curvature curvature;
  private double damping;
  private final int refresh;
  private final int sketchColumns;
  private Preconditioner preconditioner = Preconditioner.identity();
  private int sinceKnown = Integer.MAX_VALUE;
  private int solves;
  private final KroneckerCurvature kronecker;
  private double neumannStep;
  private double[] diagonal;
  private NystromSketch sketch;
  private int firstProducts;
  private boolean sketchIsOld;
  private final SampledCurvature sampled;

  NewtonSystem(Curvature curvature, double damping, int refresh) {
    this(curvature, damping, refresh, Curvature.SKETCH_COLUMNS);
  }

  NewtonSystem(Curvature curvature, double damping, int refresh, int sketchColumns) {
    this(curvature, damping, refresh, sketchColumns, KroneckerSettings.DEFAULT);
  }

  /**
   * Sets up the solver; holds nothing yet.
   *
   * @param refresh solves between two computations of what the preconditioner is made of
   * @param sketchColumns columns of the Nyström sketch
   * @param factors how the factors of a network are used
   */
  NewtonSystem(
      Curvature curvature,
      double damping,
      int refresh,
      int sketchColumns,
      KroneckerSettings factors) {
    this.curvature = curvature;
    this.damping = damping;
    this.refresh = refresh;
    this.sketchColumns = sketchColumns;
    this.kronecker = new KroneckerCurvature(curvature == Curvature.EKFAC_CG, factors);
    this.sampled = new SampledCurvature(factors);
  }

  /** δ. */
  double damping() {
    return damping;
  }

  /** Sets δ for the solves to come. */
  void damp(double newDamping) {
    damping = newDamping;
  }

  /** Writes down what is kept from one solve to the next. */
  void save(Snapshot snapshot) {
    snapshot.put("damping", damping);
    snapshot.put("sinceKnown", sinceKnown);
    snapshot.put("solves", solves);
    snapshot.put("neumannStep", neumannStep);
    snapshot.put("diagonal", diagonal);
    snapshot.put("firstProducts", firstProducts);
    snapshot.put("sketchIsOld", sketchIsOld ? 1 : 0);
    double[][] columns = sketch == null ? null : sketch.columns();
    if (columns != null) {
      snapshot.put("sketch", columns.length);
      for (int c = 0; c < columns.length; c++) {
        snapshot.put("sketch" + c, columns[c]);
      }
    }
    kronecker.save(snapshot.in("kronecker"));
    sampled.save(snapshot.in("sampled"));
  }

  /** Keeps what {@link #save} wrote; the preconditioner is made of it at the next solve. */
  void restore(Snapshot snapshot) {
    damping = snapshot.number("damping");
    sinceKnown = snapshot.integer("sinceKnown");
    solves = snapshot.integer("solves");
    neumannStep = snapshot.number("neumannStep");
    diagonal = snapshot.numbersOrNull("diagonal");
    firstProducts = snapshot.integer("firstProducts");
    sketchIsOld = snapshot.number("sketchIsOld") != 0;
    if (snapshot.has("sketch")) {
      double[][] columns = new double[snapshot.integer("sketch")][];
      Arrays.setAll(columns, c -> snapshot.numbers("sketch" + c));
      sketch = NystromSketch.ofColumns(columns);
    }
    kronecker.restore(snapshot.in("kronecker"));
    sampled.restore(snapshot.in("sampled"));
  }

  /** What the next evaluation has to compute beside. */
  Extra due() {
    return switch (curvature) {
      case CG, SAMPLED_CG, NEUMANN, IDENTITY -> Extra.NONE;
      case EXACT -> Extra.HESSIAN;
      case KFAC_CG, KFAC, EKFAC_CG -> sinceKnown >= refresh ? Extra.KRONECKER : Extra.NONE;
      // The diagonal is cheap, and in the first solves it changes fast.
      case JACOBI_CG, NYSTROM_CG ->
          sinceKnown >= Math.min(refresh, solves / 2) ? Extra.DIAGONAL : Extra.NONE;
    };
  }

  ConjugateGradient.Solution solve(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      ConjugateGradient cg) {
    double[] tolerances = new double[rightHandSides.length];
    Arrays.fill(tolerances, cg.tolerance());
    return solve(objective, point, rightHandSides, tolerances, cg.maxProducts());
  }

  /** Solves each right-hand side to a relative tolerance of its own, with so many products. */
  ConjugateGradient.Solution solve(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      double[] tolerances,
      int maxProducts) {
    for (double[] b : rightHandSides) {
      if (!Vectors.isFinite(b)) {
        return unsolved(objective, rightHandSides, Status.NOT_FINITE);
      }
    }
    double[] hessian = curvature == Curvature.EXACT ? point.denseHessian() : null;
    if (hessian != null) {
      if (!Vectors.isFinite(hessian)) {
        return unsolved(objective, rightHandSides, Status.NOT_FINITE);
      }
      var solver =
          DenseSolver.factor(hessian, objective.size(), objective.nullDirection(), damping);
      if (solver.isEmpty()) {
        return unsolved(objective, rightHandSides, Status.NEGATIVE_CURVATURE);
      }
      double[][] x = new double[rightHandSides.length][];
      for (int c = 0; c < x.length; c++) {
        x[c] = solver.get().solve(rightHandSides[c]);
      }
      return new ConjugateGradient.Solution(
          x, Status.CONVERGED, 0, new double[x.length], new double[x.length][objective.size()]);
    }
    int products = prepare(objective, point, maxProducts > 1);
    if (products < 0) {
      forget();
      return unsolved(objective, rightHandSides, Status.NOT_FINITE);
    }
    count();
    ConjugateGradient.Solution solution =
        iterate(objective, point, rightHandSides, tolerances, maxProducts - products);
    if (sketch != null && firstProducts < 0) {
      firstProducts = solution.products();
    }
    sketchIsOld = solution.products() > 1.5 * firstProducts + SPARE_PRODUCTS;
    return products == 0
        ? solution
        : new ConjugateGradient.Solution(
            solution.columns(),
            solution.status(),
            solution.products() + products,
            solution.residuals(),
            solution.remainders());
  }

  /**
   * M⁻¹ for steps that are solved elsewhere.
   *
   * @param preconditioner M⁻¹, positive definite
   * @param products products that it took
   */
  record Inverse(Preconditioner preconditioner, int products) {}

  /**
   * What the curvature makes of H + δI at a point: the identity for plain {@code cg}; empty when a
   * number that is not finite turned up. Counts as a solve.
   *
   * @param d δ, raised tenfold until the matrix of {@code exact} is positive definite
   */
  Optional<Inverse> inverse(LowerObjective<?> objective, LowerObjective.Point point, double d) {
    double[] hessian = curvature == Curvature.EXACT ? point.denseHessian() : null;
    if (hessian != null) {
      return Vectors.isFinite(hessian)
          ? Optional.of(new Inverse(definite(hessian, objective, d), 0))
          : Optional.empty();
    }
    // No count of products says here when a sketch has aged: it goes with the diagonal.
    sketchIsOld = point.dataDiagonal() != null;
    double before = damping;
    damping = d;
    int products = prepare(objective, point, true);
    damping = before;
    if (products < 0) {
      forget();
      return Optional.empty();
    }
    count();
    return Optional.of(new Inverse(SampledCurvature.linear(preconditioner), products));
  }

  private static Preconditioner definite(
      double[] hessian, LowerObjective<?> objective, double damping) {
    int n = objective.size();
    Optional<DenseSolver> solver = Optional.empty();
    for (double d = damping; solver.isEmpty(); d *= 10) {
      solver = DenseSolver.factor(hessian, n, objective.nullDirection(), d);
    }
    return solver.get();
  }

  private void count() {
    if (sinceKnown < Integer.MAX_VALUE) {
      sinceKnown++;
    }
    solves++;
  }

  private ConjugateGradient.Solution iterate(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      double[] tolerances,
      int maxProducts) {
    if (curvature == Curvature.KFAC) {
      return direct(rightHandSides);
    }
    if (curvature == Curvature.NEUMANN || curvature == Curvature.IDENTITY) {
      return series(point.hessian(damping), rightHandSides, maxProducts);
    }
    var cg = new ConjugateGradient(Math.max(1, maxProducts), 0);
    double[] flat = objective.nullDirection();
    LinearOperator h = point.hessian(damping);
    if (flat == null || damping > 0) {
      return cg.solve(h, rightHandSides, tolerances, preconditioner);
    }
    return cg.solve(
        offFlat(h, flat),
        offFlat(rightHandSides, flat),
        tolerances,
        new OffFlat(preconditioner, flat));
  }

  private ConjugateGradient.Solution direct(double[][] rightHandSides) {
    int columns = rightHandSides.length;
    double[][] x = new double[columns][];
    double[] residuals = new double[columns];
    Arrays.setAll(x, c -> preconditioner.solve(rightHandSides[c]));
    Arrays.fill(residuals, 1);
    return new ConjugateGradient.Solution(x, Status.BUDGET_SPENT, 0, residuals, rightHandSides);
  }

  private ConjugateGradient.Solution series(
      LinearOperator h, double[][] rightHandSides, int maxProducts) {
    int spent = 0;
    if (neumannStep == 0) {
      neumannStep = Neumann.step(h, rightHandSides[rightHandSides.length - 1]);
      spent = Neumann.POWER_STEPS;
    }
    int terms = curvature == Curvature.IDENTITY ? 0 : maxProducts;
    var solution = new Neumann(terms, neumannStep).solve(h, rightHandSides);
    return new ConjugateGradient.Solution(
        solution.columns(),
        solution.status(),
        solution.products() + spent,
        solution.residuals(),
        solution.remainders());
  }

  /**
   * Makes the preconditioner; returns the products it took, or −1 when it cannot be made.
   *
   * @param maySpend whether it may take a product
   */
  private int prepare(LowerObjective<?> objective, LowerObjective.Point point, boolean maySpend) {
    switch (curvature) {
      case CG, EXACT, NEUMANN, IDENTITY -> {
        return 0;
      }
      case KFAC_CG, KFAC, EKFAC_CG -> {
        if (point.factors() != null) {
          sinceKnown = 0;
        }
        var made = kronecker.prepare(point, objective.penaltyDiagonal(), damping);
        made.ifPresent(m -> preconditioner = m.preconditioner());
        return made.isPresent() ? made.get().products() : -1;
      }
      case SAMPLED_CG -> {
        boolean draw = sinceKnown >= refresh && maySpend;
        if (draw) {
          sampled.draw(point, solves);
          sinceKnown = 0;
        }
        if (!sampled.isKnown()) {
          return 0;
        }
        var made = sampled.prepare(point, objective.penaltyDiagonal(), damping);
        made.ifPresent(m -> preconditioner = m);
        return made.isPresent() ? draw ? 1 : 0 : -1;
      }
      case JACOBI_CG, NYSTROM_CG -> {
        double[] known = point.dataDiagonal();
        if (known != null) {
          diagonal = known;
          sinceKnown = 0;
        }
        if (diagonal == null) {
          return 0;
        }
        if (!Vectors.isFinite(diagonal)) {
          return -1;
        }
        double[] penalty = objective.penaltyDiagonal();
        if (curvature == Curvature.JACOBI_CG) {
          preconditioner = JacobiPreconditioner.of(diagonal, penalty, damping);
          return 0;
        }
        return prepareNystrom(point, penalty, maySpend);
      }
    }
    throw new AssertionError(curvature);
  }

  /** What no preconditioner could be made of is not to be tried again: the next is made anew. */
  private void forget() {
    preconditioner = Preconditioner.identity();
    sinceKnown = Integer.MAX_VALUE;
    kronecker.forget();
    sampled.forget();
    diagonal = null;
    sketch = null;
  }

  private int prepareNystrom(LowerObjective.Point point, double[] penalty, boolean maySpend) {
    int products = 0;
    if (maySpend && (sketch == null || sketchIsOld)) {
      var made =
          NystromSketch.of(point.hessian(damping), penalty, damping, sketchColumns, SKETCH_SEED);
      if (made.isEmpty()) {
        return -1;
      }
      sketch = made.get();
      firstProducts = -1;
      products = 1;
    }
    if (sketch == null) {
      preconditioner = JacobiPreconditioner.of(diagonal, penalty, damping);
      return 0;
    }
    var made = sketch.preconditioner(diagonal, penalty, damping);
    made.ifPresent(m -> preconditioner = m);
    return made.isPresent() ? products : -1;
  }

  private static ConjugateGradient.Solution unsolved(
      LowerObjective<?> objective, double[][] rightHandSides, Status status) {
    int columns = rightHandSides.length;
    return new ConjugateGradient.Solution(
        new double[columns][objective.size()], status, 0, new double[columns], rightHandSides);
  }

  /**
   * H away from a direction e that it does not see. There a residual is rounding and nothing else,
   * which M⁻¹ magnifies until the search directions are that and nothing else.
   */
  private static LinearOperator offFlat(LinearOperator h, double[] e) {
    return new LinearOperator() {
      @Override
      public int size() {
        return h.size();
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        return offFlat(h.applyAll(columns), e);
      }
    };
  }

  /** M⁻¹ likewise. */
  private record OffFlat(Preconditioner m, double[] e) implements Preconditioner {
    @Override
    public double[] solve(double[] r) {
      return offFlat(m.solve(offFlat(r, e)), e);
    }

    @Override
    public boolean isLinear() {
      return m.isLinear();
    }
  }

  private static double[][] offFlat(double[][] columns, double[] e) {
    double[][] result = new double[columns.length][];
    Arrays.setAll(result, c -> offFlat(columns[c], e));
    return result;
  }

  private static double[] offFlat(double[] x, double[] e) {
    return Vectors.plus(x, -Vectors.dot(e, x) / Vectors.dot(e, e), e);
  }
}

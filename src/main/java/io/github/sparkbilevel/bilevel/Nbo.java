package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.linalg.Vectors.plus;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelOracle;
import io.github.sparkbilevel.problem.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.BilevelOracle.Query;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Checkpoints;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.RowGradientNorms;
import io.github.sparkbilevel.problem.RowStep;
import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.problem.Tally;
import io.github.sparkbilevel.problem.Trained;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Consumer;

/**
 * NBO: inexact Newton for the lower level and its adjoint with one shared Hessian.
 *
 * <p>Dong, Yang, Yao, Zhang, <em>Efficient Curvature-Aware Hypergradient Approximation for Bilevel
 * Optimization</em>, ICML 2025, algorithm 1. From (θ, u, λ):
 *
 * <pre>
 *   1.  H(θ,λ) [v, w] = [∇_θ G(θ,λ),  H u − ∇_θ F(θ)]     T products for both columns
 *   2.  θ⁺ = θ − v,   u⁺ = u − w
 *   3.  h = ∇_λ F − ∇²_λθ G(θ⁺,λ) u⁺                      here ∇_λ F = 0
 *   4.  λ⁺ = Π(λ − step)
 * </pre>
 *
 * <p>Passes of an iteration: T for step 1 (none with exact curvature), and one that does steps 3
 * and 4 where λ lies beside the rows or tunes the penalty, and in the same scan evaluates what the
 * next iteration starts with: 1 + T. Where the driver's λ weighs rows, step 3 is a pass of its own:
 * 2 + T. A Newton step that would raise G is halved, at the price of a pass for each halving.
 *
 * <p>A network is trained instead: its θ⁺ comes of passes of stochastic training from θ, which are
 * added to the count, and the system has the adjoint's column alone.
 */
public final class Nbo {
  private static final int MOST_HALVINGS = 5;
  private static final double TOLERATED_RISE = 1e-5;
  private static final double ROW_CLIP = 1;

  private final BilevelOracle oracle;
  private final BilevelProblem problem;
  private final NboSettings settings;
  private final LambdaRule rule;
  private final NewtonSystem system;
  private final ConjugateGradient cg;
  private final Consumer<IterationRecord> listener;
  private final Checkpoints checkpoints;
  private final long startNanos = System.nanoTime();

  private List<IterationRecord> history = new ArrayList<>();
  private double secondsBefore;
  private int iteration;
  private Evaluation point;
  private double[] u;
  private RowGradientNorms rowNorms;
  private Evaluation best;
  private int bestIteration;
  private Tally leastHeldOut;
  private double leastUpper = Double.POSITIVE_INFINITY;
  private Trained trained;

  /**
   * Sets up the algorithm; costs no pass.
   *
   * @param rule how the driver's part of λ moves
   * @param system solves for the steps; may hold factors from the warm-up
   * @param listener told of every iteration when it is done
   * @param checkpoints where the state goes after every iteration
   */
  Nbo(
      BilevelOracle oracle,
      NboSettings settings,
      LambdaRule rule,
      NewtonSystem system,
      Consumer<IterationRecord> listener,
      Checkpoints checkpoints) {
    this.oracle = oracle;
    this.problem = oracle.problem();
    this.settings = settings;
    this.rule = rule;
    this.listener = listener;
    this.checkpoints = checkpoints;
    this.system = system;
    this.cg = new ConjugateGradient(settings.products(), 1e-12);
  }

  /**
   * The outcome.
   *
   * @param best the last evaluation whose held-out loss is as good as any; where nothing was held
   *     out, the one of least Φ if no row has a weight, else the last. Its λ_i beside the rows are
   *     the learned ones. The caller releases it
   * @param bestIteration the iteration that it belongs to
   * @param status how the run ended
   */
  public record Result(
      Evaluation best, int bestIteration, Status status, List<IterationRecord> history) {}

  /**
   * Runs from a point near the lower solution; releases {@code start}.
   *
   * @param start an evaluation at (θ_0, λ_0), made with what the Newton system was due
   */
  public Result run(Evaluation start) {
    oracle.ledger().enter(PassLedger.Phase.OUTER);
    oracle.ledger().begin(0);
    point = start;
    u = new double[problem.model().size()];
    best = point;
    record(0, point, 0, 0, 1);
    isAsGood(point);
    return iterate(Status.BUDGET_SPENT);
  }

  /**
   * Goes on from what an earlier run of the same settings put into its checkpoints, of which the
   * oracle and the Newton system have restored their parts.
   */
  public Result resume(Snapshot snapshot) {
    Snapshot own = snapshot.in("nbo");
    oracle.ledger().enter(PassLedger.Phase.OUTER);
    history = IterationRecord.restored(own);
    secondsBefore = history.get(history.size() - 1).seconds();
    iteration = own.integer("iteration");
    u = own.numbers("u");
    point = oracle.evaluation(own.in("point"));
    rowNorms = rowNorms();
    bestIteration = own.integer("bestIteration");
    best = bestIteration == iteration ? point : oracle.evaluation(own.in("best"));
    double[] least = own.numbers("leastHeldOut");
    leastHeldOut =
        least.length == 0 ? null : new Tally(least[0], least[1], least[2], (long) least[3]);
    leastUpper = own.number("leastUpper");
    trained = own.has("trained.theta") ? Trained.restored(own.in("trained")) : null;
    rule.restore(own.in("rule"));
    Status status = Status.valueOf(own.text("status"));
    return status == Status.BUDGET_SPENT ? iterate(status) : result(status);
  }

  private Snapshot snapshot(Status status) {
    Snapshot all = new Snapshot();
    all.put("spent", iteration);
    oracle.save(all.in("oracle"));
    system.save(all.in("system"));
    Snapshot own = all.in("nbo");
    IterationRecord.save(history, own);
    own.put("iteration", iteration);
    own.put("u", u);
    oracle.save(point, own.in("point"));
    own.put("bestIteration", bestIteration);
    if (best != point) {
      oracle.save(best, own.in("best"));
    }
    Tally least = leastHeldOut;
    own.put(
        "leastHeldOut",
        least == null
            ? new double[0]
            : new double[] {least.loss(), least.accuracy(), least.standardError(), least.rows()});
    own.put("leastUpper", leastUpper);
    if (trained != null) {
      trained.save(own.in("trained"));
    }
    rule.save(own.in("rule"));
    own.putText("status", status::name);
    return all;
  }

  /** Iterates to the end, and says after each iteration where it is. */
  private Result iterate(Status before) {
    try {
      Status status = before;
      while (status == Status.BUDGET_SPENT && iteration < settings.iterations()) {
        checkpoints.offer(iteration, snapshot(status));
        status = next();
      }
      if (status.isUsable()) {
        checkpoints.end(iteration, snapshot(status));
      }
      return result(status);
    } catch (Throwable e) {
      checkpoints.cut();
      throw e;
    }
  }

  private Result result(Status status) {
    if (point != best) {
      point.release();
    }
    return new Result(best, bestIteration, status, List.copyOf(history));
  }

  /** An iteration; the budget is spent as long as nothing else ends the run. */
  private Status next() {
    int k = iteration + 1;
    oracle.ledger().begin(k);
    double[] adjointRightHandSide = Vectors.scaled(-1, point.upperGradient());
    if (point.adjointProduct() != null) {
      Vectors.addTo(adjointRightHandSide, 1, point.adjointProduct());
    }
    double lag = Vectors.norm(adjointRightHandSide) / Vectors.norm(point.upperGradient());
    ConjugateGradient.Solution solution =
        system.solve(
            oracle.lower(point, point.lambda()),
            point,
            settings.training() == null
                ? new double[][] {point.gradient(), adjointRightHandSide}
                : new double[][] {adjointRightHandSide},
            cg);
    if (!solution.status().isUsable()) {
      return solution.status();
    }
    double[] v = settings.training() == null ? solution.columns()[0] : trainingStep(point);
    u = plus(u, -1, solution.columns()[solution.columns().length - 1]);
    if (problem.hasExampleWeights() && rowNorms == null) {
      // The first step has no pass before it that could give its scale.
      oracle.ledger().enter(PassLedger.Phase.WARM_UP);
      rowNorms = oracle.mixedProduct(point, plus(point.theta(), -1, v), u, -1).rows();
      oracle.ledger().enter(PassLedger.Phase.OUTER);
    }
    Advance advance = advance(k, point, v, u, rowNorms, lag);
    if (advance == null) {
      return Status.STALLED;
    }
    Evaluation next = advance.evaluation();
    if (point != best) {
      point.release();
    }
    point = next;
    iteration = k;
    if (!Double.isFinite(point.value()) || !Vectors.isFinite(point.gradient())) {
      return Status.NOT_FINITE;
    }
    rowNorms = rowNorms();
    record(k, point, advance.hypergradientNorm(), solution.products(), advance.length());
    if (isAsGood(point)) {
      if (best != point) {
        best.release();
      }
      best = point;
      bestIteration = k;
    }
    return settled();
  }

  /** The scale of the next step of the λ_i; null at the start, where no step has been tried. */
  private RowGradientNorms rowNorms() {
    return problem.hasExampleWeights() && iteration > 0 ? point.rowGradient() : null;
  }

  /**
   * Whether the run is to return this point rather than an earlier one.
   *
   * <p>Its held-out loss is within one standard error of the least so far: with few rows held out,
   * the least loss itself is mostly luck. Or what Φ is at most is the least so far. With neither it
   * is the newer.
   */
  private boolean isAsGood(Evaluation point) {
    if (isJudgedByUpper(point)) {
      double upper = mostUpper(point, u);
      boolean isLeast = upper <= leastUpper;
      leastUpper = isLeast ? upper : leastUpper;
      return isLeast;
    }
    Tally heldOut = point.heldOut();
    if (heldOut.rows() == 0) {
      return true;
    }
    if (leastHeldOut == null || heldOut.loss() < leastHeldOut.loss()) {
      leastHeldOut = heldOut;
    }
    return heldOut.loss() <= leastHeldOut.loss() + leastHeldOut.standardError();
  }

  /**
   * F and what θ may be off by: to first order F(θ) − F(θ*(λ)) = ⟨u, ∇_θG⟩. A θ that has fallen
   * behind its λ may have a low F that is none of λ's.
   */
  private static double mostUpper(Evaluation point, double[] u) {
    return point.upper().loss() + Math.abs(Vectors.dot(u, point.gradient()));
  }

  /** Whether F says what λ is worth: weights of rows were learned from it, a penalty hardly. */
  private boolean isJudgedByUpper(Evaluation point) {
    return point.heldOut().rows() == 0
        && problem.rows().size() == 0
        && !problem.hasExampleWeights();
  }

  /**
   * How the run ends now: without a better held-out loss, or with an F that has not moved, for as
   * long as the settings are patient; the budget is spent as long as nothing ends it.
   */
  private Status settled() {
    int patience = settings.patience();
    if (patience < 1 || iteration < patience) {
      return Status.BUDGET_SPENT;
    }
    if (!isJudgedByUpper(point)) {
      return iteration - bestIteration >= patience ? Status.STALLED : Status.BUDGET_SPENT;
    }
    DoubleSummaryStatistics last =
        history.subList(iteration - patience, iteration + 1).stream()
            .mapToDouble(record -> record.upper().loss())
            .summaryStatistics();
    return last.getMax() - last.getMin() <= settings.tolerance() * Math.abs(last.getMin())
        ? Status.CONVERGED
        : Status.BUDGET_SPENT;
  }

  /** θ − θ⁺ of stochastic training in place of a Newton step; its passes come on top. */
  private double[] trainingStep(Evaluation point) {
    var lower = oracle.lower(point, point.lambda());
    if (trained == null) {
      trained = Trained.from(point.theta(), 1, settings.training());
    }
    trained = lower.trainAll(point, trained, settings.training());
    return plus(point.theta(), -1, trained.theta());
  }

  /** Where steps 2 to 4 led. */
  private record Advance(Evaluation evaluation, double hypergradientNorm, double length) {}

  /** Steps 2 to 4, with as much of the Newton step as does not raise G; null when there is none. */
  private Advance advance(
      int k, Evaluation point, double[] v, double[] u, RowGradientNorms rowNorms, double lag) {
    // Stochastic steps may raise G on their way; a raise that is not finite is still refused.
    double allowed =
        settings.training() == null
            ? point.value() + TOLERATED_RISE * Math.abs(point.value())
            : Double.MAX_VALUE;
    double length = 1;
    for (int halving = 0; halving <= MOST_HALVINGS; halving++, length /= 2) {
      double[] theta = plus(point.theta(), -length, v);
      Advance advance =
          problem.mixedProductNeedsPass()
              ? advanceInTwoPasses(k, point, theta, u, lag, allowed, length)
              : advanceInOnePass(point, theta, u, rowNorms, lag, allowed, length);
      if (advance != null) {
        return advance;
      }
    }
    return null;
  }

  /** The driver's λ weighs rows: mixed product, step, evaluation. */
  private Advance advanceInTwoPasses(
      int k,
      Evaluation point,
      double[] theta,
      double[] u,
      double lag,
      double allowed,
      double length) {
    MixedProduct mixed = oracle.mixedProduct(point, theta, u, refreshAt(k));
    if (!(mixed.lowerObjective() <= allowed)) {
      return null;
    }
    double[] hypergradient = Vectors.scaled(-1, mixed.values());
    Query query =
        Query.at(theta, rule.step(point.lambda(), hypergradient, mostUpper(point, u), lag))
            .along(u);
    Evaluation next = oracle.evaluate(query.over(foldAt(k)).with(system.due()));
    return new Advance(next, Vectors.norm(hypergradient), length);
  }

  /** λ lies beside the rows or tunes the penalty: the step and the evaluation share a pass. */
  private Advance advanceInOnePass(
      Evaluation point,
      double[] theta,
      double[] u,
      RowGradientNorms rowNorms,
      double lag,
      double allowed,
      double length) {
    double[] lambda = point.lambda();
    double[] mixed = problem.penalty().mixedProduct(theta, u, problem.penaltyPart(lambda));
    double[] hypergradient = Vectors.scaled(-1, mixed);
    LambdaRule.Proposal proposal = rule.propose(lambda, hypergradient, mostUpper(point, u), lag);
    RowStep rowStep = rowNorms == null ? null : rowStep(rowNorms);
    Query query = Query.at(theta, proposal.lambda()).along(u).from(point, rowStep);
    Evaluation next = oracle.evaluate(query.with(system.due()));
    if (!(next.lowerObjectiveAt(lambda) <= allowed)) {
      next.release();
      return null;
    }
    proposal.accept();
    double norm = Math.hypot(Vectors.norm(hypergradient), next.rowGradient().norm());
    return new Advance(next, norm, length);
  }

  private RowStep rowStep(RowGradientNorms norms) {
    double scale = Math.max(norms.rootMeanSquare(), 1e-300);
    return new RowStep(settings.rowStep(), scale, ROW_CLIP, settings.rowLow(), settings.rowHigh());
  }

  private int refreshAt(int k) {
    NboSettings.Rotation rotation = settings.rotation();
    return rotation != null && k % rotation.refresh() == 0
        ? k / rotation.refresh() % rotation.folds()
        : -1;
  }

  /** The fold of trusted rows that makes F after iteration k; −1 for all of them. */
  private int foldAt(int k) {
    NboSettings.Rotation rotation = settings.rotation();
    return rotation == null ? -1 : k / rotation.refresh() % rotation.folds();
  }

  private void record(
      int k, Evaluation point, double hypergradientNorm, int products, double length) {
    IterationRecord record =
        new IterationRecord(
            k,
            oracle.ledger().passes(PassLedger.Phase.OUTER),
            secondsBefore + (System.nanoTime() - startNanos) / 1e9,
            point.upper(),
            point.heldOut(),
            point.test(),
            point.value(),
            Vectors.norm(point.gradient()),
            hypergradientNorm,
            products,
            length,
            k,
            point.lambda().clone());
    history.add(record);
    listener.accept(record);
  }
}

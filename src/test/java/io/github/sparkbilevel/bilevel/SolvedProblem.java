package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.RowStep;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A problem at its lower solution, with the exact adjoint. */
final class SolvedProblem {
  static final double L2 = 0.05;
  static final int TRUSTED_MODELS = 2;

  enum Upper {
    EXAMPLE_WEIGHTS(new ExampleWeights(0.4), false),
    EXAMPLE_WEIGHTS_AND_L2(new ExampleWeights(0.4), true),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3), false),
    GROUP_WEIGHTS_AND_L2(WeightFunction.ofGroups(3), true),
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0), false),
    WEIGHT_FUNCTION_AND_L2(new WeightFunction(WeightFunction.ALL_SCORES, 3), true),
    GIVEN_LOG_ODDS(new WeightFunction(WeightFunction.ALL_SCORES, 3).withGivenLogOdds(), false),
    L2_ALONE(UpperVariable.NONE, true);

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    final UpperVariable variable;

    final boolean tunesPenalty;

    Upper(UpperVariable variable, boolean tunesPenalty) {
      this.variable = variable;
      this.tunesPenalty = tunesPenalty;
    }
  }

  record Case(Upper upper, Storage storage, boolean intercept, Loss loss) {
    @Override
    public String toString() {
      return upper + ", " + storage + (intercept ? ", intercept, " : ", ") + loss;
    }
  }

  final Case of;
  final Data data;
  final LocalEngine engine;
  final BlockOracle oracle;
  final double[] lambda;
  final Evaluation point;
  final double[] adjoint;
  final double[][] featureModels;

  SolvedProblem(Case of) {
    this.of = of;
    data =
        TestProblems.of(of.loss)
            .intercept(of.intercept)
            .storage(of.storage)
            .rows(of.loss.classes() > 3 ? 90 : 60, 26, 9, 8)
            .make();
    engine = of.upper == Upper.GIVEN_LOG_ODDS ? bringing(data) : data.engine();
    Penalty penalty =
        of.upper.tunesPenalty
            ? Penalty.tuned(data.model(), false)
            : Penalty.fixed(data.model(), L2, false);
    BilevelProblem problem = new BilevelProblem(data.model(), of.upper.variable, penalty);
    oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    lambda = TestProblems.vector(5, problem.sharedSize(), 0.8);
    if (of.upper.tunesPenalty) {
      lambda[lambda.length - 1] = Math.log(L2);
    }
    int d = data.model().size();
    featureModels = new double[TRUSTED_MODELS + 2][];
    for (int m = 0; m < featureModels.length; m++) {
      featureModels[m] = TestProblems.vector(20 + m, d, 0.7);
    }
    if (isScored()) {
      double[] trusted = new double[TRUSTED_MODELS * d];
      for (int m = 0; m < TRUSTED_MODELS; m++) {
        System.arraycopy(featureModels[m], 0, trusted, m * d, d);
      }
      oracle.makeFeatures(trusted, 0, featureModels[TRUSTED_MODELS + 1]);
      oracle.makeFeatures(trusted, 1, featureModels[TRUSTED_MODELS]);
    }
    Evaluation start = null;
    if (problem.hasExampleWeights()) {
      // A step along any u makes the λ_i differ.
      double[] any = TestProblems.vector(6, d, 1);
      start =
          oracle.evaluate(
              Query.at(new double[d], lambda).along(any).from(null, new RowStep(2, 0.5, 3, -4, 4)));
    }
    point = solve(start, lambda, new double[d]);
    adjoint =
        exact()
            .solve(
                oracle.lower(point, lambda),
                point,
                new double[][] {point.upperGradient()},
                new ConjugateGradient(1, 0))
            .columns()[0];
  }

  /** The same rows with the probabilities of their classes. */
  static LocalEngine bringing(Data data) {
    List<PartitionData> partitions = new ArrayList<>();
    for (PartitionData part : data.partitions()) {
      Block[] train = part.train().clone();
      for (int b = 0; b < train.length; b++) {
        float[] all = new float[train[b].rows() * data.model().loss().classes()];
        for (int i = 0; i < train[b].rows(); i++) {
          float[] p = given(data, train[b].ids()[i]);
          System.arraycopy(p, 0, all, i * p.length, p.length);
        }
        train[b] = train[b].withProbabilities(all);
      }
      partitions.add(new PartitionData(train, part.upper(), part.heldOut(), part.test()));
    }
    return new LocalEngine(partitions);
  }

  static float[] given(Data data, long id) {
    double[] z = TestProblems.vector(700 + id, data.model().loss().classes(), 3);
    double sum = Arrays.stream(z).map(Math::exp).sum();
    float[] p = new float[z.length];
    for (int k = 0; k < p.length; k++) {
      p[k] = (float) (Math.exp(z[k]) / sum);
    }
    return p;
  }

  boolean isScored() {
    return of.upper.variable.logOdds() > 0;
  }

  static NewtonSystem exact() {
    return new NewtonSystem(Curvature.EXACT, 0, 1);
  }

  Evaluation solve(Evaluation start, double[] at, double[] theta) {
    var result =
        new LowerSolver(0, of.storage.isSingle() ? 1e-6 : 1e-12, 80)
            .minimize(oracle.lower(start, at), theta, exact());
    assertEquals(Status.CONVERGED, result.status());
    return result.point();
  }

  /** Φ at another λ; {@code start} holds the λ_i beside the rows, or is null. */
  double upperAt(Evaluation start, double[] at) {
    return solve(start, at, point.theta()).upper().loss();
  }

  double[] rowLambda(Evaluation evaluation) {
    List<double[]> parts = new ArrayList<>();
    for (PartitionState state : engine.states(oracle.states(evaluation))) {
      parts.addAll(List.of(state.lambda()));
    }
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** The λ_i after a step of that length along ±h. */
  Evaluation stepped(double[] along, double length, double scale) {
    return oracle.evaluate(
        Query.at(point.theta(), lambda)
            .along(along)
            .from(point, new RowStep(length, scale, 1e9, -1e9, 1e9)));
  }

  /** h_i = n ∂Φ/∂λ_i. */
  double[] rowHypergradients() {
    // A step is by what a row of weight 1 would have.
    double[] h = Vectors.plus(rowLambda(point), -1, rowLambda(stepped(adjoint, 1, 1)));
    Arrays.setAll(h, i -> data.train().weight(i) * h[i]);
    return h;
  }
}

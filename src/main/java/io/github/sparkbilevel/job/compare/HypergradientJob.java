package io.github.sparkbilevel.job.compare;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Solved;
import io.github.sparkbilevel.bilevel.PlainModels;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.job.config.HypergradientConfig;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.ml.prepare.Trouble;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.score.RowHypergradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/** The job {@code hypergradient}: Φ and ∇Φ at the initial λ by several methods, side by side. */
public final class HypergradientJob extends ProblemJob {
  private static final int MOST_LOWER_PASSES = 20_000;

  /** The hypergradient beside the rows, and how far each answer is from the first. */
  record RowPart(
      JavaRDD<RowHypergradient.Entry> entries, double[] squaredErrors, double squaredNorm) {}

  /** What a run works with. */
  private record Setting(
      JobConfig config,
      BilevelProblem problem,
      SparkEngine engine,
      BlockOracle oracle,
      Hypergradients hypergradients,
      DataCleaner params,
      Trouble trouble) {

    BlockKernel kernel() {
      return BlockKernel.of(problem.model(), config.solver().backend());
    }
  }

  @Override
  String precision(JobConfig config) {
    return config.hypergradient().precision();
  }

  @Override
  RunResult run(JobContext context, Posed posed) throws Exception {
    JobConfig config = context.config();
    BilevelProblem problem = posed.problem();
    PreparedData data = posed.data();
    List<Curvature> methods =
        config.hypergradient().methods().stream()
            .map(word -> method(word, config, problem, data))
            .toList();
    try (BlockOracle oracle =
        new BlockOracle(problem, posed.engine(), config.solver().backend(), posed.rows())) {
      Hypergradients hypergradients =
          new Hypergradients(
              config.hypergradient().tolerance(), MOST_LOWER_PASSES, config.solver().sketch());
      Setting setting =
          new Setting(
              config,
              problem,
              posed.engine(),
              oracle,
              hypergradients,
              Estimators.network(config),
              new Trouble(data, posed.upper(), problem));
      Found found = solve(setting, Problems.initialLambda(posed.upper(), problem), methods);
      RunResult result =
          new HypergradientOutputs(
                  context, data, Problems.names(posed.upper(), problem, data), posed.engine())
              .write(found, posed.load());
      found.solved().evaluation().release();
      return result;
    }
  }

  private static Curvature method(
      String word, JobConfig config, BilevelProblem problem, PreparedData data) {
    try {
      Curvature method = Problems.curvature(word, config.solver().sketch(), problem);
      int sketch = config.solver().sketch();
      RunMemory.require(data, new RunMemory.Loop(problem, method, sketch, 0, 1));
      return method;
    } catch (IllegalArgumentException refused) {
      String sentence = refused.getMessage().replace("curvature = ", "hypergradient.methods = ");
      throw new ConfigException(sentence, refused);
    }
  }

  /**
   * What a run found.
   *
   * @param answers those of the methods, and then for each method those after fewer products
   * @param rows the part beside the rows, or null
   * @param seconds spent on it
   */
  record Found(Solved solved, List<Answer> answers, RowPart rows, double seconds) {}

  private static Found solve(Setting setting, double[] lambda, List<Curvature> methods) {
    long start = System.nanoTime();
    JobConfig config = setting.config();
    Curvature curvature =
        methods.contains(Curvature.EXACT)
            ? Curvature.EXACT
            : methods.stream().filter(Curvature::solves).findFirst().orElse(Curvature.CG);
    double[] theta = start(setting, lambda);
    if (setting.problem().logOdds() > 0) {
      theta = makeFeatures(setting, lambda, theta, curvature);
    }
    Solved solved = setting.hypergradients().solve(setting.oracle(), lambda, theta, curvature);
    if (solved.status() != Status.CONVERGED) {
      throw new NumericsException(
          String.format(
              Locale.ROOT,
              "the lower level stopped at a gradient of %.2e, expected at most"
                  + " hypergradient.tolerance = %.2e: %s",
              Vectors.normInf(solved.evaluation().gradient()),
              config.hypergradient().tolerance(),
              advice(setting, solved)));
    }
    List<Answer> answers = answers(setting, solved.evaluation(), methods);
    RowPart rows = setting.problem().hasExampleWeights() ? rowPart(setting, solved, answers) : null;
    return new Found(solved, answers, rows, (System.nanoTime() - start) / 1e9);
  }

  private static String advice(Setting setting, Solved solved) {
    if (solved.status() == Status.STALLED && !setting.problem().model().layer().isSmooth()) {
      return "its gradient jumps at the kinks of relu; use model.activation = gelu or tanh, or raise"
          + " hypergradient.tolerance";
    }
    return setting.trouble().sentence(where(solved.status(), solved.evaluation()));
  }

  private static Trouble.Where where(Status status, Evaluation at) {
    return new Trouble.Where(status, at.lambda(), at.theta());
  }

  /** Where the lower level starts: 0, or the random weights of a network after its training. */
  private static double[] start(Setting setting, double[] lambda) {
    double[] initial = setting.problem().model().initial(setting.config().seed());
    var networks = setting.params().networks();
    if (networks == null) {
      return initial;
    }
    BlockOracle oracle = setting.oracle();
    if (setting.problem().logOdds() > 0) {
      oracle.makeFeatures(initial, 0, initial);
    }
    return Hypergradients.trained(oracle, lambda, initial, networks.warmUp());
  }

  private static List<Answer> answers(Setting setting, Evaluation point, List<Curvature> methods) {
    HypergradientConfig config = setting.config().hypergradient();
    List<Integer> budgets = new ArrayList<>();
    budgets.add(config.mostProducts());
    budgets.addAll(config.products());
    List<Answer> answers = new ArrayList<>();
    for (int products : budgets) {
      for (Curvature method : methods) {
        Answer answer =
            setting
                .hypergradients()
                .answer(
                    setting.oracle(),
                    point,
                    method,
                    new Hypergradients.Budget(
                        setting.config().solver().damping(), products, setting.params().factors()));
        if (!answer.status().isUsable()) {
          throw setting
              .trouble()
              .failure("the method " + method.label() + " failed", where(answer.status(), point));
        }
        answers.add(answer);
      }
    }
    return answers;
  }

  /**
   * The features of the weight function at which it is differentiated: the trusted rows' model, and
   * the lower solution at the initial λ; they are held fixed.
   *
   * @param start where the lower level starts
   */
  private static double[] makeFeatures(
      Setting setting, double[] lambda, double[] start, Curvature curvature) {
    double l2 = setting.config().model().l2();
    var networks = setting.params().networks();
    double[] trusted =
        networks == null
            ? PlainModels.fitAll(setting.kernel(), setting.engine(), l2)
            : PlainModels.fitAll(setting.kernel(), setting.engine(), l2, networks.plain());
    BlockOracle oracle = setting.oracle();
    oracle.makeFeatures(trusted, 0, start);
    Solved at = setting.hypergradients().solve(oracle, lambda, start, curvature);
    oracle.makeFeatures(trusted, 0, at.evaluation().theta());
    at.evaluation().release();
    return at.evaluation().theta();
  }

  private static RowPart rowPart(Setting setting, Solved solved, List<Answer> answers) {
    SparkEngine engine = setting.engine();
    BlockOracle oracle = setting.oracle();
    List<double[]> point = new ArrayList<>();
    point.add(solved.evaluation().theta());
    answers.forEach(answer -> point.add(answer.adjoint()));
    JavaRDD<RowHypergradient.Entry> entries;
    Broadcast<double[][]> shared = engine.context().broadcast(point.toArray(double[][]::new));
    BlockKernel kernel = setting.kernel();
    entries =
        engine
            .rows(
                oracle.states(solved.evaluation()),
                new RowHypergradient(
                    kernel, oracle.weighing(solved.evaluation().lambda()), shared, oracle.rows()))
            .cache();
    int methods = answers.size();
    double[] sums =
        entries.aggregate(
            new double[methods + 1],
            (sum, entry) -> {
              double first = entry.values()[0];
              sum[methods] += first * first;
              for (int m = 0; m < methods; m++) {
                sum[m] += (entry.values()[m] - first) * (entry.values()[m] - first);
              }
              return sum;
            },
            (a, b) -> {
              Vectors.addTo(a, 1, b);
              return a;
            });
    return new RowPart(entries, sums, sums[methods]);
  }
}

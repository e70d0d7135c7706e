package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Solved;
import io.github.sparkbilevel.bilevel.PlainModels;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.Problems;
import io.github.sparkbilevel.ml.UpperLevel;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BlockOracle;
import io.github.sparkbilevel.problem.RowVariable;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.RowHypergradient;
import io.github.sparkbilevel.spark.SparkEngine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/** The job {@code hypergradient}: Φ and ∇Φ at the initial λ by several methods, side by side. */
final class HypergradientJob implements Job {
  private static final int MOST_LOWER_PASSES = 20_000;

  /** The hypergradient beside the rows, and how far each method is from the first. */
  private record RowPart(
      JavaRDD<RowHypergradient.Entry> entries, double[] squaredErrors, double squaredNorm) {}

  @Override
  public void run(JobContext context) throws Exception {
    JobConfig config = context.config();
    long start = System.nanoTime();
    boolean single = config.hypergradient().precision().equals("single");
    PreparedTables tables = JobTables.load(context.spark(), config);
    tables.warnings().forEach(context.console()::warn);
    UpperLevel upper;
    try {
      upper = Estimators.upper(context.spark(), config, tables);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    try (PreparedData data = PreparedData.of(tables, Estimators.preparation(config, single))) {
      double load = (System.nanoTime() - start) / 1e9;
      BilevelProblem problem =
          Refusals.asConfig(() -> Problems.of(Estimators.lower(config), upper, data));
      List<Curvature> methods =
          config.hypergradient().methods().stream()
              .map(word -> method(word, config, problem))
              .toList();
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
      long n = data.blocks().rows().get(Part.TRAIN);
      try (SparkEngine engine =
              new SparkEngine(spark, data.blocks(), config.checkpoint().interval());
          BlockOracle oracle = new BlockOracle(problem, engine, config.solver().backend(), n)) {
        solve(context, data, upper, problem, methods, engine, oracle, load);
      }
    }
  }

  private static Curvature method(String word, JobConfig config, BilevelProblem problem) {
    return Refusals.asConfig(() -> Problems.curvature(word, config.solver().sketch(), problem));
  }

  private static void solve(
      JobContext context,
      PreparedData data,
      UpperLevel upper,
      BilevelProblem problem,
      List<Curvature> methods,
      SparkEngine engine,
      BlockOracle oracle,
      double load)
      throws IOException {
    JobConfig config = context.config();
    long start = System.nanoTime();
    Hypergradients hypergradients =
        new Hypergradients(
            config.hypergradient().tolerance(), MOST_LOWER_PASSES, config.solver().sketch());
    double[] lambda = Problems.initialLambda(upper, problem);
    Curvature curvature = methods.contains(Curvature.EXACT) ? Curvature.EXACT : methods.get(0);
    double[] theta = new double[problem.model().size()];
    if (problem.rows() instanceof RowVariable.Designed designed && designed.scored()) {
      theta = makeFeatures(config, problem, engine, oracle, hypergradients, lambda, curvature);
    }
    Solved solved = hypergradients.solve(oracle, lambda, theta, curvature);
    if (solved.status() != Status.CONVERGED) {
      throw new NumericsException(
          String.format(
              Locale.ROOT,
              "the lower level stopped at a gradient of %.2e, expected at most"
                  + " hypergradient.tolerance = %.2e: %s",
              Vectors.normInf(solved.evaluation().gradient()),
              config.hypergradient().tolerance(),
              solved.status().advice()));
    }
    List<Answer> answers = hypergradients.answers(oracle, solved, methods);
    for (Answer answer : answers) {
      if (!answer.status().isUsable()) {
        throw new NumericsException(
            "the method " + answer.method().label() + " failed: " + answer.status().advice());
      }
    }
    RowPart rows =
        problem.hasExampleWeights() ? rowPart(engine, oracle, config, solved, answers) : null;
    double seconds = (System.nanoTime() - start) / 1e9;
    write(context, data, upper, problem, engine, solved, answers, rows, load, seconds);
    solved.evaluation().release();
  }

  /**
   * The features of the weight function at which it is differentiated: the trusted rows' model, and
   * the lower solution at the initial λ; they are held fixed.
   */
  private static double[] makeFeatures(
      JobConfig config,
      BilevelProblem problem,
      SparkEngine engine,
      BlockOracle oracle,
      Hypergradients hypergradients,
      double[] lambda,
      Curvature curvature) {
    double[] trusted =
        PlainModels.fitAll(
            BlockKernel.of(problem.model(), config.solver().backend()),
            engine,
            config.model().l2());
    double[] zero = new double[problem.model().size()];
    oracle.makeFeatures(trusted, 0, zero);
    Solved at = hypergradients.solve(oracle, lambda, zero, curvature);
    oracle.makeFeatures(trusted, 0, at.evaluation().theta());
    at.evaluation().release();
    return at.evaluation().theta();
  }

  private static RowPart rowPart(
      SparkEngine engine,
      BlockOracle oracle,
      JobConfig config,
      Solved solved,
      List<Answer> answers) {
    List<double[]> point = new ArrayList<>();
    point.add(solved.evaluation().theta());
    answers.forEach(answer -> point.add(answer.adjoint()));
    JavaRDD<RowHypergradient.Entry> entries;
    Broadcast<double[][]> shared = engine.context().broadcast(point.toArray(double[][]::new));
    BlockKernel kernel = BlockKernel.of(oracle.problem().model(), config.solver().backend());
    entries =
        engine
            .rows(
                oracle.states(solved.evaluation()),
                new RowHypergradient(kernel, shared, oracle.rows()))
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

  private static void write(
      JobContext context,
      PreparedData data,
      UpperLevel upper,
      BilevelProblem problem,
      SparkEngine engine,
      Solved solved,
      List<Answer> answers,
      RowPart rows,
      double load,
      double solve)
      throws IOException {
    JobConfig config = context.config();
    Map<String, Object> methods = new LinkedHashMap<>();
    double[] first = answers.get(0).shared();
    double norm = Math.sqrt(Vectors.dot(first, first) + (rows == null ? 0 : rows.squaredNorm()));
    Console console = context.console();
    console.line(
        String.format(
            Locale.ROOT, "%-10s %16s %8s %10s", "method", "relative error", "passes", "seconds"));
    for (int m = 0; m < answers.size(); m++) {
      Answer answer = answers.get(m);
      double[] difference = Vectors.plus(answer.shared(), -1, first);
      double squared =
          Vectors.dot(difference, difference) + (rows == null ? 0 : rows.squaredErrors()[m]);
      double error = squared == 0 ? 0 : Math.sqrt(squared) / norm;
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("relativeError", error);
      figures.put("passes", answer.passes());
      figures.put("seconds", answer.seconds());
      figures.put("status", answer.status().name().toLowerCase(Locale.ROOT));
      methods.put(config.hypergradient().methods().get(m), figures);
      console.line(
          String.format(
              Locale.ROOT,
              "%-10s %16.2e %8d %10.3f",
              answer.method().label(),
              error,
              answer.passes(),
              answer.seconds()));
    }
    long start = System.nanoTime();
    OutputFolder output = context.output();
    try (BufferedWriter csv =
        new BufferedWriter(
            new OutputStreamWriter(output.create("hypergradient.csv"), StandardCharsets.UTF_8))) {
      csv.write("name,value\n");
      if (rows != null) {
        writeRows(csv, data, rows);
      }
      List<String> names = Problems.names(upper, problem, data);
      for (int j = 0; j < names.size(); j++) {
        csv.write(Csv.quoted(names.get(j)) + "," + first[j] + "\n");
      }
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("job", config.job());
    summary.put("version", Version.current());
    summary.put("seed", config.seed());
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("train", data.blocks().rows().get(Part.TRAIN));
    counts.put("validation", data.blocks().rows().get(Part.UPPER));
    counts.put("test", data.blocks().rows().get(Part.TEST));
    summary.put("rows", counts);
    summary.put("features", data.tables().train().columns());
    summary.put("classes", data.tables().classes().size());
    summary.put("variables", config.upper().variables());
    summary.put("upperObjective", solved.upperObjective());
    summary.put("lowerObjective", solved.evaluation().value());
    summary.put("lowerGradientNormInf", Vectors.normInf(solved.evaluation().gradient()));
    summary.put("hypergradientNorm", norm);
    summary.put("methods", methods);
    summary.put("passes", engine.ledger().passes());
    summary.put("lowerPasses", solved.passes());
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    seconds.put("load", load);
    seconds.put("solve", solve);
    seconds.put("write", (System.nanoTime() - start) / 1e9);
    summary.put("seconds", seconds);
    output.writeText(OutputFolder.SUMMARY, Json.pretty(summary));
    console.line(String.format(Locale.ROOT, "upper objective %.10f", solved.upperObjective()));
  }

  /** In rising order of the row ids, one partition at a time. */
  private static void writeRows(BufferedWriter csv, PreparedData data, RowPart rows)
      throws IOException {
    JavaPairRDD<Long, Double> sorted =
        rows.entries().mapToPair(entry -> new Tuple2<>(entry.id(), entry.values()[0])).sortByKey();
    Iterator<Tuple2<String, Double>> lines;
    if (data.tables().train().hasIds()) {
      JavaPairRDD<Long, String> names =
          data.tables().train().examples().mapToPair(row -> new Tuple2<>(row.id(), display(row)));
      lines =
          sorted
              .join(names)
              .sortByKey()
              .values()
              .map(pair -> new Tuple2<>(pair._2(), pair._1()))
              .toLocalIterator();
    } else {
      lines =
          sorted.map(pair -> new Tuple2<>(Long.toString(pair._1()), pair._2())).toLocalIterator();
    }
    while (lines.hasNext()) {
      Tuple2<String, Double> line = lines.next();
      csv.write(Csv.quoted(line._1()) + "," + line._2() + "\n");
    }
    rows.entries().unpersist(false);
  }

  private static String display(Example row) {
    return row.displayId();
  }
}

package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Solved;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.job.compare.HypergradientJob.Found;
import io.github.sparkbilevel.job.compare.HypergradientJob.RowPart;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.Console;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.spark.SparkEngine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/**
 * The table, the file and the summary of the job {@code hypergradient}.
 *
 * @param names of the entries of the driver's λ
 */
record HypergradientOutputs(
    JobContext context, PreparedData data, List<String> names, SparkEngine engine) {
  private static final String WHOLE = "all";

  /**
   * Writes what was found.
   *
   * @param load seconds spent on reading and partitioning
   */
  RunResult write(Found found, double load) throws IOException {
    long start = System.nanoTime();
    double[] first = found.answers().get(0).shared();
    RowPart rows = found.rows();
    double norm = Math.sqrt(Vectors.dot(first, first) + (rows == null ? 0 : rows.squaredNorm()));
    ObjectNode methods = methods(found, first, norm);
    try (BufferedWriter csv = Csv.open(context.output(), "hypergradient.csv")) {
      csv.write("name,value\n");
      if (rows != null) {
        writeRows(csv, rows);
      }
      for (int j = 0; j < names.size(); j++) {
        csv.write(Csv.quoted(names.get(j)) + "," + first[j] + "\n");
      }
    }
    Solved solved = found.solved();
    ObjectNode summary = Summaries.of(context, data);
    summary.set("variables", Json.tree(context.config().upper().variables()));
    summary
        .put("upperObjective", solved.upperObjective())
        .put("lowerObjective", solved.evaluation().value())
        .put("lowerGradientNormInf", Vectors.normInf(solved.evaluation().gradient()))
        .put("hypergradientNorm", norm)
        .put("passes", engine.ledger().passes())
        .put("lowerPasses", solved.passes())
        .set("methods", methods);
    summary.set(
        "seconds",
        Summaries.seconds(context)
            .put("load", load)
            .put("solve", found.seconds())
            .put("write", (System.nanoTime() - start) / 1e9));
    context
        .console()
        .line(String.format(Locale.ROOT, "upper objective %.10f", solved.upperObjective()));
    return RunResult.of(summary);
  }

  /** Prints a line for each answer, and returns their figures by method. */
  private ObjectNode methods(Found found, double[] first, double norm) {
    Console console = context.console();
    console.line(
        String.format(
            Locale.ROOT,
            "%-10s %8s %16s %8s %10s",
            "method",
            "products",
            "relative error",
            "passes",
            "seconds"));
    List<String> words = context.config().hypergradient().methods();
    ObjectNode methods = Json.object();
    for (int a = 0; a < found.answers().size(); a++) {
      Answer answer = found.answers().get(a);
      double[] difference = Vectors.plus(answer.shared(), -1, first);
      double squared =
          Vectors.dot(difference, difference)
              + (found.rows() == null ? 0 : found.rows().squaredErrors()[a]);
      double error = squared == 0 ? 0 : Math.sqrt(squared) / norm;
      String word = words.get(a % words.size());
      String products = products(a, words.size());
      // The figures after fewer products stand beside those of the whole answer.
      ObjectNode figures =
          products.equals(WHOLE)
              ? methods.putObject(word)
              : ((ObjectNode) methods.get(word))
                  .withObjectProperty("afterProducts")
                  .putObject(products);
      figures
          .put("relativeError", error)
          .put("status", answer.status().label())
          .setAll(Json.<ObjectNode>tree(answer.cost()));
      console.line(
          String.format(
              Locale.ROOT,
              "%-10s %8s %16.2e %8d %10.3f",
              word,
              products,
              error,
              answer.cost().passes(),
              answer.cost().seconds()));
    }
    return methods;
  }

  /** How many products an answer was given: those of all methods come first without a limit. */
  private String products(int answer, int methods) {
    return answer < methods
        ? WHOLE
        : context.config().hypergradient().products().get(answer / methods - 1).toString();
  }

  /** In rising order of the row ids, one partition at a time. */
  private void writeRows(BufferedWriter csv, RowPart rows) throws IOException {
    JavaPairRDD<Long, Double> sorted =
        rows.entries().mapToPair(entry -> new Tuple2<>(entry.id(), entry.values()[0])).sortByKey();
    Iterator<Tuple2<String, Double>> lines;
    if (data.tables().train().hasIds()) {
      JavaPairRDD<Long, String> ids =
          data.tables().train().examples().mapToPair(HypergradientOutputs::named);
      lines =
          sorted
              .join(ids)
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

  private static Tuple2<Long, String> named(Example row) {
    return new Tuple2<>(row.id(), row.displayId());
  }
}

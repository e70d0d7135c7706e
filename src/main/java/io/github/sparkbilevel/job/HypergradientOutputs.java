package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Solved;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.job.HypergradientJob.Found;
import io.github.sparkbilevel.job.HypergradientJob.RowPart;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.SparkEngine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/** The table, the file and the summary of the job {@code hypergradient}. */
final class HypergradientOutputs {
  private final JobContext context;
  private final PreparedData data;
  private final List<String> names;
  private final SparkEngine engine;

  /**
   * Writes nothing yet.
   *
   * @param names of the entries of the driver's λ
   */
  HypergradientOutputs(
      JobContext context, PreparedData data, List<String> names, SparkEngine engine) {
    this.context = context;
    this.data = data;
    this.names = names;
    this.engine = engine;
  }

  /**
   * Writes what was found.
   *
   * @param load seconds spent on reading and partitioning
   */
  void write(Found found, double load) throws IOException {
    long start = System.nanoTime();
    double[] first = found.answers().get(0).shared();
    RowPart rows = found.rows();
    double norm = Math.sqrt(Vectors.dot(first, first) + (rows == null ? 0 : rows.squaredNorm()));
    Map<String, Object> methods = methods(found, first, norm);
    OutputFolder output = context.output();
    try (BufferedWriter csv =
        new BufferedWriter(
            new OutputStreamWriter(output.create("hypergradient.csv"), StandardCharsets.UTF_8))) {
      csv.write("name,value\n");
      if (rows != null) {
        writeRows(csv, rows);
      }
      for (int j = 0; j < names.size(); j++) {
        csv.write(Csv.quoted(names.get(j)) + "," + first[j] + "\n");
      }
    }
    output.writeText(OutputFolder.SUMMARY, Json.pretty(summary(found, methods, norm, load, start)));
    context
        .console()
        .line(String.format(Locale.ROOT, "upper objective %.10f", found.solved().upperObjective()));
  }

  /** Prints a line for each answer, and returns their figures by method. */
  private Map<String, Object> methods(Found found, double[] first, double norm) {
    JobConfig config = context.config();
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
    List<String> words = config.hypergradient().methods();
    Map<String, Object> methods = new LinkedHashMap<>();
    for (int a = 0; a < found.answers().size(); a++) {
      Answer answer = found.answers().get(a);
      double[] difference = Vectors.plus(answer.shared(), -1, first);
      double squared =
          Vectors.dot(difference, difference)
              + (found.rows() == null ? 0 : found.rows().squaredErrors()[a]);
      double error = squared == 0 ? 0 : Math.sqrt(squared) / norm;
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("relativeError", error);
      figures.put("passes", answer.passes());
      figures.put("seconds", answer.seconds());
      figures.put("status", answer.status().name().toLowerCase(Locale.ROOT));
      String word = words.get(a % words.size());
      boolean whole = a < words.size();
      int products = whole ? 0 : config.hypergradient().products().get(a / words.size() - 1);
      if (whole) {
        methods.put(word, figures);
      } else {
        put(methods.get(word), products, figures);
      }
      console.line(
          String.format(
              Locale.ROOT,
              "%-10s %8s %16.2e %8d %10.3f",
              word,
              whole ? "all" : Integer.toString(products),
              error,
              answer.passes(),
              answer.seconds()));
    }
    return methods;
  }

  /** Puts figures after fewer products beside those of the whole answer. */
  @SuppressWarnings("unchecked")
  private static void put(Object method, int products, Map<String, Object> figures) {
    ((Map<String, Object>)
            ((Map<String, Object>) method)
                .computeIfAbsent("afterProducts", key -> new LinkedHashMap<String, Object>()))
        .put(Integer.toString(products), figures);
  }

  private Map<String, Object> summary(
      Found found, Map<String, Object> methods, double norm, double load, long start) {
    JobConfig config = context.config();
    Solved solved = found.solved();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("job", config.job());
    summary.put("version", Version.current());
    summary.put("seed", config.seed());
    summary.put("notices", context.notices().asMaps());
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
    seconds.put("solve", found.seconds());
    seconds.put("write", (System.nanoTime() - start) / 1e9);
    summary.put("seconds", seconds);
    return summary;
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

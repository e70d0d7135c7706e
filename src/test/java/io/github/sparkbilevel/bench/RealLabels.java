package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.job.SessionJobs;
import io.github.sparkbilevel.ml.CleaningRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/**
 * Cleans real labels that were spoiled in several ways, beside the plain models of the job: mean
 * test RMSE of each model, that of the model returned, and the AUROC of {@code quality}.
 *
 * <p>Made rows: y = 40 + Σ_j β_j x_j + 2 e with 12 normal features, β_j of deviation 2, and e
 * normal, or of Student's t with 3 degrees of freedom; 2,000 training and 2,000 test rows.
 * Argument: the number of draws, 3 unless given.
 */
public final class RealLabels {
  private static final int ROWS = 2000;
  private static final int FEATURES = 12;

  private static final Map<String, String> CELLS = new LinkedHashMap<>();

  static {
    CELLS.put("none", "data.corrupt.fraction = 0.0");
    CELLS.put("30 %, up to 10 deviations", corrupt("outliers", 0.3, 10));
    CELLS.put(
        "the same, 30 trusted rows", corrupt("outliers", 0.3, 10) + "\ndata.validation.rows = 30");
    CELLS.put("30 % × 1000", corrupt("units", 0.3, 1000));
    CELLS.put("40 % × 2.54", corrupt("units", 0.4, 2.54));
    CELLS.put("60 % × 2.54", corrupt("units", 0.6, 2.54));
    CELLS.put("40 % × 1.1", corrupt("units", 0.4, 1.1));
    CELLS.put("40 % × 1.3, heavy tails", corrupt("units", 0.4, 1.3));
  }

  private RealLabels() {}

  private static String corrupt(String kind, double fraction, double factor) {
    return "data.corrupt { kind = %s, fraction = %s, factor = %s }"
        .formatted(kind, fraction, factor);
  }

  /** Prints a line for each cell. */
  public static void main(String[] args) throws IOException {
    int draws = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    Path folder = Files.createTempDirectory("real-labels");
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate()) {
      spark.sparkContext().setLogLevel("ERROR");
      for (String cell : CELLS.keySet()) {
        measure(spark, folder, cell, draws);
      }
    }
  }

  private static void measure(SparkSession spark, Path folder, String cell, int draws)
      throws IOException {
    Map<String, Double> errors = new LinkedHashMap<>();
    double auroc = 0;
    for (int draw = 1; draw <= draws; draw++) {
      Random random = new Random(draw);
      boolean heavy = cell.endsWith("heavy tails");
      double[] beta = random.doubles(FEATURES).map(u -> 2 * random.nextGaussian()).toArray();
      Files.writeString(folder.resolve("train.csv"), rows(random, beta, heavy));
      Files.writeString(folder.resolve("test.csv"), rows(random, beta, heavy));
      Path job = Files.writeString(folder.resolve("job.conf"), job(folder, cell, draw));
      try (CleaningRun run = SessionJobs.clean(spark, job)) {
        run.result()
            .models()
            .forEach(
                (name, model) ->
                    errors.merge(name, model.figures().testErrors().rmse() / draws, Double::sum));
        double returned = run.result().selectedModel().figures().testErrors().rmse();
        errors.merge("returned", returned / draws, Double::sum);
        var ranking = run.detection().rankings().get("quality");
        auroc += ranking == null ? Double.NaN : ranking.auroc() / draws;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %s; auroc %.4f%n",
        cell,
        errors.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%s %.3f", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", ")),
        auroc);
  }

  private static String job(Path folder, String cell, int draw) {
    return """
        job = clean
        seed = %2$d
        model.family = linear
        data {
          train { path = "%1$s/train.csv", label = y, id = id }
          validation { rows = 100 }
          test { path = "%1$s/test.csv", label = y }
          corrupt.seed = %2$d
        }
        output.path = "%1$s/out"
        %3$s
        """
        .formatted(folder, draw, CELLS.get(cell));
  }

  private static String rows(Random random, double[] beta, boolean heavy) {
    StringBuilder csv = new StringBuilder("id,y,");
    csv.append(
        IntStream.range(0, FEATURES).mapToObj(j -> "x" + j).collect(Collectors.joining(",")));
    for (int i = 0; i < ROWS; i++) {
      double y = 40;
      StringBuilder cells = new StringBuilder();
      for (double b : beta) {
        double x = random.nextGaussian();
        y += b * x;
        cells.append(',').append(x);
      }
      y += 2 * random.nextGaussian() / (heavy ? Math.sqrt(meanOfSquares(random)) : 1);
      csv.append('\n').append(i).append(',').append(y).append(cells);
    }
    return csv.append('\n').toString();
  }

  /** χ² with three degrees of freedom over three. */
  private static double meanOfSquares(Random random) {
    return List.of(1, 2, 3).stream().mapToDouble(i -> Math.pow(random.nextGaussian(), 2) / 3).sum();
  }
}

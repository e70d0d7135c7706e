package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.job.JobRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cleaned/} where features were made of the columns of the source. */
class SourceRowsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final int ROWS = 300;

  private static final String JOB =
      """
      job = clean
      seed = 3
      data {
        train { path = "%s", id = %s, label = income }
        validation { column = checked }
      }
      solver { iterations = 1 }
      baselines = [noisy]
      output { path = out, overwrite = true }
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  /** The hours say nearly all of the label; every eleventh label is wrong. */
  private static List<String> rows() {
    return IntStream.range(0, ROWS)
        .mapToObj(
            i -> {
              boolean rich = i * 7 % 40 >= 20;
              boolean checked = i % 5 == 0;
              return "C%03d;%s;%s;%s;%d;%s"
                  .formatted(
                      i,
                      i % 50 == 1 ? "" : i * 7 % 40 + ",5",
                      i % 9 == 0 ? "" : List.of("state", "private").get(i % 2),
                      rich == (checked || i % 11 != 0) ? "much" : "little",
                      1 + i % 2,
                      checked);
            })
        .toList();
  }

  private static final String HEADER = "customer;hours;work;income;Weight;checked";

  /** The kept rows by id, as they are and as their source has them. */
  private void assertRowsOfTheSource(Dataset<Row> source, Dataset<Row> cleaned, String id) {
    Dataset<Row> scores = SPARK.read().parquet(jobs.path("out/scores").toString());
    assertEquals(scores.filter("not flagged").count(), cleaned.count());
    assertTrue(cleaned.count() < scores.count() && cleaned.count() > scores.count() / 2);
    assertEquals(ROWS * 4 / 5, scores.count());
    Map<Object, Double> weights =
        scores.collectAsList().stream()
            .collect(Collectors.toMap(row -> row.getAs("id"), row -> row.getAs("weight")));
    Map<Object, Row> given =
        source.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs(id), row -> row));
    for (Row row : cleaned.collectAsList()) {
      Row from = given.get(row.getAs("id"));
      assertEquals(from.<Object>getAs("income"), row.getAs("label"));
      assertEquals(weights.get(row.getAs("id")), row.<Double>getAs("weight"));
      for (String column : List.of("work", "hours", "checked")) {
        assertEquals(from.<Object>getAs(column), row.getAs(column), column);
      }
      assertEquals(from.<Object>getAs("Weight"), row.getAs("source_Weight"));
    }
  }

  @Test
  void rowsOfCsvFilesByTheirNames() throws IOException {
    jobs.write("rows.csv", HEADER + "\n" + String.join("\n", rows()) + "\n");
    jobs.run(JOB.formatted("rows.csv", "customer")).assertDone();
    Dataset<Row> cleaned = SPARK.read().parquet(jobs.path("out/cleaned").toString());
    assertEquals(
        List.of("id", "label", "hours", "work", "source_Weight", "checked", "weight"),
        List.of(cleaned.columns()));
    Dataset<Row> source =
        SPARK
            .read()
            .option("header", "true")
            .option("sep", ";")
            .csv(jobs.path("rows.csv").toString())
            .withColumn("hours", functions.translate(functions.col("hours"), ",", "."))
            .na()
            .fill("", new String[] {"work", "hours"});
    assertRowsOfTheSource(source, cleaned, "customer");
  }

  @Test
  void rowsOfSeveralParquetFilesByNumberAndByName() throws IOException {
    jobs.write("rows.csv", HEADER + "\n" + String.join("\n", rows()) + "\n");
    Dataset<Row> source =
        SPARK
            .read()
            .option("header", "true")
            .option("sep", ";")
            .csv(jobs.path("rows.csv").toString())
            .withColumn("hours", functions.translate(functions.col("hours"), ",", "."))
            .withColumn("hours", functions.col("hours").cast(DataTypes.DoubleType))
            .withColumn("number", functions.expr("1000 - cast(substring(customer, 2) as bigint)"))
            .withColumn("pair", functions.expr("array(number % 7, 2)"));
    source.repartition(4).write().parquet(jobs.path("rows").toString());
    for (String id : List.of("number", "customer")) {
      jobs.run(JOB.formatted("rows", id), "output.softLabels=true").assertDone();
      Dataset<Row> cleaned = SPARK.read().parquet(jobs.path("out/cleaned").toString());
      assertRowsOfTheSource(source, cleaned, id);
      assertEquals(2, cleaned.first().getList(cleaned.schema().fieldIndex("softLabels")).size());
      assertEquals(
          source.schema().apply("hours").dataType(), cleaned.schema().apply("hours").dataType());
    }
    jobs.run(JOB.formatted("rows", "number"), "output.format=csv", "baselines=[]").assertDone();
    List<Row> csv =
        SPARK
            .read()
            .option("header", "true")
            .option("escape", "\"")
            .csv(jobs.path("out/cleaned").toString())
            .collectAsList();
    for (Row row : csv) {
      long number = Long.parseLong(row.getAs("id"));
      assertEquals("[%d,2]".formatted(number % 7), row.getAs("pair"));
    }
  }
}

package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.data.LocalSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where rows may come from, and what may be wrong with them. */
class RowSourcesTest {
  private static final int ROWS = 120;

  @TempDir Path folder;

  /** The bits of what is learned from rows: the tuned penalties and all coefficients. */
  private record Learned(List<Double> lambda, List<Double> weights, Vector classifier) {}

  private static Learned learned(Dataset<Row> rows) {
    TunedLogisticRegressionModel tuned = SmallRows.classifier().setWeightCol("w").fit(rows);
    DataCleanerModel cleaner = SmallRows.cleaner().fit(rows);
    TunedLinearRegressionModel fixed =
        SmallRows.regressor().setWeightCol("w").setUpperVariables(new String[0]).fit(rows);
    List<Double> lambda = new ArrayList<>(tuned.penalties().values());
    lambda.addAll(fixed.penalties().values());
    double[] coefficients = tuned.coefficientMatrix().toArray();
    double[] others = ((LinearClassifierModel) cleaner.classifier()).coefficientMatrix().toArray();
    double[] last = fixed.coefficients().toArray();
    double[] all =
        java.util.Arrays.copyOf(coefficients, coefficients.length + others.length + last.length);
    System.arraycopy(others, 0, all, coefficients.length, others.length);
    System.arraycopy(last, 0, all, coefficients.length + others.length, last.length);
    return new Learned(
        lambda, new ArrayList<>(cleaner.summary().lambda().values()), Vectors.dense(all));
  }

  @Test
  void theSourceAndThePartitionsDoNotMatterWhereRowsHaveIds() {
    SparkSession spark = LocalSpark.session();
    List<Row> list = SmallRows.list(ROWS);
    Dataset<Row> rows = SmallRows.of(list);
    Learned expected = learned(rows);

    String parquet = folder.resolve("parquet").toString();
    rows.repartition(3).write().parquet(parquet);
    assertEquals(expected, learned(spark.read().parquet(parquet)), "Parquet");
    String orc = folder.resolve("orc").toString();
    rows.repartition(2).write().orc(orc);
    assertEquals(expected, learned(spark.read().schema(SmallRows.SCHEMA).orc(orc)), "ORC");
    spark.sql("drop table if exists small_rows");
    rows.write().option("path", folder.resolve("table").toString()).saveAsTable("small_rows");
    try {
      assertEquals(expected, learned(spark.table("small_rows")), "a catalog table");
    } finally {
      spark.sql("drop table small_rows");
    }
    Dataset<Row> ofRdd =
        spark.createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(list, 5),
            SmallRows.SCHEMA);
    Dataset<Row> backwards = ofRdd.orderBy(functions.expr("-id")).coalesce(1);
    assertEquals(expected, learned(backwards), "an RDD of rows, backwards");
  }

  @Test
  void manyMorePartitionsThanRowsGiveTheBitsOfOne() {
    Dataset<Row> rows = SmallRows.table(ROWS / 2);
    TunedLogisticRegression classifier = SmallRows.classifier().setMaxIter(1).setWeightCol("w");
    TunedLogisticRegressionModel one = classifier.fit(rows.coalesce(1));
    TunedLogisticRegressionModel many =
        classifier.fit(rows.repartition(3 * ROWS / 2, functions.col("features")));
    assertEquals(one.coefficientMatrix(), many.coefficientMatrix());
    assertArrayEquals(one.lambda(), many.lambda());
    assertEquals(one.interceptVector(), many.interceptVector());
  }

  @Test
  void denseAndSparseVectorsMayBeMixed() {
    List<Row> full = new ArrayList<>();
    List<Row> mixed = new ArrayList<>();
    List<Row> sparse = new ArrayList<>();
    List<Row> both = new ArrayList<>();
    for (Row row : SmallRows.list(ROWS)) {
      int i = full.size();
      Vector features = (Vector) row.get(1);
      full.add(row);
      mixed.add(SmallRows.with(row, "features", i % 3 == 0 ? features.toSparse() : features));
      double[] few = new double[3 * SmallRows.FEATURES];
      few[i % 3] = features.apply(0);
      few[3 + i % 3] = features.apply(1);
      sparse.add(SmallRows.with(row, "features", Vectors.dense(few).toSparse()));
      both.add(
          SmallRows.with(
              row, "features", i % 2 == 0 ? Vectors.dense(few) : Vectors.dense(few).toSparse()));
    }
    assertEquals(learned(SmallRows.of(full)), learned(SmallRows.of(mixed)));
    assertEquals(learned(SmallRows.of(sparse)), learned(SmallRows.of(both)));
  }

  @Test
  void anUnknownMarkIsFalse() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    List<Row> list = new ArrayList<>();
    for (Row row : SmallRows.list(ROWS)) {
      list.add(row.getBoolean(5) ? row : SmallRows.with(row, "trusted", null));
    }
    assertEquals(learned(rows), learned(SmallRows.of(list)));
  }

  @Test
  void columnsMayBeCalledAnything() {
    Dataset<Row> rows =
        SmallRows.table(ROWS)
            .withColumnRenamed("trusted", "is.trusted")
            .withColumnRenamed("features", "the `x`")
            .withColumnRenamed("label", "a.label")
            .withColumnRenamed("id", "row id")
            .withColumnRenamed("source", "from.where");
    DataCleanerModel model =
        SmallRows.cleaner()
            .setTrustedCol("is.trusted")
            .setFeaturesCol("the `x`")
            .setLabelCol("a.label")
            .setIdCol("row id")
            .setGroupCol("from.where")
            .setWeightCol("its.weight")
            .setFlaggedCol("is `bad`")
            .fit(rows);
    Dataset<Row> judged = model.transform(rows);
    assertEquals(model.transformSchema(rows.schema()), judged.schema());
    assertEquals(judged.filter("not `is ``bad```").count(), model.cleaned(rows).count());
    TunedLogisticRegressionModel tuned =
        SmallRows.classifier()
            .setFeaturesCol("the `x`")
            .setLabelCol("a.label")
            .setIdCol("row id")
            .setValidationIndicatorCol("is.trusted")
            .fit(rows);
    assertEquals(ROWS / 5, tuned.summary().run().rows().validation());
  }
}

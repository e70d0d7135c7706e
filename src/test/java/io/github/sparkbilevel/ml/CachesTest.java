package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.ml.prepare.RunListener;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

/** Nothing stays cached after a fit but what the caller cached, however the fit ends. */
class CachesTest {
  private static final int ROWS = 150;

  private static SparkContext context() {
    return LocalSpark.session().sparkContext();
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals("Map()", context().getPersistentRDDs().toString());
  }

  private static List<Estimator<?>> estimators() {
    return List.of(
        SmallRows.cleaner(),
        SmallRows.classifier().setValidationIndicatorCol("trusted"),
        SmallRows.classifier().setBaselines(new String[] {"grid"}).setGridSize(2),
        SmallRows.regressor());
  }

  /** The names of the RDDs that stages were to cache. */
  private static final class Cached extends SparkListener {
    private final Set<String> names = new ConcurrentSkipListSet<>();

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted stage) {
      for (RDDInfo rdd : CollectionConverters.asJava(stage.stageInfo().rddInfos())) {
        if (rdd.storageLevel().isValid()) {
          names.add(rdd.name());
        }
      }
    }
  }

  private static Set<String> cachedDuring(Runnable fit) throws TimeoutException {
    Cached cached = new Cached();
    context().addSparkListener(cached);
    try {
      fit.run();
      context().listenerBus().waitUntilEmpty();
    } finally {
      context().removeSparkListener(cached);
    }
    return cached.names;
  }

  @Test
  void rowsThatTheCallerCachedAreNotCachedTwiceAndStayCached() throws TimeoutException {
    Dataset<Row> rows = SmallRows.table(ROWS).filter("id >= 0").repartition(2);
    for (Estimator<?> estimator : estimators()) {
      Set<String> ours = cachedDuring(() -> estimator.fit(rows));
      assertTrue(ours.stream().anyMatch(name -> name.contains("rows of the training data")));
    }
    rows.cache().count();
    try {
      StorageLevel level = rows.storageLevel();
      for (Estimator<?> estimator : estimators()) {
        Set<String> names = cachedDuring(() -> estimator.fit(rows));
        assertTrue(names.contains("spark-bilevel blocks"), names::toString);
        assertFalse(
            names.stream().anyMatch(name -> name.contains(" rows of ")),
            () -> estimator + ": " + names);
        assertEquals(1, context().getPersistentRDDs().size());
        assertEquals(level, rows.storageLevel());
      }
    } finally {
      rows.unpersist(true);
    }
  }

  @Test
  void knowsWhatTheCallerCached() {
    Dataset<Row> rows = SmallRows.table(ROWS).repartition(2);
    assertFalse(DatasetRows.isCached(rows));
    rows.persist(StorageLevel.DISK_ONLY());
    try {
      assertTrue(DatasetRows.isCached(SmallRows.table(ROWS).repartition(2)), "by the same plan");
      assertTrue(DatasetRows.isCached(rows.filter("trusted").as("r")));
      assertTrue(DatasetRows.isCached(rows.filter("trusted").filter("id > 3")));
      assertFalse(DatasetRows.isCached(rows.withColumn("twice", functions.expr("2 * id"))));
      assertFalse(DatasetRows.isCached(rows.orderBy("id")));
    } finally {
      rows.unpersist(true);
    }
    assertFalse(DatasetRows.isCached(rows));
  }

  @Test
  void columnsThatCannotBeComputedLeaveNothing() {
    UDF1<Vector, Vector> fails =
        features -> {
          if (features.apply(0) > 4) {
            throw new IllegalStateException("this feature is too much for me");
          }
          return features;
        };
    Dataset<Row> rows = SmallRows.table(ROWS);
    Dataset<Row> broken =
        rows.withColumn(
            "features",
            functions
                .udf(fails, org.apache.spark.ml.linalg.SQLDataTypes.VectorType())
                .apply(functions.col("features")));
    for (Estimator<?> estimator : estimators()) {
      Throwable thrown = assertThrows(Exception.class, () -> estimator.fit(broken));
      assertTrue(causes(thrown).contains("this feature is too much for me"), () -> causes(thrown));
      nothingIsLeft();
    }
  }

  private static String causes(Throwable thrown) {
    StringBuilder all = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      all.append(t).append('\n');
    }
    return all.toString();
  }

  @Test
  void aRunThatBreaksOffInTheMiddleLeavesNothing() {
    RunListener breaks =
        new RunListener() {
          @Override
          public void iteration(IterationRecord record) {
            if (record.iteration() == 1) {
              throw new IllegalStateException("enough");
            }
          }
        };
    assertEquals(
        "enough",
        assertThrows(
                IllegalStateException.class,
                () -> SmallRows.cleaner().run(tables(SmallRows.cleaner()), breaks))
            .getMessage());
    nothingIsLeft();
    assertEquals(
        "enough",
        assertThrows(
                IllegalStateException.class,
                () -> SmallRows.classifier().run(tables(SmallRows.classifier()), breaks))
            .getMessage());
  }

  @Test
  void paramsThatDoNotFitLeaveNothing() {
    DataCleaner cleaner = SmallRows.cleaner().setUpperVariables(new String[] {"l2"});
    PreparedTables tables = tables(cleaner);
    assertThrows(IllegalArgumentException.class, () -> cleaner.run(tables, RunListener.LOG));
    nothingIsLeft();
    TunedLogisticRegression classifier = SmallRows.classifier().setFamily("binomial");
    PreparedTables others = tables(classifier);
    assertThrows(IllegalArgumentException.class, () -> classifier.run(others, RunListener.LOG));
  }

  private static PreparedTables tables(BilevelParams<?, ?> params) {
    Settings settings = new Settings(params);
    Dataset<Row> rows = SmallRows.table(ROWS);
    return PreparedTables.load(
        LocalSpark.session(),
        new PreparedTables.Request(
            settings.table("the training data", "", ""),
            SplitSpec.table(settings.table("the trusted data", "", "")),
            null,
            null,
            1,
            true),
        new PreparedTables.Given(rows.filter("not trusted"), rows.filter("trusted"), null, false));
  }

  /** After so many jobs another thread cancels the fit, or stops its thread. */
  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "4, false", "7, false", "12, false", "25, false", "15, true"})
  void aFitThatIsCancelledLeavesNothing(int jobs, boolean interrupt) throws InterruptedException {
    for (Estimator<?> estimator :
        List.of(
            SmallRows.cleaner().setMaxIter(100_000).setPatience(100_000),
            SmallRows.classifier().setAlgorithm("nbo").setMaxIter(100_000).setPatience(100_000))) {
      Dataset<Row> rows = SmallRows.table(ROWS);
      String group = "fit " + estimator.uid();
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                context().setJobGroup(group, "to be cancelled", true);
                try {
                  estimator.fit(rows);
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      thread.start();
      while (thread.isAlive() && context().statusTracker().getJobIdsForGroup(group).length < jobs) {
        Thread.sleep(2);
      }
      if (interrupt) {
        thread.interrupt();
      }
      // Between two jobs there is nothing to cancel.
      while (thread.isAlive()) {
        if (!interrupt) {
          context().cancelJobGroup(group);
        }
        thread.join(20);
      }
      assertNotNull(thrown.get());
      nothingIsLeft();
    }
  }
}

package io.github.sparkbilevel.ml;

import static io.github.sparkbilevel.ml.ClassifierModelTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.GroupIndex;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.score.RowJudge;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a row, by classifiers of either class. */
class RowJudgeTest {
  private static final String EACH = "io.github.sparkbilevel.ml.Models#ofEachClass";
  private static final List<String> GROUPS = List.of("web", "zoo");
  private static final double TOLERANCE = 1e-12;

  private static CleaningSummary summary;

  @TempDir Path folder;

  /** A selected model, and three others of its shape. */
  private record Judged(
      Sample selected, Sample trusted, Sample current, Sample start, Weighing weighing) {

    static Judged of(Sample sample) {
      return new Judged(
          sample,
          other(sample, 71),
          other(sample, 72),
          other(sample, 73),
          new Weighing(
              new WeightFunction(WeightFunction.ALL_SCORES, 2),
              new double[] {0.1, 0.7, 0.9, -0.8, -1, 1.2},
              new double[] {0.3, -0.2, 0.1},
              new double[] {1.5, 2, 1.7}));
    }

    private static Sample other(Sample sample, long seed) {
      double[] theta = Models.sample(sample.model(), false, sample.clip(), seed).theta();
      return sample.with(theta, sample.mean(), sample.scale(), sample.clip());
    }

    RowJudge judge() {
      return new RowJudge(
          selected.model(),
          selected.scorer(),
          new JudgingRule.Preferred(),
          new RowJudge.WeightModels(weighing, trusted.scorer(), current.scorer(), start.scorer()),
          ClassIndex.of(selected.labels()),
          GroupIndex.of(GROUPS, false));
    }

    /** The same judge as a stage. */
    DataCleanerModel cleaner() {
      return new DataCleanerModel(
          "cleaner", new Predictor(selected.classifier()), judge(), null, summary);
    }

    private double logOdds(Sample sample, Vector row, int label) {
      return sample.model().loss().logOdds(-Math.log(sample.probabilities(row)[label]));
    }

    double weight(Vector row, int label, int group) {
      double[] odds = {
        logOdds(trusted, row, label), logOdds(current, row, label), logOdds(start, row, label)
      };
      return weighing.weight(label, odds, group);
    }
  }

  @BeforeAll
  static void aSummary() {
    summary = SmallRows.cleaner().fit(SmallRows.table(120)).summary();
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void judgesAsComputedDirectly(Sample sample) {
    Judged judged = Judged.of(sample);
    RowJudge judge = judged.judge();
    int flagged = 0;
    for (Vector row : Models.rows(40, 4, 73)) {
      double[] p = sample.probabilities(row);
      String preferred = "label " + Models.largest(p);
      for (int label = 0; label < 3; label++) {
        for (int group = -1; group < 2; group++) {
          String source = group < 0 ? "moon" : GROUPS.get(group);
          for (Vector same : List.of(row, row.toSparse())) {
            Row said = judge.judge(same, "label " + label, source, List.of());
            assertEquals(judged.weight(row, label, group), said.getDouble(0), 1e-10);
            assertEquals(p[label], said.getDouble(1), TOLERANCE);
            assertEquals(!preferred.equals("label " + label), said.getBoolean(2));
            assertEquals(preferred, said.getString(3));
            flagged += said.getBoolean(2) ? 1 : 0;
          }
        }
      }
    }
    assertEquals(40 * 2 * 3 * 2, flagged);
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void softLabelsAreThePosteriorWhereTheConfusionIsKnown(Sample sample) {
    double[] counts = {6, 2, 2, 1, 8, 1, 3, 3, 4};
    RowJudge judge =
        new RowJudge(
            sample.model(),
            sample.scorer(),
            new JudgingRule.Posterior(Confusion.ofCounts(3, counts)),
            null,
            ClassIndex.of(sample.labels()),
            GroupIndex.of(GROUPS, false));
    for (Vector row : Models.rows(10, 4, 73)) {
      double[] p = sample.probabilities(row);
      for (int label = 0; label < 3; label++) {
        double[] soft = judge.softLabels(row, "label " + label, "web", List.of()).toArray();
        assertEquals(1, Arrays.stream(soft).sum(), TOLERANCE);
        assertEquals(
            judge.judge(row, "label " + label, "web", List.of()).getDouble(1), soft[label]);
        assertEquals(
            p[0] / p[1] * counts[label] / counts[3 + label], soft[0] / soft[1], 1e-9 / soft[1]);
      }
      assertArrayEquals(p, judge.softLabels(row, null, null, List.of()).toArray(), TOLERANCE);
    }
    assertNull(judge.softLabels(null, "label 1", "web", List.of()));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void saysWhatIsKnownOfRowsThatLackSomething(Sample sample) {
    Judged judged = Judged.of(sample);
    RowJudge judge = judged.judge();
    Vector row = Vectors.dense(1, 2, 3, 4);
    String preferred = sample.classifier().predictLabel(row);
    assertEquals(
        RowFactory.create(null, null, null, preferred), judge.judge(row, " ", "web", List.of()));
    assertEquals(
        RowFactory.create(null, null, null, null), judge.judge(null, "label 1", "web", List.of()));
    Row strange = judge.judge(row, "cat", "web", List.of());
    assertEquals(0, strange.getDouble(1));
    assertTrue(strange.getBoolean(2));
    double[] least = {-5, -5, -5};
    assertEquals(judged.weighing().weight(-1, least, 0), strange.getDouble(0));
    assertMessage(
        "the row has 5 features, expected 4; assemble the columns the model was trained on",
        () -> judge.judge(Vectors.zeros(5), "label 1", "web", List.of()));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void aCleanerIsLoadedWithTheClassifiersItWasSavedWith(Sample sample) throws IOException {
    Judged judged = Judged.of(sample);
    DataCleanerModel cleaner = judged.cleaner().setGroupCol("source").setSoftLabelsCol("soft");
    String path = folder.resolve("cleaner").toString();
    cleaner.save(path);
    DataCleanerModel loaded = DataCleanerModel.load(path);
    assertSame(sample.classifier().getClass(), loaded.classifier().getClass());
    assertEquals(sample.labels(), loaded.classifier().labels());
    assertEquals(sample.model(), loaded.judge().model());
    Dataset<Row> rows = rows();
    assertEquals(cleaner.transformSchema(rows.schema()), cleaner.transform(rows).schema());
    List<Row> expected = cleaner.transform(rows).collectAsList();
    assertEquals(expected, loaded.transform(rows).collectAsList());
    assertEquals(expected, loaded.copy(loaded.extractParamMap()).transform(rows).collectAsList());
    for (Row row : expected) {
      Vector features = row.getAs("features");
      int label = Integer.parseInt(row.<String>getAs("label").substring("label ".length()));
      int group = GROUPS.indexOf(row.<String>getAs("source"));
      assertEquals(judged.weight(features, label, group), row.<Double>getAs("weight"), 1e-10);
      double[] p = sample.probabilities(features);
      assertEquals(p[label], row.<Double>getAs("quality"), TOLERANCE);
      assertArrayEquals(p, row.<Vector>getAs("soft").toArray(), TOLERANCE);
    }
    assertTrue(expected.stream().map(row -> row.getAs("suggestedLabel")).distinct().count() > 1);
  }

  @Test
  void aClassifierOfACleanerIsNoOtherStage() throws IOException {
    Judged judged = Judged.of(Models.threeClassNetwork());
    String path = folder.resolve("cleaner").toString();
    judged.cleaner().save(path);
    String trusted = folder.resolve("cleaner").resolve("trusted").toString();
    SmallRows.cleaner().write().overwrite().save(trusted);
    assertMessage(
        "the model at "
            + trusted
            + " is a io.github.sparkbilevel.ml.DataCleaner, expected a LinearClassifierModel or a"
            + " NetworkClassifierModel",
        () -> DataCleanerModel.load(path));
  }

  private static Dataset<Row> rows() {
    List<Vector> features = Models.rows(30, 4, 74);
    return LocalSpark.session()
        .createDataFrame(
            java.util.stream.IntStream.range(0, 30)
                .mapToObj(
                    i -> RowFactory.create(features.get(i), "label " + i % 3, GROUPS.get(i % 2)))
                .toList(),
            new StructType()
                .add("features", SQLDataTypes.VectorType())
                .add("label", DataTypes.StringType)
                .add("source", DataTypes.StringType));
  }
}

package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.Notice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCleanerTest {
  @TempDir Path folder;

  private static DataCleaner cleaner() {
    return new DataCleaner()
        .setTrustedCol("trusted")
        .setTruthCol("truth")
        .setIdCol("id")
        .setMaxIter(8)
        .setBaselines(new String[] {"noisy"});
  }

  @Test
  void findsTheWrongLabelsOfAnyRows() throws IOException {
    Dataset<Row> rows = Digits.noisy(900, 200, 40);
    DataCleanerModel model = cleaner().setMaxIter(15).fit(rows);
    assertTrue(
        model.summary().noise().detection().quality().auroc() > 0.95, () -> "" + model.summary());
    Dataset<Row> others = Digits.noisy(1500, 0, 40).filter("id >= 900");
    Dataset<Row> judged = model.transform(others);
    assertEquals(judged.schema(), model.transformSchema(others.schema()));
    double right = judged.filter("flagged = (label != truth)").count() / (double) judged.count();
    assertTrue(right > 0.85, "share of rows judged rightly: " + right);
    assertTrue(model.cleaned(others).count() < others.count());
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());

    String path = folder.resolve("model").toString();
    model.save(path);
    DataCleanerModel loaded = DataCleanerModel.load(path);
    assertEquals(said(judged), said(loaded.transform(others)));
    assertEquals(model.summary().lambda(), loaded.summary().lambda());
    assertEquals(model.summary().models(), loaded.summary().models());
    assertEquals(model.summary().run().history().size(), loaded.summary().run().history().size());
  }

  @Test
  void withoutTrustedRowsTheNoiseModelIsLearnedAlone() throws IOException {
    Dataset<Row> rows = Digits.noisy(900, 0, 40);
    DataCleaner cleaner = cleaner().setTrustedCol("");
    DataCleanerModel model = cleaner.fit(rows);
    CleaningSummary summary = model.summary();
    assertEquals("noiseModel", summary.selected());
    assertEquals("converged", summary.run().solver().status());
    assertEquals(1, summary.run().history().size());
    assertEquals(0, summary.run().rows().validation());
    assertTrue(summary.lambda().isEmpty());
    assertTrue(Double.isNaN(summary.models().get("noiseModel").heldOut().loss()));
    assertTrue(summary.noise().detection().quality().auroc() > 0.97, () -> "" + summary);
    assertEquals(
        1,
        summary.run().notices().stream()
            .filter(notice -> notice.code() == Notice.Code.WITHOUT_TRUSTED_ROWS)
            .count());
    Dataset<Row> others = Digits.noisy(1500, 0, 40).filter("id >= 900");
    Dataset<Row> judged = model.transform(others);
    assertEquals(judged.count(), judged.filter("weight = quality").count());
    double right = judged.filter("flagged = (label != truth)").count() / (double) judged.count();
    assertTrue(right > 0.85, "share of rows judged rightly: " + right);
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());
    String path = folder.resolve("unguided").toString();
    model.save(path);
    assertEquals(summary.models(), DataCleanerModel.load(path).summary().models());
  }

  @Test
  void whatNeedsTrustedRowsIsRefusedWithoutThem() {
    Dataset<Row> rows = SmallRows.table(30);
    DataCleaner cleaner = SmallRows.cleaner().setTrustedCol("");
    assertThrows(
        IllegalArgumentException.class,
        () -> cleaner.copy(ParamMap.empty()).setBaselines(new String[] {"trusted"}).fit(rows));
    DataCleaner weights = cleaner.setUpperVariables(new String[] {"weight-function"});
    assertThrows(IllegalArgumentException.class, () -> weights.fit(rows));
  }

  private static List<String> said(Dataset<Row> judged) {
    return judged
        .select("id", "weight", "quality", "flagged", "suggestedLabel")
        .orderBy("id")
        .collectAsList()
        .stream()
        .map(Row::toString)
        .toList();
  }

  @Test
  void aNetworkIsSavedAndJudgesTheSameAfterwards() throws IOException {
    DataCleanerModel model =
        cleaner()
            .setFamily("mlp")
            .setHiddenLayers(new int[] {8})
            .setMaxIter(3)
            .fit(SmallRows.table(150));
    assertInstanceOf(NetworkClassifierModel.class, model.classifier());
    String path = folder.resolve("network").toString();
    model.save(path);
    Dataset<Row> others = SmallRows.table(40);
    assertEquals(
        said(model.transform(others)), said(DataCleanerModel.load(path).transform(others)));
    double auroc = model.summary().noise().detection().quality().auroc();
    assertTrue(auroc > 0.75, () -> "AUROC " + auroc);
  }

  private static Vector widened(Vector row, int features) {
    return Vectors.sparse(features, new int[] {0, 1, 2, 3}, row.toArray());
  }

  @Test
  void modelsOfSparseRowsLimitTheirValuesToo() {
    int features = 60;
    List<Row> sparse =
        SmallRows.list(200).stream()
            .map(row -> SmallRows.with(row, "features", widened(row.getAs(1), features)))
            .toList();
    DataCleanerModel model = SmallRows.cleaner().setClip(3).fit(SmallRows.of(sparse));
    ClassifierModel<?> classifier = model.classifier();
    assertEquals(3, classifier.clip());
    Vector far = Vectors.sparse(features, new int[] {0}, new double[] {1e3});
    Vector farther = Vectors.sparse(features, new int[] {0}, new double[] {1e6});
    assertEquals(classifier.predictRaw(far), classifier.predictRaw(farther));
    assertArrayEquals(
        classifier.predictRaw(far.toDense()).toArray(),
        classifier.predictRaw(far).toArray(),
        1e-12);
  }
}

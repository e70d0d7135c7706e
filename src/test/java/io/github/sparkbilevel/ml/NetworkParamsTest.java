package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layers that the params of an estimator say. */
class NetworkParamsTest {

  @Test
  void hiddenLayersAreTheSameAsTheirList() {
    DataCleaner hidden =
        new DataCleaner().setFamily("mlp").setHiddenLayers(new int[] {7, 5}).setActivation("gelu");
    DataCleaner listed =
        new DataCleaner()
            .setFamily("network")
            .setLayers("[{dense: 7}, {activation: 'gelu'}, {dense: 5}, {activation: 'gelu'}]");
    assertEquals(hidden.layers(true), listed.layers(true));
    assertNull(new DataCleaner().setLayers("[{dense: 7}]").layers(true));
  }

  @Test
  void layersAreKeptAsJson() {
    String layers = new DataCleaner().setLayers("[{residual: [{dense: 7}]}]").getLayers();
    assertEquals(layers, new DataCleaner().setLayers(layers).getLayers());
    assertEquals("[]", new DataCleaner().getLayers());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[{dens: 7}]", "dense", "[7]", ""})
  void wrongLayersAreRefusedWhenTheyAreSet(String layers) {
    DataCleaner cleaner = new DataCleaner();
    assertThrows(IllegalArgumentException.class, () -> cleaner.setLayers(layers));
  }

  @Test
  void networkWithoutLayersIsRefused() {
    Settings settings = new Settings(new DataCleaner().setFamily("network"));
    assertThrows(IllegalArgumentException.class, settings::check);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[{embedding: {vocabulary: 9, width: 2}}]", "[{mask: true}, {mean: true}]"})
  void tokensAndMarksAreNotStandardised(String layers) {
    DataCleaner cleaner = new DataCleaner().setFamily("network").setLayers(layers);
    assertThrows(IllegalArgumentException.class, new Settings(cleaner)::check);
    new Settings(cleaner.setStandardization(false)).check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{layer1: 7}", "{layer1: []}", "[layer1]", "layer1", ""})
  void wrongNamesOfTensorsAreRefusedWhenTheyAreSet(String names) {
    DataCleaner cleaner = new DataCleaner();
    assertThrows(IllegalArgumentException.class, () -> cleaner.setWeightNames(names));
  }

  @Test
  void whatNamesTensorsNeedsAFile() {
    DataCleaner network = new DataCleaner().setFamily("mlp");
    new Settings(network).check();
    for (DataCleaner wrong :
        List.of(
            new DataCleaner().setFamily("mlp").setFrozenLayers(1),
            new DataCleaner().setFamily("mlp").setWeightNames("{layer1: 'a'}"),
            new DataCleaner().setWeightsPath("some.safetensors"))) {
      assertThrows(IllegalArgumentException.class, new Settings(wrong)::check);
    }
  }

  /** The first layer of one fit is frozen in another, whose model takes raw rows. */
  @Test
  void aFitMayGoOnFromTheWeightsOfAnother(@TempDir Path folder) {
    Dataset<Row> rows = Digits.noisy(300, 80, 40);
    DataCleaner cleaner =
        new DataCleaner()
            .setTrustedCol("trusted")
            .setFamily("mlp")
            .setHiddenLayers(new int[] {12})
            .setMaxIter(1)
            .setPlainEpochs(2)
            .setBaselines(new String[0]);
    ClassifierModel<?> first = cleaner.fit(rows).classifier();
    String file = folder.resolve("first.safetensors").toString();
    first.writeWeights(file);
    DataCleanerModel second = cleaner.setWeightsPath(file).setFrozenLayers(2).setSeed(7).fit(rows);
    double[] before = first.scorer().theta();
    double[] after = second.classifier().scorer().theta();
    int frozen = 12 * 65;
    for (int j = 0; j < frozen; j++) {
      assertEquals((float) before[j], after[j]);
    }
    assertFalse(Arrays.equals(before, frozen, before.length, after, frozen, after.length));
    assertEquals(300, second.transform(rows).filter("quality >= 0 and quality <= 1").count());
  }
}

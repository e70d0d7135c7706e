package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
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
}

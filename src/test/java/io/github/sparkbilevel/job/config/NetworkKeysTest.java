package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of networks and of noise models. */
class NetworkKeysTest extends JobFileCases {
  @Test
  void aNetworkHasDefaultsOfItsOwn() {
    JobConfig linear = job();
    JobConfig network = job("model.family=mlp", "model.hidden=[32, 16]", "model.activation=gelu");
    assertEquals(List.of(32, 16), network.model().hidden());
    assertEquals("gelu", network.model().activation());
    assertEquals(2, linear.solver().products());
    assertEquals(5, network.solver().products());
    assertEquals(0, linear.solver().damping());
    assertEquals(0.01, network.solver().damping());
    assertEquals(20, linear.solver().kfac().refresh());
    assertEquals(5, network.solver().kfac().refresh());
    assertEquals(0, hypergradient("model.family=mlp").solver().damping());
    assertEquals(3, job("model.family=mlp", "solver.products=3").solver().products());
    assertEquals(0, job("model.family=mlp", "solver.damping=0").solver().damping());
    assertEquals(List.of(), job("model.family=mlp", "model.hidden=[]").model().hidden());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "clean; data.intercept=false; biases",
        "clean; upper.variable=[weight-function, l2-per-feature]; l2-per-layer",
        "clean; model.hidden=[0]; >= 1",
        "clean; model.hidden=[16, wide]; integer",
        "clean; model.activation=rleu; did you mean relu?",
        "clean; solver.training.step=0; > 0",
        "clean; solver.training.optimizer=sgd; adam | momentum",
        "clean; solver.training.shift=2; model.family = network",
        "clean; solver.training.flip=true; model.family = network",
        "clean; solver.kfac.decay=1; >= 0 and < 1",
        "clean; solver.kfac.fisher=sampled; monte-carlo",
        "clean; solver.trainign.step=1; did you mean solver.training?",
        "hypergradient; hypergradient.products=[0]; >= 1",
        "hypergradient; hypergradient.hessian=none; gauss-newton",
        "tune; solver.products=2; clean, arena and hypergradient",
      })
  void aNetworkRefusesWhatItCannotDo(String job, String override, String expected) {
    String error = error("job=" + job, "model.family=mlp", override);
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tune", "hypergradient", "benchmark"})
  void otherJobsRefuseANoiseModel(String job) {
    String error = error("job=" + job, "upper.variable=noise-model");
    assertTrue(error.contains("job = clean"), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void aNoiseModelIsMovedByNboAlone() {
    String error = error("job=clean", "upper.variable=noise-model", "solver.algorithm=soba");
    assertTrue(error.contains("try nbo"), error);
    assertEquals(
        List.of("noise-model", "l2"), job("upper.variable=[noise-model, l2]").upper().variables());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "clean; upper.variable=[weight-function, l2-per-layer]; model.family = mlp",
        "clean; solver.curvature=ekfac-cg; kfac-cg",
        "tune; solver.curvature=neumann; kfac-cg",
        "tune; solver.curvature=kfac; auto",
      })
  void aLinearModelRefusesWhatIsForNetworks(String job, String override, String expected) {
    String error = error("job=" + job, override);
    assertTrue(error.contains(expected), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[]; model.layers",
        "[{dens = 3}]; did you mean dense?",
        "[{dense = 3, activation = tanh}]; list of layers",
        "dense; list of layers",
        "[dense]; list of layers",
      })
  void layersAreCheckedBeforeAnyWork(String layers, String expected) {
    String error = error("job=clean", "model.family=network", "model.layers=" + layers);
    assertTrue(error.contains(expected), error);
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void networkOfLayersHasTheDefaultsOfNetworks() {
    JobConfig network =
        job("model.family=network", "model.layers=[{dense = 3}, {residual = [{dense = 3}]}]");
    assertEquals("[{\"dense\":3},{\"residual\":[{\"dense\":3}]}]", network.model().layers());
    assertEquals(5, network.solver().products());
    assertEquals(
        List.of("model.hidden has no effect with model.family = network"),
        job("model.family=network", "model.layers=[{dense = 3}]", "model.hidden=[8]").warnings());
  }

  @Test
  void keysOfNetworksAreIdleWithoutOne() {
    List<String> warnings =
        job("model.hidden=[8]", "solver.training.batch=64", "solver.kfac.samples=2").warnings();
    assertEquals(
        List.of(
            "model.hidden has no effect with model.family = softmax",
            "solver.training.batch has no effect with model.family = softmax",
            "solver.kfac.samples has no effect with model.family = softmax"),
        warnings);
    assertEquals(
        List.of(), job("model.family=mlp", "model.hidden=[8]", "solver.kfac.samples=2").warnings());
  }
}

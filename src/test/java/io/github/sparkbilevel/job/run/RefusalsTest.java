package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.job.config.ConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals name what the user of a job wrote. */
class RefusalsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lambdaBounds = [1, 2], expected more | upper.bounds = [1, 2], expected more",
        "curvature = exact takes it all | solver.curvature = exact takes it all",
        "device = gpu is none | solver.device = gpu is none",
        "got curvature = exact | got curvature = exact"
      })
  void aSentenceNamesTheKey(String refused, String told) {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                Refusals.asConfig(
                    () -> {
                      throw new IllegalArgumentException(refused);
                    }));
    assertEquals(told, wrong.getMessage());
  }
}

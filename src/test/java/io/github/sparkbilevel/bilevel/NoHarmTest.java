package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.fit.Comparisons;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoHarmTest {
  private static Comparisons.HeldOut heldOut(double[]... rows) {
    int n = rows[0].length;
    double[] means = new double[rows.length];
    double[][] products = new double[rows.length][rows.length];
    for (int a = 0; a < rows.length; a++) {
      means[a] = Arrays.stream(rows[a]).average().getAsDouble();
      for (int b = 0; b < rows.length; b++) {
        for (int i = 0; i < n; i++) {
          products[a][b] += rows[a][i] * rows[b][i] / n;
        }
      }
    }
    return new Comparisons.HeldOut(means, products, n);
  }

  /** Held-out losses of four rows under each model. */
  private static String selected(double[] guided, String name, double[] plain) {
    return selected(guided, name, plain, guided, plain);
  }

  private static String selected(
      double[] guided,
      String name,
      double[] plain,
      double[] guidedCalibrated,
      double[] plainCalibrated) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(Cleaning.BILEVEL, Finished.fitted(new double[0], new double[0]));
    models.put(name, Finished.fitted(new double[0], new double[0]));
    Comparisons.Calibration figures =
        new Comparisons.Calibration(
            heldOut(guided, plain), heldOut(guidedCalibrated, plainCalibrated));
    // By more answers that are right the plain model would win.
    return NoHarm.ofLinear(models, new NoHarm.HeldOut(figures, new double[] {0.5, 0.75}))
        .selected(Set.of(Cleaning.ORACLE));
  }

  /** Held-out losses under the bilevel model, and under a noise model of this C. */
  private static String besideNoise(double[] bilevel, double[] noise, double... counts) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(Cleaning.BILEVEL, Finished.fitted(new double[0], new double[0]));
    models.put(
        NoiseModels.NOISE_MODEL, Finished.confused(new double[0], Confusion.ofCounts(3, counts)));
    Comparisons.HeldOut losses = heldOut(bilevel, noise);
    Comparisons.Calibration figures = new Comparisons.Calibration(losses, losses);
    return NoHarm.ofLinear(models, new NoHarm.HeldOut(figures, new double[2])).selected(Set.of());
  }

  @Test
  void aNoiseModelComesFirstWhereNoiseHasAStructure() {
    double[] nextClass = {6, 4, 0, 0, 6, 4, 4, 0, 6};
    double[] uniform = {6, 2, 2, 2, 6, 2, 2, 2, 6};
    double[] some = {1, 2, 3, 4};
    double[] lessByLuck = {4, 1, 1, 2};
    double[] less = {0.5, 1.5, 2.5, 3.5};
    assertEquals(NoiseModels.NOISE_MODEL, besideNoise(lessByLuck, some, nextClass));
    assertEquals(Cleaning.BILEVEL, besideNoise(lessByLuck, some, uniform));
    assertEquals(Cleaning.BILEVEL, besideNoise(less, some, nextClass));
    assertEquals(NoiseModels.NOISE_MODEL, besideNoise(some, less, uniform));
    assertEquals(0, Confusion.ofCounts(3, uniform).structure(), 1e-12);
    // .4 of the rows go to one of two classes: ln 2 for each.
    assertEquals(0.4 * Math.log(2), Confusion.ofCounts(3, nextClass).structure(), 1e-4);
    // Two classes of which one alone is confused.
    double[] one = {6, 4, 0, 10};
    double expected =
        (0.6 * Math.log(0.6 / 0.8) + 0.4 * Math.log(0.4 / 0.2) + Math.log(1 / 0.8)) / 2;
    assertEquals(expected, Confusion.ofCounts(2, one).structure(), 1e-4);
  }

  @ParameterizedTest
  @CsvSource({"2, 20, 2", "4, 20, 2", "9, 20, 1.333333", "16, 20, 1", "60, 100, 1"})
  void aStructureIsWorthFourRowsOnWhichItsModelIsWrong(int wrong, int rows, double errors) {
    double[] nextClass = {6, 4, 0, 0, 6, 4, 4, 0, 6};
    double[] noise = wrong(wrong, rows);
    assertEquals(
        NoiseModels.NOISE_MODEL, besideNoise(better(noise, errors - 0.001), noise, nextClass));
    assertEquals(Cleaning.BILEVEL, besideNoise(better(noise, errors + 0.001), noise, nextClass));
  }

  @Test
  void aPlainModelHasToWinBothAsItIsAndAtItsBestTemperature() {
    double[] more = {1, 2, 3, 4};
    double[] less = {0.5, 1.5, 2.5, 3.5};
    assertEquals("noisy", selected(more, "noisy", less, more, less));
    assertEquals(Cleaning.BILEVEL, selected(more, "noisy", less, less, more));
    assertEquals(Cleaning.BILEVEL, selected(less, "noisy", more, more, less));
    assertEquals(Cleaning.BILEVEL, selected(more, "noisy", less, more, more));
  }

  @Test
  void betweenGuidedNetworksTheHeldOutLossDecides() {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(Cleaning.BILEVEL, Finished.fitted(new double[0], new double[0]));
    models.put(
        NoiseModels.NOISE_MODEL,
        Finished.confused(
            new double[0], Confusion.ofCounts(3, new double[] {6, 4, 0, 0, 6, 4, 4, 0, 6})));
    Comparisons.HeldOut losses = heldOut(new double[] {4, 1, 1, 2}, new double[] {1, 2, 3, 4});
    NoHarm.HeldOut figures =
        new NoHarm.HeldOut(new Comparisons.Calibration(losses, losses), new double[2]);
    assertEquals(Cleaning.BILEVEL, NoHarm.ofNetworks(models, figures).selected(Set.of()));
    assertEquals(NoiseModels.NOISE_MODEL, NoHarm.ofLinear(models, figures).selected(Set.of()));
  }

  @Test
  void theRefitComesBeforeTheOtherGuidedOnes() {
    double[] bilevel = {1, 2, 3, 4};
    assertEquals("cleaned", selected(bilevel, "cleaned", new double[] {2, 3, 1, 5}));
    assertEquals(Cleaning.BILEVEL, selected(bilevel, "cleaned", new double[] {1.5, 2.5, 3.5, 4.5}));
    // Better than the refit by .5, with a standard error of .74; and by 0.25 with one of .65.
    assertEquals(Cleaning.BILEVEL, selected(bilevel, "cleaned", new double[] {2, 4, 1, 5}));
    // The labeller's model is no preferred one: the held-out loss decides.
    assertEquals(Cleaning.BILEVEL, selected(bilevel, "labellerModel", new double[] {2, 3, 1, 5}));
    assertEquals("labellerModel", selected(bilevel, "labellerModel", new double[] {0, 4, 1, 4}));
  }

  @Test
  void aPlainModelIsSelectedOnlyIfItIsBetterByMoreThanTwoStandardErrors() {
    double[] guided = {1, 2, 3, 4};
    assertEquals(Cleaning.BILEVEL, selected(guided, "noisy", new double[] {5, 5, 5, 5}));
    // Better by 0.5 on average, with a standard error of 1.1.
    assertEquals(Cleaning.BILEVEL, selected(guided, "noisy", new double[] {4, 1, 1, 2}));
    // Better by 0.5 on average, with a standard error of 0.3.
    double[] better = {-0.2, 1, 3, 4.2};
    assertEquals(Cleaning.BILEVEL, selected(guided, "noisy", better));
    assertEquals("labellerModel", selected(guided, "labellerModel", better));
    // Better by 0.5 on every row.
    assertEquals("noisy", selected(guided, "noisy", new double[] {0.5, 1.5, 2.5, 3.5}));
    // What knows the truth is no choice.
    assertEquals(
        Cleaning.BILEVEL, selected(guided, Cleaning.ORACLE, new double[] {0.5, 1.5, 2.5, 3.5}));
  }

  /** Beside a bilevel model of these held-out losses, a plain one that is right on this share. */
  private static String besidePlain(double[] guided, double[] plain, double... accuracies) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(Cleaning.BILEVEL, Finished.fitted(new double[0], new double[0]));
    models.put("trustedRefit", Finished.fitted(new double[0], new double[0]));
    Comparisons.HeldOut losses = heldOut(guided, plain);
    Comparisons.Calibration figures = new Comparisons.Calibration(losses, losses);
    return NoHarm.ofLinear(models, new NoHarm.HeldOut(figures, accuracies)).selected(Set.of());
  }

  /** Losses of 1 on so many rows, and of 0 on the others. */
  private static double[] wrong(int wrong, int rows) {
    double[] losses = new double[rows];
    Arrays.fill(losses, 0, wrong, 1);
    return losses;
  }

  /** These losses less a difference whose mean is so many standard errors. */
  private static double[] better(double[] losses, double errors) {
    double[] better = losses.clone();
    for (int i = 0; i < better.length; i++) {
      better[i] -= 0.1 * (errors / Math.sqrt(better.length) + (i % 2 == 0 ? 1 : -1));
    }
    return better;
  }

  @ParameterizedTest
  @CsvSource({
    "8, 8, 2",
    "20, 20, 2",
    "16, 100, 2",
    "30, 100, 1.632993",
    "45, 60, 1.333333",
    "80, 80, 1",
    "400, 2000, 1"
  })
  void thePriorIsWorthTwentyRowsOnWhichTheGuidedModelIsWrong(int wrong, int rows, double errors) {
    double[] guided = wrong(wrong, rows);
    assertEquals(wrong, heldOut(guided).effectiveRows(0), 1e-9);
    double[] accuracies = {0.5, 0.6};
    assertEquals(Cleaning.BILEVEL, besidePlain(guided, better(guided, errors - 0.001), accuracies));
    assertEquals("trustedRefit", besidePlain(guided, better(guided, errors + 0.001), accuracies));
  }

  @ParameterizedTest
  @CsvSource({
    "20, .75, .75, bilevel", "20, .75, .8, trustedRefit", "20, .75, .5, bilevel",
    "30, .7, .7, trustedRefit", "30, .7, .69, bilevel", "20, NaN, NaN, trustedRefit",
    "30, NaN, NaN, trustedRefit"
  })
  void aPlainModelHasToBeRightOnMoreRowsWhereFewAreWrong(
      int wrong, double guided, double plain, String expected) {
    double[] losses = wrong(wrong, 100);
    assertEquals(expected, besidePlain(losses, better(losses, 3), guided, plain));
  }
}

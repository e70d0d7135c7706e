package io.github.sparkbilevel.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  @Test
  void theForestOnCleanedRowsIsBetter() {
    CleanThenForest.Figures figures =
        CleanThenForest.figures(
            SPARK, new CleanThenForest.Settings("datasets/digits.csv", 100, 40, 10, 15));
    assertEquals(1000, figures.train());
    assertTrue(figures.kept() > 450 && figures.kept() < 750, figures::toString);
    assertTrue(figures.cleanAccuracy() > figures.noisyAccuracy() + 0.03, figures::toString);
  }

  @Test
  void thePipelineIsTunedAndConverted() {
    TuneInPipeline.Figures figures =
        TuneInPipeline.figures(SPARK, new TuneInPipeline.Settings("datasets/digits.csv", 8, 3));
    assertTrue(figures.validationLoss() < figures.gridLoss(), figures::toString);
    assertTrue(figures.testAccuracy() > 0.88, figures::toString);
    assertEquals(1, figures.agreement());
    assertEquals(64, figures.penalties().size());
    assertTrue(figures.penalties().containsKey("pixel_0_0"));
  }

  @Test
  void theStreamIsJudgedAsItArrives() {
    ScoreStream.Figures figures =
        ScoreStream.figures(
            SPARK,
            new ScoreStream.Settings(
                "datasets/digits.csv", folder.resolve("out").toString(), 40, 10, 2));
    assertEquals(697, figures.read());
    assertEquals(2, figures.batches());
    assertTrue(figures.found() > 0.8 * figures.wrong(), figures::toString);
    assertTrue(figures.found() > 0.7 * figures.flagged(), figures::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fish=1", "noise=fish", "noise=91", "noise", "trees=0"})
  void aWrongSettingIsTwoAndNeedsNoSpark(String word) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Launcher.launch(
            new CleanThenForest(),
            new String[] {word},
            System.out,
            new PrintStream(err, true, StandardCharsets.UTF_8));
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(2, code, said);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("error: ") && said.contains("expected"), said);
  }
}

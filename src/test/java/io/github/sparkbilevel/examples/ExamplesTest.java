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
    CleanThenForest example = new CleanThenForest();
    example.iterations = 5;
    example.trees = 8;
    CleanThenForest.Figures figures = example.figures(SPARK);
    assertEquals(1000, figures.train());
    assertTrue(figures.kept() > 450 && figures.kept() < 750, figures::toString);
    assertTrue(figures.cleanAccuracy() > figures.noisyAccuracy() + 0.03, figures::toString);
  }

  @Test
  void thePipelineIsTunedAndConverted() {
    TuneInPipeline example = new TuneInPipeline();
    example.iterations = 8;
    example.grid = 3;
    TuneInPipeline.Figures figures = example.figures(SPARK);
    assertTrue(figures.validationLoss() < figures.gridLoss(), figures::toString);
    assertTrue(figures.testAccuracy() > 0.88, figures::toString);
    assertEquals(1, figures.agreement());
    assertEquals(64, figures.penalties().size());
    assertTrue(figures.penalties().containsKey("pixel_0_0"));
  }

  @Test
  void theStreamIsJudgedAsItArrives() {
    ScoreStream example = new ScoreStream();
    example.out = folder.resolve("out").toString();
    example.iterations = 10;
    example.files = 2;
    ScoreStream.Figures figures = example.figures(SPARK);
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

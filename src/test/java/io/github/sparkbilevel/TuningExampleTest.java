package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.InMemoryTuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The example of docs/java.md that tunes without Spark. */
class TuningExampleTest {
  private static final int FEATURES = 4;

  /** Rows whose label is 2 + x_0 − x_1 and noise; the other features have no part in it. */
  private static Block block(int rows, long seed) {
    Random random = new Random(seed);
    double[] x = random.doubles((long) rows * FEATURES, -1, 1).toArray();
    double[] labels = new double[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = 2 + x[i * FEATURES] - x[i * FEATURES + 1] + random.nextGaussian();
    }
    long[] ids = LongStream.range(0, rows).toArray();
    return new Block(ids, DenseFeatures.ofDoubles(rows, FEATURES, x), labels);
  }

  @Test
  void tunesInMemory() {
    Block train = block(60, 1);
    Block validation = block(400, 2);
    // The example begins.
    LinearModel model = new LinearModel(new SquaredLoss(), FEATURES, true);
    TuningResult result =
        InMemoryTuning.of(model, Sharing.PER_FEATURE)
            .startingAt(0.01)
            .within(1e-8, 100)
            .run(train, validation);
    // The example ends.
    double[] lambda = result.lambda();
    assertEquals(FEATURES, lambda.length);
    assertTrue(
        result.best().upperObjective() < result.course().history().get(0).figures().upper().loss());
    double useful = Math.max(lambda[0], lambda[1]);
    assertTrue(useful < Math.min(lambda[2], lambda[3]), "noise is penalised more");
  }

  @Test
  void isWhatTheDocumentationShows() throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of("src/test/java/io/github/sparkbilevel/TuningExampleTest.java"))
            .stream()
            .map(line -> line.startsWith("    ") ? line.substring(4) : line)
            .toList();
    List<String> example =
        lines.subList(
            lines.indexOf("// The example begins.") + 1, lines.indexOf("// The example ends."));
    String shown = String.join("\n", example.stream().map(line -> "    " + line).toList());
    assertTrue(Files.readString(Path.of("docs/java.md")).contains(shown), shown);
  }
}

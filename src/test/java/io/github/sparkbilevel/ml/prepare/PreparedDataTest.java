package io.github.sparkbilevel.ml.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedDataTest {
  private static final int ROWS = 60;

  @TempDir Path folder;

  /** Label by id of the blocks that {@code part} picks, of rows that are trained on and trusted. */
  private Map<Long, Double> labels(
      String family, LongToDoubleFunction label, Function<PartitionData, Block[]> part)
      throws IOException {
    StringBuilder csv = new StringBuilder("label,x\n");
    for (int i = 0; i < ROWS; i++) {
      csv.append(label.applyAsDouble(i)).append(',').append(i).append('\n');
    }
    Files.writeString(folder.resolve("t.csv"), csv.toString());
    SparkSession spark = LocalSpark.session();
    Map<Long, Double> labels = new TreeMap<>();
    TableSpec rows = TableSpec.of(folder.resolve("t.csv").toString());
    PreparedTables tables =
        PreparedTables.load(
            spark,
            new PreparedTables.Request(
                rows, SplitSpec.table(rows), null, null, 42, !family.equals("linear")));
    Preparation how =
        new Preparation(
            true,
            null,
            BlockLayout.DOUBLE_ROWS,
            1 << 20,
            0,
            new Preparation.Cut(0.25, 2),
            Preparation.Centering.CENTERED,
            42);
    try (PreparedData data = PreparedData.of(tables, how)) {
      for (PartitionData partition : data.blocks().rdd().collect()) {
        for (Block block : part.apply(partition)) {
          for (int i = 0; i < block.rows(); i++) {
            labels.put(block.ids()[i], block.labels()[i]);
          }
        }
      }
    }
    return labels;
  }

  @Test
  void realLabelsAreInTheBlocksAsTheyAre() throws IOException {
    Map<Long, Double> labels = labels("linear", i -> Math.sin(i) * 100, PartitionData::train);
    assertEquals(ROWS, labels.size());
    labels.forEach((id, label) -> assertEquals(Math.sin(id) * 100, label));
  }

  @Test
  void rowsAreHeldOutWhateverTheirRealLabels() throws IOException {
    Map<Long, Double> some = labels("linear", i -> Math.sin(i), PartitionData::heldOut);
    Map<Long, Double> others = labels("linear", i -> i % 3, PartitionData::heldOut);
    assertEquals(ROWS / 4, some.size());
    assertEquals(some.keySet(), others.keySet());
    // Classes are spread evenly, so that other rows are held out.
    Map<Long, Double> classes = labels("softmax", i -> i % 3, PartitionData::heldOut);
    assertNotEquals(others.keySet(), classes.keySet());
    for (double k = 0; k < 3; k++) {
      double wanted = k;
      assertEquals(5, classes.values().stream().filter(label -> label == wanted).count());
    }
  }
}

package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GivenProbabilitiesTest {
  private static final int ROWS = 600;
  private static final String[] COLUMNS = {"p0", "p1", "p2"};

  /** A judge that knows the truth of three rows in four, and nothing of the others. */
  private static Dataset<Row> rows() {
    StructType schema = SmallRows.SCHEMA;
    for (String column : COLUMNS) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    List<Row> rows = new ArrayList<>();
    for (Row row : SmallRows.list(ROWS)) {
      Object[] values = new Object[schema.size()];
      for (int j = 0; j < row.size(); j++) {
        values[j] = row.get(j);
      }
      for (int k = 0; k < COLUMNS.length; k++) {
        boolean knows = row.getLong(0) % 4 > 0;
        values[row.size() + k] = !knows ? 1.0 / 3 : row.getDouble(3) == k ? 0.9 : 0.05;
      }
      rows.add(RowFactory.create(values));
    }
    return LocalSpark.session().createDataFrame(rows, schema);
  }

  private static DataCleaner cleaner() {
    return SmallRows.cleaner()
        .setMaxIter(8)
        .setTruthCol("truth")
        .setBaselines(new String[] {"noisy", "confident-learning"});
  }

  /** The AUROC of the weights. */
  private static double byWeight(DataCleanerModel model) {
    return model.summary().noise().detection().weight().auroc();
  }

  @Test
  void aModelOfTheUserJudgesBesideThoseOfTheRun(@TempDir Path folder) throws Exception {
    DataCleanerModel without = cleaner().fit(rows());
    DataCleanerModel with = cleaner().setProbabilityCols(COLUMNS).fit(rows());
    assertEquals(
        List.of(
            "constant", "trusted log-odds", "current log-odds", "start log-odds", "given log-odds"),
        List.copyOf(with.summary().lambda().keySet()));
    assertTrue(with.summary().lambda().get("given log-odds") > 0.3);
    assertEquals(4, without.summary().lambda().size());
    double missed = 1 - byWeight(with);
    assertTrue(missed < (1 - byWeight(without)) / 2, "" + missed);
    String path = folder.resolve("model").toString();
    with.save(path);
    Dataset<Row> fresh = SmallRows.table(40).orderBy("id");
    assertEquals(
        with.transform(fresh).select("weight", "quality").collectAsList(),
        DataCleanerModel.load(path).transform(fresh).select("weight", "quality").collectAsList());
  }

  @Test
  void columnsHaveToBeNumbers() {
    DataCleaner cleaner = cleaner().setProbabilityCols(new String[] {"p0", "p1", "source"});
    assertThrows(IllegalArgumentException.class, () -> cleaner.fit(rows()));
  }
}

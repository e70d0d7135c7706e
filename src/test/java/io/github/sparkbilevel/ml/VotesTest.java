package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.VotedRows.Annotator;
import io.github.sparkbilevel.data.LocalSpark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class VotesTest {
  private static final int ROWS = 600;

  /** Two annotators, right in nine and in five of ten rows; the second has two votes of three. */
  private static List<Row> voted() {
    Random random = new Random(2);
    List<Row> rows = new ArrayList<>();
    for (Row row : SmallRows.list(ROWS)) {
      double truth = row.getDouble(3);
      Double good = random.nextInt(10) < 9 ? truth : (truth + 1) % 3;
      Double bad = random.nextInt(2) < 1 ? truth : (truth + 2) % 3;
      Double label = row.getBoolean(5) ? truth : null;
      rows.add(
          RowFactory.create(
              row.get(0),
              row.get(1),
              label,
              row.get(5),
              good,
              row.getLong(0) % 3 == 0 ? null : bad));
    }
    return rows;
  }

  @Test
  void aCleanerLearnsFromVotes() {
    StructType schema =
        new StructType()
            .add(SmallRows.SCHEMA.apply("id"))
            .add(SmallRows.SCHEMA.apply("features"))
            .add("label", DataTypes.DoubleType)
            .add(SmallRows.SCHEMA.apply("trusted"))
            .add("good", DataTypes.DoubleType)
            .add("bad", DataTypes.DoubleType);
    DataCleanerModel model =
        SmallRows.cleaner()
            .setVotesCols(new String[] {"good", "bad"})
            .setBaselines(new String[] {"noisy", "dawid-skene"})
            .fit(LocalSpark.session().createDataFrame(voted(), schema));
    CleaningSummary summary = model.summary();
    Map<String, Annotator> annotators = summary.annotators();
    assertEquals(List.of("good", "bad"), List.copyOf(annotators.keySet()));
    assertEquals(ROWS * 4 / 5, annotators.get("good").votes());
    assertEquals(ROWS * 4 / 5 * 2 / 3, annotators.get("bad").votes());
    assertEquals(0.9, annotators.get("good").reliability().mean(), 0.1);
    assertEquals(0.5, annotators.get("bad").reliability().mean(), 0.15);
    assertTrue(annotators.get("good").agreeing() > 0.8 * annotators.get("good").votes());
    assertTrue(summary.models().containsKey("dawidSkene"));
    assertTrue(summary.models().get("bilevel").heldOut().accuracy() > 0.75);
    votesOnUnseenRowsCount(model);
  }

  /** By Bayes' rule from what the classifier says, whatever columns of votes there are. */
  private static void votesOnUnseenRowsCount(DataCleanerModel model) {
    Map<String, Annotator> annotators = model.summary().annotators();
    model.setSoftLabelsCol("soft");
    Dataset<Row> rows =
        SmallRows.table(30)
            .selectExpr(
                "features",
                "if(id % 3 = 0, null, label) as label",
                "if(id % 2 = 0, 1D, null) as good",
                "'0' as bad");
    for (List<String> there : List.of(List.of("good", "bad"), List.of("bad"), List.<String>of())) {
      Dataset<Row> given = rows;
      for (String name : List.of("good", "bad")) {
        given = there.contains(name) ? given : given.drop(name);
      }
      List<Row> judged = model.transform(given).collectAsList();
      assertEquals(30, judged.size());
      for (Row row : judged) {
        double[] q = model.classifier().predictProbability(row.<Vector>getAs("features")).toArray();
        for (String name : there) {
          Object vote = row.getAs(name);
          double right = annotators.get(name).reliability().mean();
          for (int k = 0; vote != null && k < 3; k++) {
            q[k] *= Double.parseDouble(vote.toString()) == k ? right : (1 - right) / 2;
          }
        }
        double sum = Arrays.stream(q).sum();
        double[] expected = Arrays.stream(q).map(one -> one / sum).toArray();
        assertArrayEquals(expected, row.<Vector>getAs("soft").toArray(), 1e-9);
        int best = Vectors.dense(expected).argmax();
        assertEquals((double) best, row.<Double>getAs("suggestedLabel"));
        Double label = row.getAs("label");
        if (label == null) {
          assertNull(row.getAs("quality"));
        } else {
          assertEquals(expected[label.intValue()], row.<Double>getAs("quality"), 1e-9);
          assertEquals(best != label.intValue(), row.<Boolean>getAs("flagged"));
        }
      }
    }
  }
}

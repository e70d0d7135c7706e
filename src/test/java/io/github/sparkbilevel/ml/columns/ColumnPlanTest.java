package io.github.sparkbilevel.ml.columns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.CellTexts;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.ClassifierModel;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.RawColumns;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import java.nio.file.Path;
import java.sql.Date;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColumnPlanTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final int ROWS = 40;
  private static final String[] TOWNS = {"Ulm", "Köln", "NA", " Ulm "};
  private static final CellTexts MISSING = CellTexts.of(List.of("NA", "?", "it's"));
  private static final Set<String> ROLES = Set.of("label");
  private static Dataset<Row> table;

  @BeforeAll
  static void makeRows() {
    StructType schema =
        new StructType()
            .add("label", DataTypes.StringType)
            .add("name", DataTypes.StringType)
            .add("number", DataTypes.IntegerType)
            .add("a.ge", DataTypes.StringType)
            .add("hours", DataTypes.DoubleType)
            .add("town", DataTypes.StringType)
            .add("member", DataTypes.StringType)
            .add("active", DataTypes.BooleanType)
            .add("since", DataTypes.StringType)
            .add("born", DataTypes.DateType)
            .add("note", DataTypes.StringType)
            .add("shape", SQLDataTypes.VectorType())
            .add("tags", DataTypes.createArrayType(DataTypes.StringType))
            .add("grid", DataTypes.createArrayType(DataTypes.FloatType))
            .add("empty", DataTypes.StringType)
            .add("land", DataTypes.StringType);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          RowFactory.create(
              i % 2 == 0 ? "yes" : "no",
              "customer " + i,
              100 + i,
              i % 8 == 0 ? "" : " " + (20 + i % 8) + ".5",
              i / 4.0,
              TOWNS[i % 4],
              i % 5 == 0 ? "?" : i % 2 == 0 ? "Yes" : "n",
              i % 3 == 0,
              "2026-01-%02dT10:00:00".formatted(1 + i % 28),
              Date.valueOf("1990-03-%02d".formatted(1 + i % 28)),
              "order " + i + " came late, again",
              Vectors.dense(i, -i),
              new String[] {"a"},
              new float[] {i, 1},
              i % 2 == 0 ? null : " ",
              "D"));
    }
    table = SPARK.createDataFrame(rows, schema).coalesce(1);
  }

  private static Map<String, ColumnKind> kinds(ColumnPlan plan) {
    return plan.columns().stream()
        .collect(Collectors.toMap(PlannedColumn::name, PlannedColumn::became));
  }

  private static ColumnPlan plan(Map<String, ColumnKind> wanted) {
    return ColumnPlan.of(
        "rows", table, ROLES, new ColumnPlan.Wanted(wanted, "data.columns"), MISSING);
  }

  @Test
  void columnsBecomeWhatIsInThem() {
    Map<String, ColumnKind> kinds = kinds(plan(Map.of()));
    assertEquals(
        Map.ofEntries(
            Map.entry("name", ColumnKind.IGNORE),
            Map.entry("number", ColumnKind.IGNORE),
            Map.entry("a.ge", ColumnKind.NUMBER),
            Map.entry("hours", ColumnKind.NUMBER),
            Map.entry("town", ColumnKind.CATEGORY),
            Map.entry("member", ColumnKind.BOOLEAN),
            Map.entry("active", ColumnKind.BOOLEAN),
            Map.entry("since", ColumnKind.DATE),
            Map.entry("born", ColumnKind.DATE),
            Map.entry("note", ColumnKind.TEXT),
            Map.entry("shape", ColumnKind.VECTOR),
            Map.entry("tags", ColumnKind.IGNORE),
            Map.entry("grid", ColumnKind.VECTOR),
            Map.entry("empty", ColumnKind.IGNORE),
            Map.entry("land", ColumnKind.IGNORE)),
        kinds);
  }

  /** The features of the first rows, of one column alone. */
  private static List<double[]> features(String column) {
    Dataset<Row> only = table.select("label", "`" + column + "`");
    ColumnModel model =
        ColumnPlan.of("rows", only, ROLES, new ColumnPlan.Wanted(Map.of(), "data.columns"), MISSING)
            .fit(only);
    return model.transform(only, ROLES).limit(8).collectAsList().stream()
        .map(row -> row.<Vector>getAs("features").toArray())
        .toList();
  }

  @Test
  void blanksOfNumbersAreTheMeanAndAreMarked() {
    List<double[]> rows = features("a.ge");
    assertArrayEquals(new double[] {24.5, 1}, rows.get(0), 1e-12);
    assertArrayEquals(new double[] {21.5, 0}, rows.get(1), 1e-12);
    List<double[]> member = features("member");
    double mean = 16 / 32.0;
    assertArrayEquals(new double[] {mean, 1}, member.get(0), 1e-12);
    assertArrayEquals(new double[] {0, 0}, member.get(1), 1e-12);
    assertArrayEquals(new double[] {1, 0}, member.get(2), 1e-12);
  }

  @Test
  void everyValueOfACategoryIsAFeatureAndBlankIsOne() {
    List<double[]> rows = features("town");
    // By frequency: Ulm, then (blank) and Köln by their names.
    assertArrayEquals(new double[] {1, 0, 0}, rows.get(0));
    assertArrayEquals(new double[] {0, 0, 1}, rows.get(1));
    assertArrayEquals(new double[] {0, 1, 0}, rows.get(2));
    assertArrayEquals(new double[] {1, 0, 0}, rows.get(3));
  }

  @Test
  void datesAreDaysAndWhereTheyAreInTheYearAndTheWeek() {
    double[] first = features("since").get(0);
    double days = java.time.LocalDate.of(2026, 1, 1).toEpochDay();
    double year = 2 * Math.PI * days / 365.2425;
    double week = 2 * Math.PI * days / 7;
    assertArrayEquals(
        new double[] {days, Math.sin(year), Math.sin(week), Math.cos(year), Math.cos(week)},
        first,
        1e-9);
  }

  @Test
  void aSavedPipelineScoresRawRows(@TempDir Path folder) throws Exception {
    ColumnModel model = plan(Map.of("number", ColumnKind.NUMBER)).fit(table);
    String path = folder.resolve("columns").toString();
    model.pipeline().write().save(path);
    List<Row> expected = model.transform(table, ROLES).collectAsList();
    List<Row> loaded =
        PipelineModel.load(path)
            .transform(ArrayColumns.withVectors(table))
            .select("label", "features")
            .collectAsList();
    assertEquals(expected, loaded);
    Dataset<Row> unseen = table.limit(1).drop("town").selectExpr("*", "'Bonn' as town");
    Vector other = model.transform(unseen, ROLES).collectAsList().get(0).<Vector>getAs("features");
    assertEquals(expected.get(0).<Vector>getAs("features").size(), other.size());
  }

  private static Dataset<Row> arrays(String... columns) {
    List<String> all = new ArrayList<>(List.of("cast(id % 2 as string) as label"));
    all.addAll(List.of(columns));
    return SPARK.range(6).coalesce(1).selectExpr(all.toArray(String[]::new));
  }

  private static ColumnPlan planOf(Dataset<Row> rows) {
    return ColumnPlan.of(
        "rows", rows, ROLES, new ColumnPlan.Wanted(Map.of(), "data.columns"), MISSING);
  }

  @Test
  void arraysOfNumbersBecomeTheirElementsAlsoWhereThePlanWasSaved(@TempDir Path folder)
      throws Exception {
    String ints = "array(id, id * id, 7) as `a.b`";
    Dataset<Row> rows =
        arrays(ints, "array(cast(id as float) / 2) as half", "cast(array() as array<int>) as none");
    ColumnPlan plan = planOf(rows);
    assertEquals(
        Map.of("a.b", ColumnKind.VECTOR, "half", ColumnKind.VECTOR, "none", ColumnKind.IGNORE),
        kinds(plan));
    ColumnModel model = plan.fit(rows);
    Dataset<Row> made = model.transform(rows, ROLES);
    assertArrayEquals(
        new double[] {3, 9, 7, 1.5},
        made.collectAsList().get(3).<Vector>getAs("features").toArray());
    assertEquals(
        List.of("a·b = 0", "a·b = 1", "a·b = 2", "half = 0"),
        List.of(AttributeGroup.fromStructField(made.schema().apply("features")).attributes().get())
            .stream()
            .map(one -> one.name().get())
            .toList());

    String path = folder.resolve("columns").toString();
    model.pipeline().write().save(path);
    assertEquals(
        made.collectAsList(),
        PipelineModel.load(path)
            .transform(ArrayColumns.withVectors(rows))
            .select("label", "features")
            .collectAsList());
    for (String other :
        List.of("array(id, 2L)", "array(id, null, 7L)", "cast(null as array<int>)")) {
      Dataset<Row> misfit = arrays(other + " as `a.b`", "array(1.5) as half");
      String message =
          assertThrows(Exception.class, () -> model.transform(misfit, ROLES).collectAsList(), other)
              .getMessage();
      assertTrue(message.contains("'a.b'") && message.contains("expected"), message);
    }
  }

  @Test
  void arraysThatAreNoVectorsAreRefused() {
    for (Map.Entry<String, List<String>> one :
        Map.of(
                "array_repeat(1.5D, cast(2 + id % 3 as int))", List.of("2 elements", "4 in"),
                "array(1.5D, nullif(id, 4))", List.of("1 of its 6"),
                "array(1.5D, if(id < 2, double('nan'), 1D))", List.of("2 of its 6"),
                "if(id = 0, null, array(id))", List.of("blank in 1 of 6"))
            .entrySet()) {
      Dataset<Row> rows = arrays(one.getKey() + " as given");
      String message = assertThrows(DataException.class, () -> planOf(rows)).getMessage();
      assertTrue(message.contains("'given'") && message.contains("data.columns"), message);
      one.getValue().forEach(part -> assertTrue(message.contains(part), message));
    }
  }

  /** The length of a vector is known without a look at the rows, of which a stream has none. */
  @Test
  void vectorsKeepTheirLengthAndOthersAreRefused() {
    Dataset<Row> rows =
        ArrayColumns.withVectors(arrays("array(id, 3) as a", "array(7) as b")).drop("a", "b");
    ColumnModel model = planOf(rows).fit(rows);
    Dataset<Row> none = model.transform(rows.limit(0), ROLES);
    assertEquals(3, AttributeGroup.fromStructField(none.schema().apply("features")).size());
    Dataset<Row> longer =
        ArrayColumns.withVectors(arrays("array(id, 3, 4) as a", "array(7) as b")).drop("a", "b");
    assertThrows(Exception.class, () -> model.transform(longer, ROLES).collectAsList());
    Dataset<Row> uneven =
        ArrayColumns.withVectors(arrays("array_repeat(1, cast(2 + id % 3 as int)) as a")).drop("a");
    String message = assertThrows(DataException.class, () -> planOf(uneven)).getMessage();
    for (String part : List.of("vectors", "'a vector'", "2 elements", "4 in", "data.columns")) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void aModelOfOneArrayColumnTakesArrays() {
    LinearModel linear = new LinearModel(new LogisticLoss(), 2, false);
    LinearClassifierModel model =
        new LinearClassifierModel(
            new ModelParts<>(
                linear, new double[] {1, -2}, Scaling.NONE, List.of("no", "yes"), List.of()));
    Dataset<Row> rows = arrays("array(id, 1) as features");
    List<Row> scored = model.transform(rows).select("rawPrediction").collectAsList();
    assertEquals(Vectors.dense(-3, 3), scored.get(5).get(0));
    assertEquals(
        SQLDataTypes.VectorType(),
        model.transformSchema(rows.schema()).apply("features").dataType());
    Dataset<Row> blank = arrays("array(nullif(id, 3), 1) as features");
    assertThrows(Exception.class, () -> model.transform(blank).collectAsList());
    Dataset<Row> longer = arrays("array(id, 1, 1) as features");
    assertThrows(Exception.class, () -> model.transform(longer).collectAsList());
  }

  @Test
  void aModelSavedBesideItTakesRawRows(@TempDir Path folder) throws Exception {
    ColumnModel columns = plan(Map.of()).fit(table);
    Dataset<Row> made = columns.transform(table, ROLES);
    int features = made.first().<Vector>getAs("features").size();
    LinearModel linear = new LinearModel(new LogisticLoss(), features, true);
    double[] theta = new Random(3).doubles(linear.size(), -0.1, 0.1).toArray();
    LinearClassifierModel model =
        new LinearClassifierModel(
            new ModelParts<>(linear, theta, Scaling.NONE, List.of("no", "yes"), List.of()));
    String path = folder.resolve("model").toString();
    model.write().save(path);
    columns.pipeline().write().save(path + "/" + RawColumns.FOLDER);

    ClassifierModel<?> loaded = ClassifierModel.load(path);
    Dataset<Row> raw = table.drop("label");
    Dataset<Row> scored = loaded.transform(raw);
    List<Row> expected = model.transform(made).select("probability").collectAsList();
    assertEquals(expected, scored.select("probability").collectAsList());
    List<String> names = new ArrayList<>(List.of(raw.columns()));
    names.addAll(List.of("features", "rawPrediction", "probability", "prediction"));
    assertEquals(names, List.of(scored.columns()));
    assertEquals(names, List.of(loaded.transformSchema(raw.schema()).fieldNames()));

    String again = folder.resolve("again").toString();
    loaded.copy(ParamMap.empty()).write().save(again);
    assertEquals(
        expected, ClassifierModel.load(again).transform(raw).select("probability").collectAsList());
    assertEquals(expected, loaded.transform(made).select("probability").collectAsList());
  }

  @Test
  void aCellThatDoesNotFitIsNotFilledIn() {
    ColumnModel model = plan(Map.of()).fit(table);
    for (String change : List.of("'old' as `a.ge`", "'maybe' as member", "'1.2.2026' as since")) {
      String column = change.replaceAll(".* as `?([a-z.]+)`?", "$1");
      Dataset<Row> other = table.limit(1).drop(column).selectExpr("*", change);
      Exception e =
          assertThrows(
              Exception.class, () -> model.transform(other, ROLES).collectAsList(), change);
      assertTrue(e.getMessage().contains("'" + column + "'"), e.getMessage());
    }
  }

  @Test
  void wishesThatDoNotFit() {
    String number =
        assertThrows(DataException.class, () -> plan(Map.of("town", ColumnKind.NUMBER)))
            .getMessage();
    assertTrue(number.contains("town") && number.contains("30 of its 30"), number);
    assertTrue(number.contains("Köln"), number);
    for (Map<String, ColumnKind> wanted :
        List.of(
            Map.of("twon", ColumnKind.TEXT),
            Map.of("label", ColumnKind.TEXT),
            Map.of("tags", ColumnKind.TEXT),
            Map.of("hours", ColumnKind.DATE),
            Map.of("note", ColumnKind.BOOLEAN))) {
      String message = assertThrows(DataException.class, () -> plan(wanted)).getMessage();
      String column = wanted.keySet().iterator().next();
      assertTrue(message.contains("'" + column + "'"), message);
      assertTrue(message.contains("data.columns"), message);
    }
    Dataset<Row> nothing = table.select("label", "land", "empty");
    assertThrows(
        DataException.class,
        () ->
            ColumnPlan.of(
                "rows", nothing, ROLES, new ColumnPlan.Wanted(Map.of(), "data.columns"), MISSING));
  }
}

package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every stage of the library, whether written already or not. */
class StageTest {
  /** How to make an instance of each stage, with params that are not the defaults. */
  private static final Map<Class<?>, Supplier<PipelineStage>> STAGES = new HashMap<>();

  private static Dataset<Row> rows;

  @TempDir Path folder;

  static {
    register(ColumnAssembler.class, StageTest::assembler);
    register(ColumnAssemblerModel.class, () -> assembler().fit(rows()));
    register(DataCleaner.class, () -> SmallRows.cleaner().setQualityCol("q").setSeed(7));
    register(
        DataCleanerModel.class,
        () -> SmallRows.cleaner().setGroupCol("source").setFlaggedCol("bad").fit(rows()));
    register(
        TunedLogisticRegression.class,
        () -> SmallRows.classifier().setThresholds(new double[] {0.2, 0.3, 0.5}));
    register(
        TunedLogisticRegressionModel.class,
        () -> SmallRows.classifier().setProbabilityCol("p").fit(rows()));
    register(TunedLinearRegression.class, () -> SmallRows.regressor().setWeightCol("w"));
    register(
        TunedLinearRegressionModel.class,
        () -> SmallRows.regressor().setPredictionCol("y").fit(rows()));
    register(
        TunedMultiLabel.class,
        () ->
            new TunedMultiLabel()
                .setLabelCols(new String[] {"trusted"})
                .setIdCol("id")
                .setBaselines(new String[0])
                .setMaxIter(2));
    register(
        MultiLabelModel.class,
        () -> new MultiLabelModel(Models.threeLabels()).setPredictionCol("y"));
    register(
        LinearClassifierModel.class,
        () -> new LinearClassifierModel(Models.threeClasses().linear()).setRawPredictionCol("z"));
    register(
        NetworkClassifierModel.class,
        () ->
            new NetworkClassifierModel(Models.threeClassNetwork().network())
                .setThresholds(new double[] {0.2, 0.3, 0.5}));
    register(
        LinearRegressorModel.class,
        () -> SmallRows.regressor().fit(rows()).regressor().setPredictionCol("y"));
  }

  private static ColumnAssembler assembler() {
    return new ColumnAssembler()
        .setInputCols(new String[] {"features", "target"})
        .setOutputCol("made")
        .setKinds(new String[] {"target=number"})
        .setMissing(new String[] {"NA"});
  }

  private static <S extends PipelineStage> void register(Class<S> type, Supplier<S> maker) {
    PipelineStage[] made = new PipelineStage[1];
    STAGES.put(
        type,
        () -> {
          made[0] = made[0] == null ? maker.get() : made[0];
          return made[0];
        });
  }

  private static synchronized Dataset<Row> rows() {
    if (rows == null || rows.sparkSession().sparkContext().isStopped()) {
      rows = SmallRows.table(120);
    }
    return rows;
  }

  /** Every public stage among the classes of the library. */
  static List<Class<?>> stages() throws IOException, URISyntaxException {
    Path root =
        Path.of(DataCleaner.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.startsWith("io") && file.endsWith(".class"))
          .map(file -> file.substring(0, file.length() - 6).replace('/', '.').replace('\\', '.'))
          .sorted()
          .<Class<?>>map(StageTest::load)
          .filter(type -> PipelineStage.class.isAssignableFrom(type))
          .filter(type -> Modifier.isPublic(type.getModifiers()))
          .filter(type -> !Modifier.isAbstract(type.getModifiers()))
          .toList();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, StageTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PipelineStage instance(Class<?> type) {
    Supplier<PipelineStage> maker = STAGES.get(type);
    assertNotNull(maker, () -> "nobody said how to make a " + type + "; register it in StageTest");
    return maker.get();
  }

  @BeforeEach
  void session() {
    rows();
  }

  @Test
  void findsTheStages() throws Exception {
    assertTrue(stages().containsAll(STAGES.keySet()), () -> "" + STAGES.keySet());
  }

  @ParameterizedTest
  @MethodSource("stages")
  void estimatorsAreMadeWithAndWithoutAUid(Class<?> type) throws Exception {
    if (Estimator.class.isAssignableFrom(type)) {
      PipelineStage named = (PipelineStage) type.getConstructor(String.class).newInstance("mine");
      assertEquals("mine", named.uid());
      PipelineStage one = (PipelineStage) type.getConstructor().newInstance();
      PipelineStage two = (PipelineStage) type.getConstructor().newInstance();
      assertFalse(one.uid().equals(two.uid()));
      assertTrue(one.uid().matches("[a-z][A-Za-z]*_[0-9a-f]{12}"), one.uid());
    } else {
      assertTrue(Model.class.isAssignableFrom(type), () -> type + " is neither");
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void everyParamHasADocumentAGetterAndASetter(Class<?> type) throws Exception {
    PipelineStage stage = instance(type).copy(ParamMap.empty());
    assertTrue(stage.params().length > 0);
    for (Param<?> param : stage.params()) {
      String name = param.name();
      assertEquals(stage.uid(), param.parent(), name);
      assertFalse(param.doc().isBlank(), name);
      assertTrue(stage.explainParams().contains(name + ": " + param.doc()), name);
      assertSame(param, stage.getParam(name), name);
      String suffix = Character.toUpperCase(name.charAt(0)) + name.substring(1);
      Method getter = type.getMethod("get" + suffix);
      List<Method> setters =
          Arrays.stream(type.getMethods())
              .filter(m -> m.getName().equals("set" + suffix) && !m.isBridge())
              .toList();
      if (setters.isEmpty()) {
        // Spark's models inherit params of their estimators without setters.
        assertTrue(
            getter.getDeclaringClass().getName().startsWith("org.apache.spark."),
            () -> type + " has no setter of " + name);
        continue;
      }
      for (Method setter : setters) {
        assertEquals(1, setter.getParameterCount(), name);
        assertSame(type, returned(type, setter), () -> "what " + setter + " returns");
        if (stage.isDefined(param)) {
          Object value = getter.invoke(stage);
          stage.clear(param);
          assertSame(stage, setter.invoke(stage, value), name);
          assertTrue(stage.isSet(param), name);
          assertTrue(same(value, getter.invoke(stage)), name);
        }
      }
    }
  }

  /** The type that a method returns in a class, where its generic parents are what they are. */
  private static Class<?> returned(Class<?> type, Method method) {
    TypeFactory types = TypeFactory.defaultInstance();
    JavaType declared = types.constructType(type).findSuperType(method.getDeclaringClass());
    return types
        .resolveMemberType(method.getGenericReturnType(), declared.getBindings())
        .getRawClass();
  }

  @ParameterizedTest
  @MethodSource("stages")
  void copiesHaveTheParamsAndWhatIsExtra(Class<?> type) {
    PipelineStage stage = instance(type);
    String name = stage.hasParam("featuresCol") ? "featuresCol" : "outputCol";
    Param<Object> features = stage.getParam(name);
    Object before = stage.getOrDefault(features);
    PipelineStage copy = stage.copy(new ParamMap().put(features, "others"));
    assertNotSame(stage, copy);
    assertSame(type, copy.getClass());
    assertEquals(stage.uid(), copy.uid());
    assertEquals("others", copy.getOrDefault(copy.getParam(name)));
    assertEquals(before, stage.getOrDefault(features));
    copy.clear(copy.getParam(name));
    if (stage.isSet(features)) {
      copy.set(copy.getParam(name), before);
    }
    assertSameParams(stage, copy);
    if (stage instanceof Model<?> model) {
      assertSame(model.parent(), ((Model<?>) copy).parent());
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void loadsWhatWasSaved(Class<?> type) throws Exception {
    PipelineStage stage = instance(type);
    String path = path();
    ((MLWritable) stage).save(path);
    PipelineStage loaded = (PipelineStage) type.getMethod("load", String.class).invoke(null, path);
    assertSame(type, loaded.getClass());
    assertEquals(stage.uid(), loaded.uid());
    assertSameParams(stage, loaded);
    assertEquals(outputs(stage), outputs(loaded));

    assertThrows(IOException.class, () -> ((MLWritable) stage).save(path));
    ((MLWritable) stage).write().overwrite().save(path);
    Object again = type.getMethod("read").invoke(null);
    assertEquals(
        stage.uid(), ((org.apache.spark.ml.util.MLReader<PipelineStage>) again).load(path).uid());
  }

  @ParameterizedTest
  @MethodSource("stages")
  void refusesWhatAnotherClassSaved(Class<?> type) throws Exception {
    new VectorSlicer().save(path());
    Throwable refused =
        assertThrows(
                InvocationTargetException.class,
                () -> type.getMethod("load", String.class).invoke(null, path()))
            .getCause();
    assertTrue(refused instanceof IllegalArgumentException, () -> "" + refused);
    assertTrue(refused.getMessage().contains(type.getName()), refused.getMessage());
    assertTrue(refused.getMessage().contains(VectorSlicer.class.getName()), refused.getMessage());
    assertFalse(refused.getMessage().contains("\n"));
  }

  @ParameterizedTest
  @MethodSource("stages")
  void theSchemaIsKnownBeforeTheRows(Class<?> type) {
    PipelineStage stage = instance(type);
    StructType expected = stage.transformSchema(rows().schema());
    StructType found = model(stage).transform(rows()).schema();
    if (stage instanceof Transformer) {
      assertEquals(expected, found);
    } else {
      // How many classes there are is known after the fit only.
      assertEquals(
          Arrays.stream(expected.fields()).map(StructField::name).toList(),
          Arrays.stream(found.fields()).map(StructField::name).toList());
      assertArrayEquals(
          Arrays.stream(expected.fields()).map(StructField::dataType).toArray(),
          Arrays.stream(found.fields()).map(StructField::dataType).toArray());
    }
    StructType without = rows().drop("features").schema();
    RuntimeException missing =
        assertThrows(RuntimeException.class, () -> stage.transformSchema(without));
    assertTrue(missing.getMessage().contains("features"), missing.getMessage());
  }

  private String path() {
    return folder.resolve("stage").toString();
  }

  private static Transformer model(PipelineStage stage) {
    return stage instanceof Estimator<?> estimator ? estimator.fit(rows()) : (Transformer) stage;
  }

  private static List<Row> outputs(PipelineStage stage) {
    return model(stage).transform(rows()).collectAsList();
  }

  private static void assertSameParams(PipelineStage expected, PipelineStage found) {
    assertEquals(expected.params().length, found.params().length);
    for (Param<?> param : expected.params()) {
      Param<?> other = found.getParam(param.name());
      assertEquals(expected.isSet(param), found.isSet(other), param.name());
      assertEquals(expected.isDefined(param), found.isDefined(other), param.name());
      if (expected.isDefined(param)) {
        assertTrue(same(expected.getOrDefault(param), found.getOrDefault(other)), param.name());
      }
    }
  }

  private static boolean same(Object a, Object b) {
    return Arrays.deepEquals(new Object[] {a}, new Object[] {b});
  }
}

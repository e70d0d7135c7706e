package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.reflect.TypeToken;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every stage of the library has to keep; a stage that nobody makes here fails. */
class StageTest {
  private static final Map<Class<?>, PipelineStage> MADE = new HashMap<>();

  @TempDir Path folder;

  static Stream<Class<?>> stages() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.github.sparkbilevel")
            .stream()
            .filter(c -> c.isAssignableTo(PipelineStage.class))
            .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
            .sorted((a, b) -> a.getName().compareTo(b.getName()))
            .map(c -> c.reflect());
  }

  private static Dataset<Row> rows() {
    return Digits.noisy(260, 120, 30).filter("label < 3").cache();
  }

  private static synchronized PipelineStage made(Class<?> type) {
    if (MADE.isEmpty()) {
      Dataset<Row> rows = rows();
      DataCleaner cleaner =
          new DataCleaner().setTrustedCol("trusted").setMaxIter(2).setBaselines(new String[0]);
      TunedLogisticRegression classifier =
          new TunedLogisticRegression()
              .setUpperVariables(new String[] {"l2"})
              .setMaxIter(2)
              .setSeed(5);
      TunedLinearRegression regression =
          new TunedLinearRegression().setUpperVariables(new String[] {"l2"}).setMaxIter(2);
      TunedLogisticRegressionModel classified = classifier.fit(rows);
      TunedLinearRegressionModel regressed = regression.fit(rows);
      for (PipelineStage stage :
          List.of(
              cleaner,
              cleaner.fit(rows),
              classifier,
              classified,
              classified.classifier(),
              regression,
              regressed,
              regressed.regressor())) {
        MADE.put(stage.getClass(), stage);
      }
      rows.unpersist();
    }
    PipelineStage stage = MADE.get(type);
    assertTrue(stage != null, () -> "make a " + type.getName() + " in this test");
    return stage;
  }

  @ParameterizedTest
  @MethodSource("stages")
  void paramsAreDocumentedAndHaveAccessors(Class<?> type) throws ReflectiveOperationException {
    PipelineStage stage = made(type);
    assertFalse(stage.explainParams().isEmpty());
    for (Param<?> param : stage.params()) {
      String name = param.name();
      assertEquals(stage.uid(), param.parent());
      assertFalse(param.doc().isBlank(), name);
      assertSame(param, type.getMethod(name).invoke(stage));
      String capital = Character.toUpperCase(name.charAt(0)) + name.substring(1);
      type.getMethod("get" + capital);
      if (stage instanceof Estimator || stage instanceof DataCleanerModel) {
        Method setter =
            Stream.of(type.getMethods())
                .filter(m -> m.getName().equals("set" + capital) && !m.isBridge())
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " has no set" + capital));
        assertEquals(
            type,
            TypeToken.of(type).resolveType(setter.getGenericReturnType()).getRawType(),
            setter.getName());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void copiesKeepUidParamsAndParent(Class<?> type) {
    PipelineStage stage = made(type);
    PipelineStage copy = stage.copy(ParamMap.empty());
    assertSame(type, copy.getClass());
    assertEquals(stage.uid(), copy.uid());
    assertEquals(values(stage), values(copy));
    if (stage instanceof Model<?> model) {
      assertSame(model.parent(), ((Model<?>) copy).parent());
    }
  }

  @ParameterizedTest
  @MethodSource("stages")
  void savedStagesComeBackTheSame(Class<?> type) throws Exception {
    PipelineStage stage = made(type);
    String path = folder.resolve("stage").toString();
    ((MLWritable) stage).save(path);
    PipelineStage loaded = (PipelineStage) type.getMethod("load", String.class).invoke(null, path);
    assertEquals(stage.uid(), loaded.uid());
    assertEquals(values(stage), values(loaded));
    if (stage instanceof Transformer transformer) {
      Dataset<Row> rows = rows();
      Dataset<Row> expected = transformer.transform(rows);
      assertEquals(columns(expected.schema()), columns(transformer.transformSchema(rows.schema())));
      assertEquals(text(expected), text(((Transformer) loaded).transform(rows)));
      rows.unpersist();
    }
  }

  /** Names and types: Spark's own models promise another order, and a prediction never null. */
  private static TreeSet<String> columns(StructType schema) {
    TreeSet<String> columns = new TreeSet<>();
    for (StructField field : schema.fields()) {
      columns.add(field.name() + ": " + field.dataType().catalogString());
    }
    return columns;
  }

  private static TreeSet<String> values(PipelineStage stage) {
    TreeSet<String> values = new TreeSet<>();
    for (Param<?> param : stage.params()) {
      if (stage.isDefined(param)) {
        Object value = stage.getOrDefault(param);
        String shown =
            value instanceof double[] numbers
                ? java.util.Arrays.toString(numbers)
                : value instanceof Object[] words
                    ? java.util.Arrays.toString(words)
                    : String.valueOf(value);
        values.add(param.name() + "=" + shown + (stage.isSet(param) ? "" : " by default"));
      }
    }
    return values;
  }

  private static List<String> text(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList().stream().map(Row::toString).toList();
  }
}

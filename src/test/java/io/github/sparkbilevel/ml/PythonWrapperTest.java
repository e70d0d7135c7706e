package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The params that the Python wrappers and the page of params have are those of the stages. */
class PythonWrapperTest {
  private static final Path PARAMS = Path.of("python/sparkbilevel/_params.py");
  private static final Path PAGE = Path.of("docs/params.md");
  private static final ObjectMapper JSON = new ObjectMapper();

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private static List<PipelineStage> stages() {
    String saved = "src/test/resources/saved/1/";
    return List.of(
        new ColumnAssembler(),
        new ColumnAssemblerModel("columnAssembler", null, null),
        new DataCleaner(),
        DataCleanerModel.load(saved + "cleaner"),
        new TunedLogisticRegression(),
        TunedLogisticRegressionModel.load(saved + "classifier"),
        new TunedLinearRegression(),
        TunedLinearRegressionModel.load(saved + "regressor"),
        new TunedMultiLabel(),
        new MultiLabelModel(Models.threeLabels()));
  }

  @Test
  void pythonHasTheParamsOfTheStages() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("\"\"\"The params of the Java stages, written by PythonWrapperTest from them: ");
    text.append("(name, type converter, default, doc).\"\"\"\n\nPARAMS = {\n");
    for (PipelineStage stage : stages()) {
      text.append("    ").append(quoted(stage.getClass().getSimpleName())).append(": [\n");
      for (Param<?> param : stage.params()) {
        text.append("        (")
            .append(quoted(param.name()))
            .append(", ")
            .append(quoted(converter(param)))
            .append(", ")
            .append(literal(defaultOf(stage, param)))
            .append(", ")
            .append(quoted(param.doc()))
            .append("),\n");
      }
      text.append("    ],\n");
    }
    text.append("}\n");
    requireSame(PARAMS, text.toString());
  }

  @Test
  void everyStageHasAWrapper() throws IOException {
    String wrappers = Files.readString(Path.of("python/sparkbilevel/_stages.py"));
    String exported = Files.readString(Path.of("python/sparkbilevel/__init__.py"));
    for (PipelineStage stage : stages()) {
      String name = stage.getClass().getSimpleName();
      assertTrue(wrappers.contains("\n@_with_params\nclass " + name + "("), name);
      assertTrue(exported.contains('"' + name + '"'), name);
    }
  }

  @Test
  void thePageOfParamsIsThatOfTheEstimators() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            # Params

            Written from the stages, and checked against them by a test. `explainParams()` says the same of a stage at hand. An empty
            text or list stands for none.
            """);
    for (PipelineStage stage : stages()) {
      text.append("\n## ").append(stage.getClass().getSimpleName()).append("\n\n");
      text.append("| param | type | default | what it is |\n|---|---|---|---|\n");
      for (Param<?> param : stage.params()) {
        Object value = defaultOf(stage, param);
        text.append(
            "| `%s` | %s | %s | %s |\n"
                .formatted(
                    param.name(),
                    type(param),
                    value == null ? "" : "`" + literal(value) + "`",
                    param.doc().replace("|", "\\|")));
      }
    }
    requireSame(PAGE, text.toString());
  }

  private static void requireSame(Path file, String text) throws IOException {
    if (Boolean.getBoolean("update")) {
      Files.writeString(file, text);
    }
    assertEquals(text, Files.readString(file), "run this test with -Dupdate=true, once");
  }

  private static Object defaultOf(PipelineStage stage, Param<?> param) {
    return stage.hasDefault(param) ? stage.getDefault(param).get() : null;
  }

  private static final Map<Class<?>, String[]> TYPES = new LinkedHashMap<>();

  static {
    TYPES.put(DoubleParam.class, new String[] {"toFloat", "number"});
    TYPES.put(IntParam.class, new String[] {"toInt", "integer"});
    TYPES.put(LongParam.class, new String[] {"toInt", "integer"});
    TYPES.put(BooleanParam.class, new String[] {"toBoolean", "boolean"});
    TYPES.put(StringArrayParam.class, new String[] {"toListString", "list of strings"});
    TYPES.put(IntArrayParam.class, new String[] {"toListInt", "list of integers"});
    TYPES.put(DoubleArrayParam.class, new String[] {"toListFloat", "list of numbers"});
  }

  private static String converter(Param<?> param) {
    return TYPES.getOrDefault(param.getClass(), new String[] {"toString", "string"})[0];
  }

  private static String type(Param<?> param) {
    return TYPES.getOrDefault(param.getClass(), new String[] {"toString", "string"})[1];
  }

  /** The value as Python writes it. */
  private static String literal(Object value) throws IllegalArgumentException {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean) {
      return value.equals(true) ? "True" : "False";
    }
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof String[] words) {
      return Arrays.stream(words)
          .map(PythonWrapperTest::quoted)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof int[] numbers) {
      return Arrays.toString(numbers);
    }
    return value instanceof double[] numbers ? Arrays.toString(numbers) : value.toString();
  }

  private static String quoted(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}

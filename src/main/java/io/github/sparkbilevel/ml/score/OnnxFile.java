package io.github.sparkbilevel.ml.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.data.FileSystems;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.OnnxGraph;
import io.github.sparkbilevel.model.RowShape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * A trained model as an ONNX file.
 *
 * <p>Features are scaled in double precision, since means may be large against deviations.
 */
public final class OnnxFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private OnnxFile() {}

  /**
   * Writes a model to a path of any file system of Hadoop; replaces a file that is there.
   *
   * @throws UnsupportedOperationException where a layer or a loss does not say how it is written
   */
  public static void write(ModelParts<?> parts, String path) {
    OnnxGraph graph = graph(parts);
    Map<String, String> properties = new HashMap<>();
    properties.put("labels", json(parts.labels()));
    properties.put("featureNames", json(parts.featureNames()));
    Path file = new Path(path);
    try (OutputStream out =
        FileSystems.of(file, SparkSession.active().sparkContext().hadoopConfiguration())
            .create(file, true)) {
      graph.write(out, properties);
    } catch (IOException e) {
      throw new UncheckedIOException("the model cannot be written to " + path, e);
    }
  }

  private static OnnxGraph graph(ModelParts<?> parts) {
    Layer layer = parts.model().layer();
    OnnxGraph graph = new OnnxGraph(layer, parts.theta());
    RowShape features = RowShape.vector(parts.model().features());
    String x = scaled(graph, graph.input("features", features.size()), parts.scaling());
    String y = layer.onnx(graph, graph.reshaped(x, features, layer.in()), 0);
    RowShape outputs = RowShape.vector(parts.model().outputs());
    String told = parts.model().loss().onnx(graph, graph.reshaped(y, layer.out(), outputs));
    boolean named = !parts.labels().isEmpty();
    graph.output(told, named ? "probabilities" : "predictions", named ? parts.labels().size() : 1);
    return graph;
  }

  private static String scaled(OnnxGraph graph, String x, Scaling scaling) {
    if (scaling.mean() == null) {
      return x;
    }
    String raw = graph.node("Cast", List.of(x), Map.of("to", OnnxGraph.DOUBLE));
    String centered = graph.node("Sub", List.of(raw, graph.doubles(scaling.mean())));
    String scaled = graph.node("Mul", List.of(centered, graph.doubles(scaling.scale())));
    if (scaling.clips()) {
      String least = graph.doubleNumber(-scaling.clip());
      String most = graph.doubleNumber(scaling.clip());
      scaled = graph.node("Clip", List.of(scaled, least, most));
    }
    return graph.node("Cast", List.of(scaled), Map.of("to", OnnxGraph.FLOAT));
  }

  private static String json(List<String> names) {
    try {
      return JSON.writeValueAsString(names);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the names " + names + " cannot be written as JSON", e);
    }
  }
}

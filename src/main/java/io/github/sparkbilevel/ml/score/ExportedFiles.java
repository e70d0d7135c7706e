package io.github.sparkbilevel.ml.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.data.FileSystems;
import io.github.sparkbilevel.data.Safetensors;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.OnnxGraph;
import io.github.sparkbilevel.model.RowShape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Files of trained models for programs without Spark. */
public final class ExportedFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ExportedFiles() {}

  /**
   * Writes a model in the format ONNX to a path of any file system of Hadoop; replaces a file that
   * is there.
   *
   * @throws UnsupportedOperationException where a layer or a loss does not say how it is written
   */
  public static void writeOnnx(ModelParts<?> parts, String path) {
    OnnxGraph graph = graph(parts);
    Map<String, String> properties = new HashMap<>();
    properties.put("labels", json(parts.labels()));
    properties.put("featureNames", json(parts.featureNames()));
    write(path, out -> graph.write(out, properties));
  }

  /** Writes the parameters of a model in the format safetensors, likewise. */
  public static void writeWeights(ModelParts<?> parts, String path) {
    List<Safetensors.Tensor> tensors =
        parts.model().layer().tensors().stream()
            .map(t -> new Safetensors.Tensor(t.name(), t.shape(), t.of(parts.theta())))
            .toList();
    write(path, out -> Safetensors.write(out, tensors));
  }

  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  private static void write(String path, Writing writing) {
    Path file = new Path(path);
    Configuration conf = SparkSession.active().sparkContext().hadoopConfiguration();
    try {
      FileSystem fs = FileSystems.of(file, conf);
      // Without its checksum file, which would stand beside the model.
      FileSystem plain = fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
      try (OutputStream out = new BufferedOutputStream(plain.create(file, true))) {
        writing.to(out);
      }
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

  /** In double precision, since means may be large against deviations. */
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

package io.github.sparkbilevel.ml;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A file that ONNX Runtime has read. */
public record OnnxModel(OrtSession session) {

  /** Reads a file. */
  public static OnnxModel read(Path file) throws OrtException {
    return new OnnxModel(OrtEnvironment.getEnvironment().createSession(file.toString()));
  }

  /** The output for rows of features. */
  public double[][] run(float[][] rows) throws OrtException {
    try (OnnxTensor features = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), rows);
        OrtSession.Result result = session.run(Map.of("features", features))) {
      float[][] values = (float[][]) result.get(0).getValue();
      double[][] told = new double[values.length][];
      for (int i = 0; i < values.length; i++) {
        float[] row = values[i];
        told[i] = IntStream.range(0, row.length).mapToDouble(j -> row[j]).toArray();
      }
      return told;
    }
  }

  List<String> inputs() {
    return List.copyOf(session.getInputNames());
  }

  List<String> outputs() {
    return List.copyOf(session.getOutputNames());
  }

  Map<String, String> properties() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  String producer() throws OrtException {
    return session.getMetadata().getProducerName();
  }
}

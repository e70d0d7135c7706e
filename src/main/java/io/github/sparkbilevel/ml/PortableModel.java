package io.github.sparkbilevel.ml;

import org.apache.spark.ml.util.MLWritable;

/**
 * A model that is also written for programs without Spark; what makes features of the columns of a
 * table does not go with it.
 */
public interface PortableModel extends MLWritable {

  /**
   * Writes the model as an ONNX file, which ONNX Runtime reads from version 1.18 on; replaces a
   * file that is there.
   *
   * <p>The input {@code features} is N × p, raw features in single precision, which the file scales
   * and limits as the model does. The output is {@code probabilities}, N × K, or for real labels
   * {@code predictions}, N × 1. The properties {@code labels} and {@code featureNames} of the file
   * hold the names of classes or labels and of features, as JSON.
   *
   * @param path of any file system of Hadoop
   * @throws UnsupportedOperationException where a layer or a loss of a jar does not say how it is
   *     written; no file is left then
   */
  void writeOnnx(String path);

  /**
   * Writes the weights in the format safetensors, single precision; replaces a file that is there.
   *
   * <p>Layers that have weights are counted: {@code layer1.weight}, outputs × inputs, and {@code
   * layer1.bias} are those of the first. They are for features that are scaled and limited already.
   *
   * @param path of any file system of Hadoop
   */
  void writeWeights(String path);
}

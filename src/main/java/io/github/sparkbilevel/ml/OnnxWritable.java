package io.github.sparkbilevel.ml;

import org.apache.spark.ml.util.MLWritable;

/**
 * A model that programs without Spark may run: it is also written as an ONNX file, which ONNX
 * Runtime reads from version 1.18 on.
 *
 * <p>The input {@code features} is N × p, raw features in single precision, which the file scales
 * and limits as the model does. The output is {@code probabilities}, N × K, or for real labels
 * {@code predictions}, N × 1. What makes features of the columns of a table is not in it. Names of
 * classes or labels and of features stand in the properties {@code labels} and {@code featureNames}
 * of the file, as JSON.
 */
public interface OnnxWritable extends MLWritable {

  /**
   * Writes the model as an ONNX file; replaces a file that is there.
   *
   * @param path of any file system of Hadoop
   * @throws UnsupportedOperationException where a layer or a loss of a jar does not say how it is
   *     written; no file is left then
   */
  void writeOnnx(String path);
}

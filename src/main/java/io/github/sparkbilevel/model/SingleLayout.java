package io.github.sparkbilevel.model;

import java.util.List;

/**
 * Vectors of the shape of θ in float32, as products want them: layer after layer, the matrix
 * without the constant's row, packed, and then the biases.
 */
final class SingleLayout {
  private final List<Layer> layers;

  SingleLayout(Mlp model) {
    this.layers = model.layers();
  }

  /** Where the matrix of a layer begins. */
  int matrix(int l) {
    return layers.get(l).at();
  }

  /** Where the biases of a layer begin. */
  int biases(int l) {
    return layers.get(l).at() + layers.get(l).inputs() * layers.get(l).outputs();
  }

  private int size() {
    return layers.get(layers.size() - 1).end();
  }

  /** What is done with a column of a layer's matrix and its bias. */
  @FunctionalInterface
  private interface Column {
    void accept(int inTheta, int inMatrix, int inputs, int inBiases);
  }

  private void columns(Column work) {
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      for (int o = 0; o < layer.outputs(); o++) {
        work.accept(
            layer.at() + o * layer.height(),
            matrix(l) + o * layer.inputs(),
            layer.inputs(),
            biases(l) + o);
      }
    }
  }

  /** Rounds a vector that lies as θ does. */
  float[] pack(double[] v, int at) {
    float[] packed = new float[size()];
    columns(
        (theta, matrix, inputs, bias) -> {
          for (int j = 0; j < inputs; j++) {
            packed[matrix + j] = (float) v[at + theta + j];
          }
          packed[bias] = (float) v[at + theta + inputs];
        });
    return packed;
  }

  /** The same numbers in the order of θ. */
  double[] unpack(float[] packed) {
    double[] v = new double[size()];
    columns(
        (theta, matrix, inputs, bias) -> {
          for (int j = 0; j < inputs; j++) {
            v[theta + j] = packed[matrix + j];
          }
          v[theta + inputs] = packed[bias];
        });
    return v;
  }
}

package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of θ as other programs hold it: a tensor with a name and a shape, its numbers row by row.
 *
 * <p>Only layers that have parameters are counted, from 1 on and those inside of others one by one;
 * so the names are the same for the layers of a job file and for those of a saved model.
 *
 * @param layer which of the layers that have parameters
 * @param kind {@link #WEIGHT} or {@link #BIAS}
 * @param shape one extent or more, the outputs first
 * @param at where the numbers of the first output begin in θ
 * @param height numbers of θ from one output to the next
 */
public record ParameterTensor(int layer, String kind, List<Integer> shape, int at, int height) {
  public static final String WEIGHT = "weight";
  public static final String BIAS = "bias";

  /** Copies the shape. */
  public ParameterTensor {
    shape = List.copyOf(shape);
  }

  /** The weights of a layer of one block, outputs × inputs, and its biases. */
  static List<ParameterTensor> of(int layer, ParameterBlock block) {
    List<ParameterTensor> tensors = new ArrayList<>();
    if (block.inputs() > 0) {
      List<Integer> shape = List.of(block.outputs(), block.inputs());
      tensors.add(new ParameterTensor(layer, WEIGHT, shape, block.at(), block.height()));
    }
    if (block.bias()) {
      tensors.add(ofConstants(layer, BIAS, block));
    }
    return tensors;
  }

  /** The constants of a block, one for each output. */
  static ParameterTensor ofConstants(int layer, String kind, ParameterBlock block) {
    return new ParameterTensor(
        layer, kind, List.of(block.outputs()), block.biases(), block.height());
  }

  /** The name: {@code layer3.weight}. */
  public String name() {
    return layerName() + "." + kind;
  }

  /** The name of the layer: {@code layer3}. */
  public String layerName() {
    return "layer" + layer;
  }

  /** Count of numbers. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** The numbers, row by row; a new array. */
  public double[] of(double[] theta) {
    double[] numbers = new double[size()];
    int row = numbers.length / shape.get(0);
    for (int o = 0; o < shape.get(0); o++) {
      System.arraycopy(theta, at + o * height, numbers, o * row, row);
    }
    return numbers;
  }

  /** Writes numbers, row by row, into θ. */
  void put(double[] numbers, double[] theta) {
    int row = numbers.length / shape.get(0);
    for (int o = 0; o < shape.get(0); o++) {
      System.arraycopy(numbers, o * row, theta, at + o * height, row);
    }
  }

  /** The same numbers in another shape. */
  ParameterTensor in(List<Integer> other) {
    return new ParameterTensor(layer, kind, other, at, height);
  }

  /** The same tensor where so many layers stand before, whose parameters end at {@code start}. */
  ParameterTensor behind(int layers, int start) {
    return new ParameterTensor(layers + layer, kind, shape, start + at, height);
  }
}

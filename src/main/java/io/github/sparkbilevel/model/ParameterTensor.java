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
 * @param shape one extent or more; of weights the outputs first, but in a table of vectors
 * @param at where the first number lies in θ
 * @param strides where the others lie
 */
public record ParameterTensor(
    int layer, String kind, List<Integer> shape, int at, Strides strides) {
  public static final String WEIGHT = "weight";
  public static final String BIAS = "bias";

  /**
   * Numbers of θ from one to another of a tensor.
   *
   * @param rows from one row to the next
   * @param numbers from one number of a row to the next
   */
  public record Strides(int rows, int numbers) {}

  /** Copies the shape. */
  public ParameterTensor {
    shape = List.copyOf(shape);
  }

  /** The weights of a layer of one block, outputs × inputs, and its biases. */
  static List<ParameterTensor> of(int layer, ParameterBlock block) {
    List<ParameterTensor> tensors = new ArrayList<>();
    if (block.inputs() > 0) {
      List<Integer> shape = List.of(block.outputs(), block.inputs());
      Strides strides = new Strides(block.height(), 1);
      tensors.add(new ParameterTensor(layer, WEIGHT, shape, block.at(), strides));
    }
    if (block.bias()) {
      tensors.add(ofConstants(layer, BIAS, block));
    }
    return tensors;
  }

  /** The constants of a block, one for each output. */
  static ParameterTensor ofConstants(int layer, String kind, ParameterBlock block) {
    Strides strides = new Strides(block.height(), 1);
    return new ParameterTensor(layer, kind, List.of(block.outputs()), block.biases(), strides);
  }

  /** The weights of a block, inputs × outputs: as tables of vectors are written. */
  static ParameterTensor ofTable(int layer, ParameterBlock block) {
    List<Integer> shape = List.of(block.inputs(), block.outputs());
    return new ParameterTensor(layer, WEIGHT, shape, block.at(), new Strides(1, block.height()));
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
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = theta[index(i, row)];
    }
    return numbers;
  }

  /** Writes numbers, row by row, into θ. */
  void put(double[] numbers, double[] theta) {
    int row = numbers.length / shape.get(0);
    for (int i = 0; i < numbers.length; i++) {
      theta[index(i, row)] = numbers[i];
    }
  }

  /** Where number i lies. */
  private int index(int i, int row) {
    return at + i / row * strides.rows() + i % row * strides.numbers();
  }

  /** The same numbers in another shape. */
  ParameterTensor in(List<Integer> other) {
    return new ParameterTensor(layer, kind, other, at, strides);
  }

  /** The same tensor where so many layers stand before, whose parameters end at {@code start}. */
  ParameterTensor behind(int layers, int start) {
    return new ParameterTensor(layers + layer, kind, shape, start + at, strides);
  }
}

package io.github.sparkbilevel.model;

import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph of ONNX operators in the making, which layers and losses add theirs to.
 *
 * <p>Values are known by their names. Between layers they are single-precision tensors of N rows: N
 * × p for vectors of p numbers, N × channels × positions for sequences and N × channels × height ×
 * width for images, so that a row lies as {@link RowShape} says.
 *
 * <p>Fields and types are those of {@code onnx.proto3}; operators those of set 21, which ONNX
 * Runtime has from 1.18 on.
 */
public final class OnnxGraph {
  /** Of the format; what belongs to the set of operators. */
  private static final int IR_VERSION = 10;

  private static final int OPERATORS = 21;

  // TensorProto.DataType, which the attribute "to" of Cast takes too.
  public static final int FLOAT = 1;
  public static final int DOUBLE = 11;
  static final int INT64 = 7;

  // AttributeProto.AttributeType.
  private static final int OF_FLOAT = 1;
  private static final int OF_INT = 2;
  private static final int OF_STRING = 3;
  private static final int OF_INTS = 7;

  private final double[] theta;

  /** Of the layers that have parameters: where these begin in θ, and the number of the layer. */
  private final Map<Integer, Integer> layers = new HashMap<>();

  private final ProtoMessage graph = new ProtoMessage();
  private int values;
  private String mask;

  /**
   * A graph without operators.
   *
   * @param layer the whole of what will be added
   * @param theta its parameters
   */
  public OnnxGraph(Layer layer, double[] theta) {
    this.theta = theta;
    layer.tensors().forEach(tensor -> layers.put(tensor.at(), tensor.layer()));
  }

  /** Adds an operator with one output; returns its name. */
  public String node(String operator, List<String> inputs) {
    return node(operator, inputs, Map.of());
  }

  /**
   * Adds an operator with one output.
   *
   * @param attributes by name: each an Integer, a Float, a String or a list of Integers
   * @return the name of the output
   */
  public String node(String operator, List<String> inputs, Map<String, Object> attributes) {
    String output = newName(operator);
    ProtoMessage node = new ProtoMessage();
    inputs.forEach(input -> node.with(1, input));
    node.with(2, output).with(3, output).with(4, operator);
    // Sorted, so that the same model makes the same bytes.
    attributes.keySet().stream()
        .sorted()
        .forEach(name -> node.with(5, attribute(name, attributes.get(name))));
    graph.with(1, node);
    return output;
  }

  private String newName(String what) {
    values++;
    return what + "_" + values;
  }

  private static ProtoMessage attribute(String name, Object value) {
    ProtoMessage attribute = new ProtoMessage().with(1, name);
    if (value instanceof Float number) {
      return attribute.with(2, number).with(20, OF_FLOAT);
    }
    if (value instanceof Integer number) {
      return attribute.with(3, number.longValue()).with(20, OF_INT);
    }
    if (value instanceof String text) {
      return attribute.with(4, text).with(20, OF_STRING);
    }
    if (value instanceof List<?> list) {
      list.forEach(item -> attribute.with(8, ((Integer) item).longValue()));
      return attribute.with(20, OF_INTS);
    }
    throw new IllegalArgumentException(
        "got %s for the attribute %s, expected an Integer, a Float, a String or Integers"
            .formatted(value, name));
  }

  /** Takes N × steps numbers for what tells padding: 0 there, and 1 elsewhere. */
  void mask(String marks) {
    mask = marks;
  }

  /** From here on there is no padding. */
  void unmask() {
    mask = null;
  }

  /** N × steps numbers, 0 where there is padding and 1 elsewhere; null where there is none. */
  String mask() {
    return mask;
  }

  /** Adds parameters of a layer that begins at {@code at} in θ; returns their names. */
  public List<String> parameters(List<ParameterTensor> tensors, int at) {
    return tensors.stream().map(tensor -> parameters(tensor.behind(0, at))).toList();
  }

  private String parameters(ParameterTensor tensor) {
    ByteBuffer data = littleEndian(Float.BYTES * tensor.size());
    for (double number : tensor.of(theta)) {
      data.putFloat((float) number);
    }
    String name = tensor.behind(layers.get(tensor.at()) - tensor.layer(), 0).name();
    return add(name, FLOAT, tensor.shape(), data);
  }

  /** Adds whole numbers, such as a shape or axes. */
  public String integers(List<Integer> numbers) {
    return integers(List.of(numbers.size()), numbers);
  }

  /** Adds a whole number. */
  public String integer(int number) {
    return integers(List.of(), List.of(number));
  }

  private String integers(List<Integer> shape, List<Integer> numbers) {
    ByteBuffer data = littleEndian(Long.BYTES * numbers.size());
    numbers.forEach(data::putLong);
    return add(newName("integers"), INT64, shape, data);
  }

  /** Adds a single-precision number. */
  public String number(double number) {
    return add(
        newName("number"), FLOAT, List.of(), littleEndian(Float.BYTES).putFloat((float) number));
  }

  /** Adds numbers in double precision. */
  public String doubles(double... numbers) {
    return doubles(List.of(numbers.length), numbers);
  }

  /** Adds a number in double precision. */
  public String doubleNumber(double number) {
    return doubles(List.of(), number);
  }

  private String doubles(List<Integer> shape, double... numbers) {
    ByteBuffer data = littleEndian(Double.BYTES * numbers.length);
    for (double number : numbers) {
      data.putDouble(number);
    }
    return add(newName("doubles"), DOUBLE, shape, data);
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String add(String name, int type, List<Integer> shape, ByteBuffer data) {
    ProtoMessage tensor = new ProtoMessage();
    shape.forEach(extent -> tensor.with(1, extent.longValue()));
    tensor.with(2, type).with(8, name).with(9, UnsafeByteOperations.unsafeWrap(data.flip()));
    graph.with(5, tensor);
    return name;
  }

  /** Rows of one shape as rows of another one, their numbers in the same order. */
  public String reshaped(String x, RowShape from, RowShape to) {
    return from.equals(to) ? x : reshaped(x, extents(to));
  }

  /** Rows as tensors of these extents, where −1 stands for the rest. */
  String reshaped(String x, List<Integer> extents) {
    // 0 keeps the number of rows.
    List<Integer> shape = new ArrayList<>(List.of(0));
    shape.addAll(extents);
    return node("Reshape", List.of(x, integers(shape)));
  }

  /** The extents of the tensor of a row: channels and positions. */
  static List<Integer> extents(RowShape shape) {
    List<Integer> extents = new ArrayList<>(List.of(shape.channels()));
    extents.addAll(shape.extents().subList(0, shape.extents().size() - 1));
    return extents;
  }

  /** The margins −z and z of two classes. */
  String margins(String z) {
    return node("Concat", List.of(node("Neg", List.of(z)), z), Map.of("axis", 1));
  }

  /** N rows of so many numbers. */
  private static ProtoMessage rows(String name, int width) {
    ProtoMessage shape =
        new ProtoMessage()
            .with(1, new ProtoMessage().with(2, "N"))
            .with(1, new ProtoMessage().with(1, (long) width));
    ProtoMessage tensor = new ProtoMessage().with(1, FLOAT).with(2, shape);
    return new ProtoMessage().with(1, name).with(2, new ProtoMessage().with(1, tensor));
  }

  /**
   * A value of N rows of so many numbers that comes from outside.
   *
   * @return the name
   */
  public String input(String name, int width) {
    graph.with(11, rows(name, width));
    return name;
  }

  /** Calls a value of N rows of so many numbers by a name, by which the outside reads it. */
  public void output(String value, String name, int width) {
    graph.with(
        1, new ProtoMessage().with(1, value).with(2, name).with(3, name).with(4, "Identity"));
    graph.with(12, rows(name, width));
  }

  /**
   * Writes the file.
   *
   * @param properties what is told beside the graph
   */
  public void write(OutputStream out, Map<String, String> properties) throws IOException {
    ProtoMessage model =
        new ProtoMessage()
            .with(1, IR_VERSION)
            .with(2, "spark-bilevel")
            .with(7, graph.with(2, "model"))
            .with(8, new ProtoMessage().with(2, OPERATORS));
    properties.keySet().stream()
        .sorted()
        .forEach(
            key -> model.with(14, new ProtoMessage().with(1, key).with(2, properties.get(key))));
    model.bytes().writeTo(out);
  }
}

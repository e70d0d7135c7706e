package io.github.sparkbilevel.job.output;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trees of named figures, and their JSON text.
 *
 * <p>A path such as {@code detection/auroc} leads from an object to a figure in it. A number that
 * is not finite is written as null, because JSON has no other way; objects keep their order.
 */
public final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          new JsonFactoryBuilder().addDecorator((factory, out) -> new Finite(out)).build());
  private static final ObjectWriter PRETTY =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  /** Writes null for a number that is not finite. */
  private static final class Finite extends JsonGeneratorDelegate {
    Finite(JsonGenerator out) {
      super(out);
    }

    @Override
    public void writeNumber(double value) throws IOException {
      if (Double.isFinite(value)) {
        super.writeNumber(value);
      } else {
        writeNull();
      }
    }

    @Override
    public void writeNumber(float value) throws IOException {
      if (Float.isFinite(value)) {
        super.writeNumber(value);
      } else {
        writeNull();
      }
    }
  }

  private Json() {}

  /** An object without members. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** An array without entries. */
  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** The tree of a map, a list, an array, a record or a number. */
  public static <T extends JsonNode> T tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** The tree as indented text, ending in a line break. */
  public static String pretty(JsonNode tree) {
    return write(PRETTY, tree);
  }

  /** The tree on one line, ending in a line break. */
  public static String line(JsonNode tree) {
    return write(MAPPER.writer(), tree);
  }

  private static String write(ObjectWriter writer, JsonNode tree) {
    try {
      return writer.writeValueAsString(tree) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The number at a path; NaN where there is none. */
  public static double number(JsonNode tree, String path) {
    return tree.at("/" + path).asDouble(Double.NaN);
  }

  /** The text at a path; empty where there is none. */
  public static String text(JsonNode tree, String path) {
    return tree.at("/" + path).asText("");
  }

  /** Copies of the objects in an object, each with its own name under {@code name}. */
  public static List<ObjectNode> members(JsonNode tree) {
    List<ObjectNode> members = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : tree.properties()) {
      members.add(object().put("name", member.getKey()).setAll((ObjectNode) member.getValue()));
    }
    return members;
  }

  /** The finite numbers of a tree by their paths, with dots between names; arrays have none. */
  public static Map<String, Double> numbers(String path, JsonNode tree) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (tree.isNumber() && Double.isFinite(tree.doubleValue())) {
      numbers.put(path, tree.doubleValue());
    }
    tree.properties()
        .forEach(
            member -> numbers.putAll(numbers(path + "." + member.getKey(), member.getValue())));
    return numbers;
  }
}

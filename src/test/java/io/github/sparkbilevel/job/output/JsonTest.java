package io.github.sparkbilevel.job.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  record Point(double x, float y) {}

  @Test
  void keepsTheOrderAndWritesNullForWhatIsNotFinite() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("b", Double.NaN);
    map.put("a", 0.1);
    map.put("c", new double[] {1, Double.POSITIVE_INFINITY});
    map.put("d", Float.NEGATIVE_INFINITY);
    map.put("e", new Point(Double.NaN, 2));
    map.put("f", List.of("ü\n", 3L));
    map.put("g", null);
    assertEquals(
        "{\"b\":null,\"a\":0.1,\"c\":[1.0,null],\"d\":null,\"e\":{\"x\":null,\"y\":2.0},"
            + "\"f\":[\"ü\\n\",3],\"g\":null}\n",
        Json.line(Json.tree(map)));
  }

  @Test
  void prettyIsIndented() {
    assertEquals(
        "{\n  \"a\" : {\n    \"b\" : 1\n  }\n}\n",
        Json.pretty(Json.tree(Map.of("a", Map.of("b", 1)))));
  }

  @Test
  void figuresAreFoundByTheirPaths() {
    ObjectNode tree = Json.object().put("n", Double.NaN).put("word", "w");
    tree.putObject("a").putObject("b").put("c", 2).put("d", "text");
    tree.putArray("list").add(3);
    assertEquals(2, Json.number(tree, "a/b/c"));
    assertEquals(Double.NaN, Json.number(tree, "a/none"));
    assertEquals("text", Json.text(tree, "a/b/d"));
    assertEquals("", Json.text(tree, "a/none"));
    assertEquals(Map.of("s.a.b.c", 2.0), Json.numbers("s", tree));
    assertEquals(
        List.of(Json.object().put("name", "b").put("c", 2).put("d", "text")),
        Json.members(tree.path("a")));
  }
}

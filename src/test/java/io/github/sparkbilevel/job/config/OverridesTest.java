package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverridesTest {

  private static Config over(String file, String... arguments) {
    return Overrides.over(ConfigFactory.parseString(file), List.of(arguments)).resolve();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://bucket/rows.csv",
        "hdfs://name:9000/a b/rows.csv",
        "/tmp//rows.csv",
        "/tmp/a#b.csv",
        "a, b",
        "a=b",
        "a{b",
        "}",
        "C:\\rows.csv",
        "it's",
        "Ünïcode λ",
        "x } , y",
      })
  void aTextStaysWhatItIs(String value) {
    assertEquals(value, over("", "data.train.path=" + value).getString("data.train.path"));
  }

  @Test
  void valuesAreReadAsHocon() {
    Config config = over("b = 1", "a.n=3", "a.l=[x, y]", "a.q=\"a // b\"", "a.o={p = 1}", "b=null");
    assertEquals(3, config.getInt("a.n"));
    assertEquals(List.of("x", "y"), config.getStringList("a.l"));
    assertEquals("a // b", config.getString("a.q"));
    assertEquals(1, config.getInt("a.o.p"));
    assertTrue(config.getIsNull("b"));
    assertEquals("", over("", "a=").getString("a"));
  }

  @Test
  void theLastOneWinsAndSubstitutionsSeeIt() {
    Config config = over("v = 1, w = ${v}", "v=2", "v=3", "x=${w}");
    assertEquals(3, config.getInt("w"));
    assertEquals(3, config.getInt("x"));
  }

  @Test
  void oneWayToNameTheRowsTakesThePlaceOfAnother() {
    String file = "data.validation { path = a, label = b }, data.test { rows = 5 }";
    Config config = over(file, "data.validation.rows=3", "data.test.path=t");
    assertTrue(config.getIsNull("data.validation.path"));
    assertEquals(3, config.getInt("data.validation.rows"));
    assertEquals("b", config.getString("data.validation.label"));
    assertFalse(config.hasPath("data.test.rows"));
    assertEquals("t", config.getString("data.test.path"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"seed", "=3", "a..b=3", "--what", "a b[=3"})
  void whatIsNotKeyAndValueIsRefused(String argument) {
    ConfigException error = assertThrows(ConfigException.class, () -> over("", argument));
    assertTrue(error.getMessage().contains("try"), error.getMessage());
  }
}

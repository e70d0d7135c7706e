package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

  @ParameterizedTest
  @CsvSource({
    "0.45300, 0.45310",
    "0.4530012, 0.4530015",
    "-1e-7, 1e-7",
    "1e-9, 3e-9",
    "12345678, 12345679",
    "1.00001e-4, 1.00002e-4",
    "999.99991, 999.99993",
    "-3, 250",
    "0, 1e9"
  })
  void noTwoMarksHaveTheSameWords(double low, double high) {
    Axis axis = Axis.linear(low, high, 4);
    List<String> words = axis.ticks().stream().map(axis::label).toList();
    assertTrue(words.size() >= 2);
    assertEquals(words.size(), words.stream().distinct().count(), words.toString());
  }

  @Test
  void wordsHaveTheDigitsThatAreNeeded() {
    Axis axis = Axis.linear(0.4530, 0.4531, 4);
    assertEquals(5 + 2, axis.label(axis.ticks().get(1)).length());
  }
}

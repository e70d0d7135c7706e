package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderFreeSumsTest {
  private static final int COLUMNS = 3;
  private static final int ROWS = 2000;

  /** Numbers of column 0, which are hard to add up: they nearly cancel, and differ in size. */
  private static List<Double> numbers(long seed, int exponents) {
    Random random = new Random(seed);
    List<Double> numbers = new ArrayList<>();
    while (numbers.size() < ROWS) {
      double x = Math.scalb(random.nextGaussian(), random.nextInt(exponents + 1) - exponents / 2);
      numbers.add(x);
      numbers.add(Math.nextUp(-x));
    }
    return numbers;
  }

  /** In groups, which are merged in a tree. */
  private static OrderFreeSums sums(List<Double> numbers, int groups, boolean squares) {
    List<OrderFreeSums> parts = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      OrderFreeSums part = new OrderFreeSums(COLUMNS);
      for (int i = g; i < numbers.size(); i += groups) {
        if (squares) {
          part.addSquare(1, numbers.get(i));
        } else {
          part.add(1, numbers.get(i));
        }
      }
      parts.add(part);
    }
    while (parts.size() > 1) {
      parts.get(0).merge(parts.remove(parts.size() - 1));
      Collections.rotate(parts, 1);
    }
    return parts.get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 60, 400, 1900})
  void theOrderAndTheGroupsDoNotMatter(int exponents) {
    List<Double> numbers = numbers(exponents, exponents);
    long expected = Double.doubleToRawLongBits(sums(numbers, 1, false).sum(1));
    double squares =
        OrderFreeSums.squaredDeviations(
            sums(numbers, 1, false), sums(numbers, 1, true), 1, numbers.size());
    for (int groups : new int[] {1, 2, 3, 17, ROWS}) {
      Collections.shuffle(numbers, new Random(groups));
      OrderFreeSums sums = sums(numbers, groups, false);
      assertEquals(expected, Double.doubleToRawLongBits(sums.sum(1)));
      assertEquals(0, sums.sum(0));
      assertEquals(0, sums.sum(2));
      assertEquals(
          squares,
          OrderFreeSums.squaredDeviations(sums, sums(numbers, groups, true), 1, numbers.size()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 40})
  void theSumIsTheExactOneRoundedOnce(int exponents) {
    List<Double> numbers = numbers(7 + exponents, exponents);
    BigDecimal exact = numbers.stream().map(BigDecimal::new).reduce(BigDecimal::add).orElseThrow();
    assertEquals(exact.doubleValue(), sums(numbers, 5, false).sum(1));
  }

  @Test
  void deviationsFarFromZeroAreRight() {
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      numbers.add(1e9 + i % 2 * 0.5);
    }
    double found =
        OrderFreeSums.squaredDeviations(
            sums(numbers, 3, false), sums(numbers, 3, true), 1, numbers.size());
    assertEquals(ROWS * 0.0625, found);
  }

  @Test
  void takesTheLeastAndTheGreatestDoubles() {
    double[] numbers = {Double.MIN_VALUE, Double.MIN_NORMAL, -Double.MIN_VALUE, 1e-310};
    assertEquals(
        Double.MIN_NORMAL + 1e-310, sums(Arrays.stream(numbers).boxed().toList(), 2, false).sum(1));
    List<Double> greatest = List.of(Double.MAX_VALUE, Double.MIN_VALUE, -Double.MAX_VALUE, 3.0);
    assertEquals(
        0, sums(greatest, 1, false).sum(1), "what lies far below the greatest is left out");
    assertEquals(Double.POSITIVE_INFINITY, sums(greatest, 2, true).sum(1));
  }

  @Test
  void columnsAreCutOutAndPutBack() {
    OrderFreeSums sums = sums(List.of(1.5, 2.25), 1, false);
    OrderFreeSums other = new OrderFreeSums(COLUMNS + 1);
    other.put(2, sums.slice(1, 2));
    assertEquals(3.75, other.sum(2));
    assertEquals(0, other.sum(1));
  }
}

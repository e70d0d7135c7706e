package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
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
    return sums(
        groups,
        numbers.size(),
        (part, i) -> {
          if (squares) {
            part.addWeightedSquare(1, 1, numbers.get(i));
          } else {
            part.add(1, numbers.get(i));
          }
        });
  }

  private interface Term {
    void addTo(OrderFreeSums sums, int i);
  }

  private static OrderFreeSums sums(int groups, int count, Term term) {
    List<OrderFreeSums> parts = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      OrderFreeSums part = new OrderFreeSums(COLUMNS);
      for (int i = g; i < count; i += groups) {
        term.addTo(part, i);
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
    double variance = variance(numbers, 1);
    for (int groups : new int[] {1, 2, 3, 17, ROWS}) {
      Collections.shuffle(numbers, new Random(groups));
      OrderFreeSums sums = sums(numbers, groups, false);
      assertEquals(expected, Double.doubleToRawLongBits(sums.sum(1)));
      assertEquals(0, sums.sum(0));
      assertEquals(0, sums.sum(2));
      assertEquals(variance, variance(numbers, groups));
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
    assertEquals(0.0625, variance(numbers, 3));
  }

  private static double variance(List<Double> numbers, int groups) {
    return variance(numbers, i -> 1, groups);
  }

  private static double variance(List<Double> numbers, IntToDoubleFunction weight, int groups) {
    int n = numbers.size();
    return OrderFreeSums.variance(
        sums(groups, n, (sums, i) -> sums.addProduct(0, 1, weight.applyAsDouble(i))),
        sums(groups, n, (sums, i) -> sums.addProduct(1, weight.applyAsDouble(i), numbers.get(i))),
        sums(
            groups,
            n,
            (sums, i) -> sums.addWeightedSquare(1, weight.applyAsDouble(i), numbers.get(i))),
        1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e3, 1e9, -1e12})
  void aWeightOfThreeIsThreeNumbers(double shift) {
    Random random = new Random(3);
    List<Double> numbers = new ArrayList<>();
    List<Double> repeated = new ArrayList<>();
    int[] copies = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      numbers.add(shift + random.nextGaussian());
      copies[i] = random.nextInt(4);
      repeated.addAll(Collections.nCopies(copies[i], numbers.get(i)));
    }
    double expected = variance(repeated, 4);
    assertEquals(expected, variance(numbers, i -> copies[i], 4), 4 * Math.ulp(expected));
    for (double c : new double[] {1e-12, 1e12, 1e-300}) {
      assertEquals(expected, variance(numbers, i -> c * copies[i], 4), 1e-13 * expected);
    }
  }

  @Test
  void productsHaveSigns() {
    OrderFreeSums sums = new OrderFreeSums(1);
    sums.addProduct(0, -3, 0.5);
    sums.addProduct(0, 0.1, 10);
    sums.addProduct(0, -0.5, -5);
    sums.addProduct(0, 1, -7);
    assertEquals(0.1 * 10 + 1 - 7, sums.sumOfProducts(0), 1e-15);
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

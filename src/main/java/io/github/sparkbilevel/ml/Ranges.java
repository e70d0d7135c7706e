package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariables;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import scala.Function1;

/** What the values of params may be; Spark refuses others when they are set. */
final class Ranges {
  private Ranges() {}

  /** A check that can be saved with a stage. */
  private interface Check extends Function1<Object, Object>, Serializable {}

  private interface Strings extends Function1<String, Object>, Serializable {}

  private interface ManyStrings extends Function1<String[], Object>, Serializable {}

  private interface Numbers extends Function1<double[], Object>, Serializable {}

  private interface Widths extends Function1<int[], Object>, Serializable {}

  static Function1<Object, Object> atLeast(double least) {
    return (Check) value -> ((Number) value).doubleValue() >= least && isFinite(value);
  }

  static Function1<Object, Object> above(double least) {
    return (Check) value -> ((Number) value).doubleValue() > least && isFinite(value);
  }

  static Function1<Object, Object> within(double low, double high) {
    return (Check)
        value -> ((Number) value).doubleValue() >= low && ((Number) value).doubleValue() <= high;
  }

  static Function1<Object, Object> inside(double low, double high) {
    return (Check)
        value -> ((Number) value).doubleValue() > low && ((Number) value).doubleValue() < high;
  }

  static Function1<String, Object> oneOf(String... words) {
    List<String> allowed = List.of(words);
    return (Strings) allowed::contains;
  }

  /** Different words, each one of these. */
  static Function1<String[], Object> someOf(String... words) {
    List<String> allowed = List.of(words);
    return (ManyStrings)
        values ->
            Arrays.stream(values).allMatch(allowed::contains)
                && Arrays.stream(values).distinct().count() == values.length;
  }

  /** Different upper variables, each one of these or one that a jar adds. */
  static Function1<String[], Object> upperVariables(String... known) {
    List<String> own = List.of(known);
    return (ManyStrings)
        values ->
            Arrays.stream(values).allMatch(name -> own.contains(name) || isAdded(name))
                && Arrays.stream(values).distinct().count() == values.length;
  }

  private static boolean isAdded(String name) {
    return !BuiltInVariable.labels().contains(name) && UpperVariables.find(name).isPresent();
  }

  static Function1<double[], Object> finite() {
    return (Numbers) values -> Arrays.stream(values).allMatch(Double::isFinite);
  }

  /** From 0 to below 1. */
  static Function1<Object, Object> shareBelowOne() {
    return (Check)
        value -> ((Number) value).doubleValue() >= 0 && ((Number) value).doubleValue() < 1;
  }

  /** All of them at least 1. */
  static Function1<int[], Object> widths() {
    return (Widths) values -> Arrays.stream(values).allMatch(value -> value >= 1);
  }

  /** Not negative, and at most one of them 0: what Spark's models take as thresholds. */
  static Function1<double[], Object> thresholds() {
    return (Numbers)
        values ->
            Arrays.stream(values).allMatch(value -> value >= 0)
                && Arrays.stream(values).filter(value -> value == 0).count() <= 1;
  }

  /** None, or two rising numbers. */
  static Function1<double[], Object> bounds() {
    return (Numbers)
        values ->
            values.length == 0
                || values.length == 2
                    && values[0] < values[1]
                    && Arrays.stream(values).allMatch(Double::isFinite);
  }

  /** Two positive numbers of which the second is not less. */
  static Function1<double[], Object> range() {
    return (Numbers)
        values ->
            values.length == 2
                && values[0] > 0
                && values[0] <= values[1]
                && Double.isFinite(values[1]);
  }

  private static boolean isFinite(Object value) {
    return Double.isFinite(((Number) value).doubleValue());
  }
}

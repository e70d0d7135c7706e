package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A scale from numbers to a place between 0 and 1, with round tick marks.
 *
 * @param low the number at 0
 * @param high the number at 1
 * @param logarithmic whether equal ratios, not equal differences, are equally far apart
 * @param ticks where the marks are, rising
 */
record Axis(double low, double high, boolean logarithmic, List<Double> ticks) {

  /** Takes a copy of the ticks. */
  Axis {
    ticks = List.copyOf(ticks);
  }

  /** A scale of equal differences that covers the range and ends at round numbers. */
  static Axis linear(double from, double to, int about) {
    double low = from;
    double high = to;
    if (high <= low) {
      // One value only: room around it, or the line would lie on the frame.
      double room = low == 0 ? 1 : Math.abs(low) * 0.1;
      low -= room;
      high += room;
    }
    double step = roundStep((high - low) / about);
    double first = Math.floor(low / step + 1e-9);
    double last = Math.ceil(high / step - 1e-9);
    List<Double> ticks = new ArrayList<>();
    for (double k = first; k <= last; k++) {
      ticks.add(k * step);
    }
    return new Axis(first * step, last * step, false, ticks);
  }

  /** A linear scale that ends exactly at the given numbers, with the round numbers between. */
  static Axis exact(double from, double to, int about) {
    Axis wide = linear(from, to, about);
    double slack = 1e-9 * (to - from);
    List<Double> inside =
        wide.ticks().stream().filter(t -> t >= from - slack && t <= to + slack).toList();
    return to > from ? new Axis(from, to, false, inside) : wide;
  }

  /** A scale of equal ratios over whole powers of ten; both numbers must be positive. */
  static Axis logarithmic(double from, double to) {
    int low = (int) Math.floor(Math.log10(from) + 1e-9);
    int high = Math.max(low + 1, (int) Math.ceil(Math.log10(to) - 1e-9));
    int stride = 1 + (high - low) / 6;
    List<Double> ticks = new ArrayList<>();
    for (int power = low; power <= high; power += stride) {
      ticks.add(Math.pow(10, power));
    }
    return new Axis(Math.pow(10, low), Math.pow(10, high), true, ticks);
  }

  /** The place of a number, 0 at the low end and 1 at the high end. */
  double place(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  /** The words beside a tick. */
  String label(double tick) {
    if (logarithmic) {
      int power = (int) Math.round(Math.log10(tick));
      return power >= -2 && power <= 3
          ? Numbers.fixed(tick, Math.max(0, -power))
          : "1e" + String.valueOf(power).replace('-', '−');
    }
    double step = ticks.size() > 1 ? ticks.get(1) - ticks.get(0) : high - low;
    if (step < 1e-4 || Math.abs(tick) >= 1e7) {
      double largest = Math.max(Math.abs(low), Math.abs(high));
      // Marks that lie close together differ in their last digits; a power of ten takes one.
      int digits =
          (int) Math.ceil(Math.log10(largest / step)) + (largest >= 1e-3 && largest < 1e6 ? 1 : 2);
      return Numbers.significant(Math.abs(tick) < step / 2 ? 0 : tick, Math.max(4, digits));
    }
    // The epsilon keeps a step of 0.1 (log10 = -1 or a hair less) at one decimal.
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    // A hair below zero would be shown as a negative zero.
    return Numbers.fixed(Math.abs(tick) < step / 2 ? 0 : tick, decimals);
  }

  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    double digit = step / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }
}

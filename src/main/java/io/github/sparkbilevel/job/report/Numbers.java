package io.github.sparkbilevel.job.report;

import java.util.Locale;

/**
 * Numbers as a page shows them: the same on every machine, whatever its locale, and an en dash
 * where there is none (not a number, or infinite).
 */
public final class Numbers {
  /** What stands where there is no number. */
  public static final String ABSENT = "–";

  private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Numbers() {}

  /** With a fixed number of decimals. */
  public static String fixed(double value, int decimals) {
    return Double.isFinite(value)
        ? sign(String.format(Locale.ROOT, "%,." + decimals + "f", value))
        : ABSENT;
  }

  /** With four significant digits: losses and norms, whose size nobody knows beforehand. */
  public static String significant(double value) {
    return significant(value, 4);
  }

  /** With so many significant digits: values that are to be told apart by their last digits. */
  public static String significant(double value, int digits) {
    if (!Double.isFinite(value)) {
      return ABSENT;
    }
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    if (size < 1e-3 || size >= 1e6) {
      return sign(String.format(Locale.ROOT, "%." + (digits - 2) + "e", value));
    }
    int decimals = Math.max(0, digits - 1 - (int) Math.floor(Math.log10(size)));
    return sign(String.format(Locale.ROOT, "%,." + decimals + "f", value));
  }

  /** A count, in groups of three digits. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A share of one as a percentage with one decimal. */
  public static String percent(double share) {
    return Double.isFinite(share)
        ? sign(String.format(Locale.ROOT, "%.1f", 100 * share)) + " %"
        : ABSENT;
  }

  /** Bytes in the largest binary unit that leaves at least one. */
  public static String bytes(double bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return fixed(value, unit == 0 || value >= 100 ? 0 : 1) + " " + BYTE_UNITS[unit];
  }

  /** Milliseconds, with a decimal where it matters. */
  public static String millis(double millis) {
    return fixed(millis, millis < 10 ? 1 : 0);
  }

  /** A minus sign is wider than a hyphen and stands level with the digits. */
  private static String sign(String number) {
    return number.replace('-', '−');
  }
}

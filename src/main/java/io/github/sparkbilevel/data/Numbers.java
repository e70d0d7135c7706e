package io.github.sparkbilevel.data;

import java.util.regex.Pattern;

/** Numbers as text: which texts are numbers, and one spelling for equal labels. */
final class Numbers {
  private static final Pattern WHOLE = Pattern.compile("[+-]?(0|[1-9][0-9]*)(\\.0*)?");

  private Numbers() {}

  /**
   * Whether the text is a decimal number, NaN or an infinity.
   *
   * <p>Stricter than {@link Double#parseDouble}, which takes {@code 1d} and {@code 0x1p3} too.
   */
  static boolean isNumber(String s) {
    int end = s.length();
    int i = 0;
    if (i < end && (s.charAt(i) == '+' || s.charAt(i) == '-')) {
      i++;
    }
    if (i == end) {
      return false;
    }
    char c = s.charAt(i);
    if (c == 'n' || c == 'N' || c == 'i' || c == 'I') {
      return isSpecial(s.substring(i));
    }
    int digits = 0;
    for (; i < end && isDigit(s.charAt(i)); i++) {
      digits++;
    }
    if (i < end && s.charAt(i) == '.') {
      for (i++; i < end && isDigit(s.charAt(i)); i++) {
        digits++;
      }
    }
    if (digits == 0) {
      return false;
    }
    if (i < end && (s.charAt(i) == 'e' || s.charAt(i) == 'E')) {
      i++;
      if (i < end && (s.charAt(i) == '+' || s.charAt(i) == '-')) {
        i++;
      }
      int from = i;
      while (i < end && isDigit(s.charAt(i))) {
        i++;
      }
      if (i == from) {
        return false;
      }
    }
    return i == end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isSpecial(String s) {
    return s.equalsIgnoreCase("nan") || s.equalsIgnoreCase("inf") || s.equalsIgnoreCase("infinity");
  }

  /** The value of a text for which {@link #isNumber} holds. */
  static double parse(String s) {
    int n = s.length();
    if (n < 10) {
      int value = 0;
      int i = 0;
      while (i < n && isDigit(s.charAt(i))) {
        value = value * 10 + (s.charAt(i) - '0');
        i++;
      }
      if (i == n) {
        return value;
      }
    }
    char last = s.charAt(n - 1);
    if (isDigit(last) || last == '.') {
      return Double.parseDouble(s);
    }
    if (last == 'n' || last == 'N') {
      return Double.NaN;
    }
    return s.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  /** Whether the text is a finite number. */
  static boolean isFinite(String s) {
    return isNumber(s) && Double.isFinite(parse(s));
  }

  /** Whether the text is an integer that fits in a long. */
  static boolean isLong(String s) {
    if (s.isEmpty() || s.length() > 20 || s.charAt(0) == '+') {
      return false;
    }
    try {
      return Long.toString(Long.parseLong(s)).equals(s);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** One spelling for whole numbers: +1, 1.0 and 1 are all "1"; other texts only lose blanks. */
  static String canonical(String text) {
    String s = text.trim();
    if (isPlain(s)) {
      return s;
    }
    if (s.isEmpty() || s.length() > 25 || !WHOLE.matcher(s).matches()) {
      return s;
    }
    int dot = s.indexOf('.');
    String whole = s.substring(s.charAt(0) == '+' ? 1 : 0, dot < 0 ? s.length() : dot);
    return whole.equals("-0") ? "0" : whole;
  }

  /** Whether the text is digits that do not begin with 0, as most labels and ids are. */
  private static boolean isPlain(String s) {
    int i = 0;
    while (i < s.length() && isDigit(s.charAt(i))) {
      i++;
    }
    return i > 0 && i == s.length() && s.charAt(0) != '0';
  }

  /** The spelling of a value: whole numbers without a fraction. */
  static String canonical(double value) {
    return value == Math.rint(value) && Math.abs(value) < 9e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}

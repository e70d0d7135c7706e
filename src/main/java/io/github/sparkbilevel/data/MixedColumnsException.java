package io.github.sparkbilevel.data;

/**
 * A table has columns that are not complete numbers, and its spec {@link
 * TableSpec#withMixedRefused() refuses} such: features have to be made of them first.
 */
public final class MixedColumnsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MixedColumnsException(String origin, String column) {
    super(origin + ": the column '" + column + "' is not a number in every row");
  }
}

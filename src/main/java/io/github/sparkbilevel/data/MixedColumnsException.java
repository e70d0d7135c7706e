package io.github.sparkbilevel.data;

/**
 * A table has numbers with gaps, or no numbers at all, and its spec {@link
 * TableSpec#withMixedRefused() refuses} such: features have to be made of its columns first.
 */
public final class MixedColumnsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MixedColumnsException(String origin, String column) {
    super(origin + ": the column '" + column + "' is not a number in every row");
  }
}

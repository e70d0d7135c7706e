package io.github.sparkbilevel.block;

/**
 * The data is wrong: the message names the file, column or row, what was found, what was expected
 * and what to try, in one sentence.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence for the user. */
  public DataException(String message) {
    super(message);
  }

  /** One sentence for the user, and what caused it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}

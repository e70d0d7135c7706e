package io.github.sparkbilevel.data;

/**
 * The numerics failed for good, diverged or not finite: the message says where, and what to try, in
 * one sentence. Trouble that a solver can report as a status is not an exception.
 */
public final class NumericsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence for the user. */
  public NumericsException(String message) {
    super(message);
  }

  /** One sentence for the user, and what caused it. */
  public NumericsException(String message, Throwable cause) {
    super(message, cause);
  }
}

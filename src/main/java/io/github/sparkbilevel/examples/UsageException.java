package io.github.sparkbilevel.examples;

/** An example was started wrongly: one sentence of what was found, expected, and what to try. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}

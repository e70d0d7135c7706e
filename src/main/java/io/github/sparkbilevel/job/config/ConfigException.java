package io.github.sparkbilevel.job.config;

/**
 * The job file or the command line is wrong: the message names the key, what was found, what was
 * expected and what to try, in one sentence.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence for the user. */
  public ConfigException(String message) {
    super(sentence(message));
  }

  /** One sentence for the user, and what caused it. */
  public ConfigException(String message, Throwable cause) {
    super(sentence(message), cause);
  }

  /** On one line, whatever was quoted in it. */
  private static String sentence(String message) {
    return message == null ? null : message.replaceAll("\\p{Cntrl}+", " ");
  }
}

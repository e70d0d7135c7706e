package io.github.sparkbilevel.job.output;

import java.util.regex.Pattern;

/**
 * What nobody may read in a log, a report or a summary. Spark's settings come into none of them; a
 * path may hold a user and a password, and comes into all.
 */
public final class Secrets {
  // A report is long: what a match begins with is rare, and nothing looks behind it.
  private static final Pattern USER_OF_URI =
      Pattern.compile("([A-Za-z0-9+.-]://)[^/@\\s'\"]+(?=@)");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)([?&;](?:sig|token|password|secret|key|signature|access_key|secret_key)=)"
              + "[^&;\\s'\"]+");

  private Secrets() {}

  /** The text with dots where an address in it has a user, a password or a signature. */
  public static String hidden(String text) {
    if (!text.contains("://")) {
      return text;
    }
    return PARAMETER.matcher(USER_OF_URI.matcher(text).replaceAll("$1…")).replaceAll("$1…");
  }
}

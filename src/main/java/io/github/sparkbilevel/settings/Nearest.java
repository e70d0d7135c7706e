package io.github.sparkbilevel.settings;

import io.github.sparkbilevel.data.Names;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that a mistyped one most likely meant. */
public final class Nearest {

  private Nearest() {}

  /** The nearest candidate, if any is near enough to be worth suggesting. */
  public static Optional<String> of(String typed, Collection<String> candidates) {
    return candidates.stream()
        .min(Comparator.comparingInt((String known) -> score(typed, known)))
        .filter(known -> score(typed, known) <= Math.max(2, lastPart(typed).length() / 3));
  }

  /**
   * The distance of the whole paths or, so that a key in the wrong group is found too, one more
   * than the distance of their last parts.
   */
  private static int score(String typed, String known) {
    int whole = Names.distance(typed.toLowerCase(java.util.Locale.ROOT), lower(known));
    int last = Names.distance(lower(lastPart(typed)), lower(lastPart(known)));
    return Math.min(whole, last + 1);
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}

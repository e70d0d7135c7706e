package io.github.sparkbilevel.settings;

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
    int whole = distance(typed.toLowerCase(java.util.Locale.ROOT), lower(known));
    int last = distance(lower(lastPart(typed)), lower(lastPart(known)));
    return Math.min(whole, last + 1);
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
  static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      before = last;
      last = row;
    }
    return last[b.length()];
  }
}

package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Labels that differ in case, in blanks or in the spelling of a number alone. */
final class LabelSpellings {
  /** Longer numbers are told apart by digits that a double does not have. */
  private static final int LONGEST = 15;

  private LabelSpellings() {}

  /** What the spellings of one label have in common. */
  static String common(String label) {
    String plain = label.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    return plain.length() <= LONGEST && Numbers.isFinite(plain)
        ? Numbers.canonical(Numbers.parse(plain))
        : plain;
  }

  private static Map<String, List<String>> byCommon(Collection<String> labels) {
    Map<String, List<String>> groups = new TreeMap<>();
    labels.forEach(l -> groups.computeIfAbsent(common(l), key -> new ArrayList<>()).add(l));
    return groups;
  }

  /** What to say of classes that may be one, at most one notice. */
  static List<Notice> within(String origin, Collection<String> labels) {
    List<String> several = new ArrayList<>();
    byCommon(labels)
        .values()
        .forEach(
            spellings -> {
              if (spellings.size() > 1) {
                several.add(quoted(spellings));
              }
            });
    return several.isEmpty()
        ? List.of()
        : List.of(
            new Notice(
                Notice.Code.LABEL_SPELLINGS,
                origin
                    + " has labels that differ in spelling alone and count as different classes: "
                    + Names.shortList(several)
                    + "; spell a class in one way if they are the same",
                several.size()));
  }

  /** What to try with labels of other rows, where training rows spell them otherwise; or null. */
  static String advice(Collection<String> unseen, Collection<String> known) {
    Map<String, List<String>> groups = byCommon(known);
    List<String> pairs = new ArrayList<>();
    for (String label : unseen) {
      List<String> others = groups.get(common(label));
      if (others != null) {
        pairs.add(Names.quote(label) + " for " + quoted(others));
      }
    }
    return pairs.isEmpty()
        ? null
        : "they differ from training labels in spelling alone: "
            + Names.shortList(pairs)
            + "; spell labels alike in both tables";
  }

  private static String quoted(List<String> spellings) {
    return String.join(" and ", spellings.stream().map(Names::quote).toList());
  }
}

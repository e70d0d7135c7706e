package io.github.sparkbilevel.data;

import java.util.Map;
import java.util.TreeMap;

/**
 * The votes of a row as one text, which many rows share: the index of each annotator that voted and
 * the class that it voted for.
 */
public final class Ballot {
  private static final char BETWEEN = '\u001f';

  private Ballot() {}

  /**
   * The votes in a row, or null where there are none.
   *
   * @param texts in the order of {@link Columns#at}
   */
  static String of(TableSpec spec, String[] texts) {
    StringBuilder votes = new StringBuilder();
    int roles = ColumnRole.values().length;
    for (int j = 0; j < spec.votes().size(); j++) {
      String vote = texts[roles + j];
      if (!MissingValues.isMissing(spec, vote)) {
        votes.append(j).append('=').append(Numbers.canonical(vote)).append(BETWEEN);
      }
    }
    return votes.isEmpty() ? null : votes.toString();
  }

  /** Takes a vote. */
  @FunctionalInterface
  public interface Reader {
    /** The index of an annotator, and its vote. */
    void take(int annotator, String vote);
  }

  /** Reads the votes of a row, which may be null; annotators come in rising order. */
  public static void read(String votes, Reader reader) {
    for (int from = 0; votes != null && from < votes.length(); ) {
      int equals = votes.indexOf('=', from);
      int to = votes.indexOf(BETWEEN, equals);
      reader.take(Integer.parseInt(votes.substring(from, equals)), votes.substring(equals + 1, to));
      from = to + 1;
    }
  }

  /** The class with the most votes, of equals the first by its name; null without a vote. */
  static String plurality(String votes) {
    TreeMap<String, Integer> counts = new TreeMap<>();
    read(votes, (annotator, vote) -> counts.merge(vote, 1, Integer::sum));
    String most = null;
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      most = most == null || count.getValue() > counts.get(most) ? count.getKey() : most;
    }
    return most;
  }
}

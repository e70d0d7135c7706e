package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Training rows that annotators voted on. Until their votes are weighed, a row has the label that
 * most of them gave it, and a row without a vote the one that is voted for most.
 */
final class VotedTable {
  private VotedTable() {}

  /** What one scan finds out about the votes. */
  private static final class Votes implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TreeMap<String, Long> byClass = new TreeMap<>();
    private final TreeMap<String, Long> labels = new TreeMap<>();
    private long rowsWithout;

    static Votes of(Iterator<Example> rows) {
      Votes votes = new Votes();
      rows.forEachRemaining(votes::add);
      return votes;
    }

    private void add(Example row) {
      Ballot.read(row.votes(), (annotator, vote) -> add(byClass, vote, 1));
      if (row.votes() == null) {
        rowsWithout++;
      } else {
        add(labels, Ballot.plurality(row.votes()), 1);
      }
    }

    private static void add(TreeMap<String, Long> counts, String label, long rows) {
      if (counts.size() <= TableStats.MAX_LABELS) {
        counts.merge(label, rows, Long::sum);
      }
    }

    private void merge(Votes other) {
      other.byClass.forEach((label, count) -> add(byClass, label, count));
      other.labels.forEach((label, count) -> add(labels, label, count));
      rowsWithout += other.rowsWithout;
    }
  }

  /**
   * The training rows with a label each, of a class that is voted for or that trusted rows have.
   *
   * @param trusted the trusted rows, or null
   * @param test the test rows, or null
   * @throws DataException when there is no vote, when a trusted or test row has no label, or when
   *     votes and trusted labels have no class in common
   */
  static Table of(Table train, Table trusted, Table test, TableSpec spec) {
    Votes votes = new Votes();
    PerPartition.collect(train.examples(), Votes::of).forEach(votes::merge);
    String key = spec.key("train", "votes");
    if (votes.byClass.isEmpty()) {
      throw new DataException(
          "%s has no vote in the columns of %s (%s), expected at least one; name the columns of the annotators"
              .formatted(train.origin(), key, Names.shortList(spec.votes())));
    }
    requireLabels(test, "test");
    if (trusted != null) {
      requireLabels(trusted, "trusted");
      requireCommon(votes.byClass, trusted, key);
    }
    String common =
        Collections.max(votes.byClass.entrySet(), Map.Entry.comparingByValue()).getKey();
    if (votes.rowsWithout > 0) {
      Votes.add(votes.labels, common, votes.rowsWithout);
    }
    votes.byClass.keySet().forEach(label -> votes.labels.putIfAbsent(label, 0L));
    if (trusted != null) {
      trusted.stats().labels().forEach(label -> votes.labels.putIfAbsent(label, 0L));
    }
    return train.with(
        train
            .examples()
            .map(
                row -> {
                  String label = row.votes() == null ? common : Ballot.plurality(row.votes());
                  return row.withLabel(label, row.group(), row.truth());
                }),
        train.stats().withLabels(votes.labels));
  }

  private static void requireLabels(Table table, String what) {
    if (table != null && table.stats().unlabelled() > 0) {
      throw new DataException(
          "%s has %,d %s rows without a label, expected one in each; fill the labels in, or take those rows out"
              .formatted(table.origin(), table.stats().unlabelled(), what));
    }
  }

  private static void requireCommon(TreeMap<String, Long> votes, Table trusted, String key) {
    TreeSet<String> both = new TreeSet<>(votes.keySet());
    both.retainAll(trusted.stats().labels());
    if (both.isEmpty()) {
      String spelling = LabelSpellings.advice(trusted.stats().labels(), votes.navigableKeySet());
      throw new DataException(
          "the votes in the columns of %s (%s) and the labels of the trusted rows of %s (%s) have no class in common; %s"
              .formatted(
                  key,
                  Names.shortList(votes.navigableKeySet().stream().toList()),
                  trusted.origin(),
                  Names.shortList(trusted.stats().labels().stream().toList()),
                  spelling == null ? "spell both alike" : spelling));
    }
  }
}

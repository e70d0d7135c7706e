package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;

/**
 * What one scan finds out about a set of rows: how many there are, their labels and groups.
 *
 * <p>At most {@link #MAX_LABELS} distinct labels of a partition are kept, so that a column of real
 * numbers that is given as classes does not end on the driver; labels that are known to be real are
 * not kept at all.
 */
public final class TableStats implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The most distinct labels that are kept. */
  public static final int MAX_LABELS = 10_000;

  /** The most distinct groups that are kept. */
  public static final int MAX_GROUPS = 1_000_000;

  private long rows;
  private long unlabelled;
  private final TreeMap<String, Long> labels = new TreeMap<>();
  private final TreeMap<String, Long> truths = new TreeMap<>();
  private final TreeSet<String> groups = new TreeSet<>();
  private boolean missingGroup;
  private final Moments weights = new Moments(1);
  private final Moments numbers = new Moments(1);
  private double heaviest;
  private long heaviestId;
  private String heaviestRow;
  private double leastLabel = Double.POSITIVE_INFINITY;
  private long leastLabelId;
  private String leastLabelRow;
  private String textLabelRow;
  private long textLabelId;
  private String textLabel;

  /** Scans the rows in one Spark job. */
  static TableStats of(JavaRDD<Example> rows, boolean keepLabels) {
    return of(rows, 1, row -> 0, keepLabels)[0];
  }

  /** Which of several parts a row belongs to. */
  interface Part extends Serializable {
    /** The part's index. */
    int of(Example row);
  }

  /** Scans rows that fall into several parts, in one Spark job. */
  static TableStats[] of(JavaRDD<Example> rows, int parts, Part part, boolean keepLabels) {
    TableStats[] all = empty(parts);
    List<TableStats[]> found =
        PerPartition.collect(
            rows,
            in -> {
              TableStats[] stats = empty(parts);
              while (in.hasNext()) {
                Example row = in.next();
                stats[part.of(row)].add(row, keepLabels);
              }
              return stats;
            });
    for (TableStats[] stats : found) {
      for (int k = 0; k < parts; k++) {
        all[k].merge(stats[k]);
      }
    }
    return all;
  }

  private static TableStats[] empty(int parts) {
    TableStats[] stats = new TableStats[parts];
    for (int k = 0; k < parts; k++) {
      stats[k] = new TableStats();
    }
    return stats;
  }

  /** Of rows whose labels and groups are not known yet. */
  static TableStats ofRows(long rows) {
    TableStats stats = new TableStats();
    stats.rows = rows;
    return stats;
  }

  private void add(Example e, boolean keepLabel) {
    rows++;
    weights.add(e.weight(), 1);
    weigh(e.weight(), e.id(), e.displayId());
    if (e.label() == null) {
      unlabelled++;
    } else if (keepLabel && labels.size() <= MAX_LABELS) {
      labels.merge(e.label(), 1L, Long::sum);
    }
    if (keepLabel && e.truth() != null && truths.size() <= MAX_LABELS) {
      truths.merge(e.truth(), 1L, Long::sum);
    }
    if (e.group() == null) {
      missingGroup = true;
    } else if (groups.size() <= MAX_GROUPS) {
      groups.add(e.group());
    }
    if (e.label() == null || Numbers.isFinite(e.label())) {
      if (!keepLabel && e.label() != null) {
        double label = Numbers.parse(e.label());
        numbers.add(label, e.weight());
        lower(label, e.id(), e.displayId());
      }
    } else if (textLabel == null || e.id() < textLabelId) {
      textLabel = e.label();
      textLabelId = e.id();
      textLabelRow = e.displayId();
    }
  }

  private void merge(TableStats other) {
    rows += other.rows;
    unlabelled += other.unlabelled;
    if (labels.size() <= MAX_LABELS) {
      other.labels.forEach((label, count) -> labels.merge(label, count, Long::sum));
    }
    if (truths.size() <= MAX_LABELS) {
      other.truths.forEach((truth, count) -> truths.merge(truth, count, Long::sum));
    }
    if (groups.size() <= MAX_GROUPS) {
      groups.addAll(other.groups);
    }
    missingGroup |= other.missingGroup;
    weights.merge(other.weights);
    if (other.heaviestRow != null) {
      weigh(other.heaviest, other.heaviestId, other.heaviestRow);
    }
    numbers.merge(other.numbers);
    lower(other.leastLabel, other.leastLabelId, other.leastLabelRow);
    if (other.textLabel != null && (textLabel == null || other.textLabelId < textLabelId)) {
      textLabel = other.textLabel;
      textLabelId = other.textLabelId;
      textLabelRow = other.textLabelRow;
    }
  }

  private void weigh(double weight, long id, String row) {
    if (heaviestRow == null || weight > heaviest || weight == heaviest && id < heaviestId) {
      heaviest = weight;
      heaviestId = id;
      heaviestRow = row;
    }
  }

  private void lower(double label, long id, String row) {
    if (label < leastLabel || label == leastLabel && id < leastLabelId) {
      leastLabel = label;
      leastLabelId = id;
      leastLabelRow = row;
    }
  }

  /** The same rows with these groups. */
  TableStats withGroups(List<String> others) {
    TableStats stats = new TableStats();
    stats.merge(this);
    stats.groups.clear();
    stats.groups.addAll(others);
    stats.missingGroup = false;
    return stats;
  }

  /** The same rows with these labels, and of each as many rows as said here. */
  TableStats withLabels(SortedMap<String, Long> others) {
    TableStats stats = new TableStats();
    stats.merge(this);
    stats.labels.clear();
    stats.labels.putAll(others);
    stats.unlabelled = 0;
    return stats;
  }

  /** Number of rows without a label. */
  long unlabelled() {
    return unlabelled;
  }

  /** Number of rows. */
  public long rows() {
    return rows;
  }

  /**
   * The distinct labels; more than {@link #MAX_LABELS} mean that not all are there. None where
   * labels are real numbers.
   */
  public SortedSet<String> labels() {
    return Collections.unmodifiableSortedSet(labels.navigableKeySet());
  }

  /** Number of rows with a label; 0 where labels are real numbers. */
  public long count(String label) {
    return labels.getOrDefault(label, 0L);
  }

  /** The rows of each label that is known to be right; not kept where labels are real numbers. */
  SortedMap<String, Long> truths() {
    return Collections.unmodifiableSortedMap(truths);
  }

  /** The distinct groups, without the missing one. */
  public SortedSet<String> groups() {
    return Collections.unmodifiableSortedSet(groups);
  }

  /** Whether some row has no group. */
  public boolean missingGroup() {
    return missingGroup;
  }

  /** The mean of the weights. */
  public double meanWeight() {
    return weights.mean(0);
  }

  /**
   * The row beside whose weight those of all others together vanish, or null.
   *
   * @param share the share of the weights that counts as nothing
   */
  String overwhelmingRow(double share) {
    double mean = meanWeight();
    boolean alone = !Double.isFinite(mean) || rows > 1 && rows * mean - heaviest < share * heaviest;
    return alone ? heaviestRow : null;
  }

  /** The greatest weight. */
  double greatestWeight() {
    return heaviest;
  }

  /** Whether all rows have the same weight. */
  public boolean sameWeights() {
    return weights.isConstant(0);
  }

  /** The weighted mean of labels that are real numbers; classes are not measured. */
  public double meanLabel() {
    return numbers.mean(0);
  }

  /** The weighted population standard deviation of labels that are real numbers. */
  public double labelDeviation() {
    return numbers.deviation(0);
  }

  /** The least label that is a real number; classes are not measured. */
  double leastLabel() {
    return leastLabel;
  }

  /** The row of {@link #leastLabel()}. */
  String leastLabelRow() {
    return leastLabelRow;
  }

  /** The first label that is not a finite number, or null when every label is one. */
  String textLabel() {
    return textLabel;
  }

  /** The row of {@link #textLabel()}. */
  String textLabelRow() {
    return textLabelRow;
  }

  /** The labels of these rows that {@code other} does not have, at most {@code limit} of them. */
  List<String> labelsMissingIn(TableStats other, int limit) {
    List<String> missing = new ArrayList<>();
    for (String label : labels.keySet()) {
      if (!other.labels.containsKey(label) && missing.size() < limit) {
        missing.add(label);
      }
    }
    return missing;
  }
}

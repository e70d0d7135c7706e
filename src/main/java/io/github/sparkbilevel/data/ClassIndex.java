package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The classes of a classification problem in a fixed order, and their indices from 0.
 *
 * <p>Sorted by value when every label is a number, otherwise as text. Labels that are indices of
 * levels already, as Spark's StringIndexer makes them, keep their order and the names behind them;
 * the classes are those levels that some row has.
 */
public final class ClassIndex implements Labels {
  private static final long serialVersionUID = 1L;

  /** The labels as they are spelled in the rows. */
  private final SortedNames labels;

  private final List<String> names;

  /** The names of all levels of an indexed column; null where the labels are no indices. */
  private final List<String> levels;

  private ClassIndex(SortedNames labels, List<String> names, List<String> levels) {
    this.labels = labels;
    this.names = names;
    this.levels = levels;
  }

  /** Orders the distinct labels. */
  public static ClassIndex of(Collection<String> labels) {
    SortedNames sorted = SortedNames.of(labels);
    return new ClassIndex(sorted, sorted.names(), null);
  }

  /** Classes whose rows have the index 0, 1, … as their label, by their names. */
  public static ClassIndex indexed(List<String> names) {
    return indexed(names, IntStream.range(0, names.size()).mapToObj(Integer::toString).toList());
  }

  /**
   * Classes whose rows have indices of levels as their labels.
   *
   * @param levels the names of all levels
   * @param used the indices that some row has, as text
   */
  public static ClassIndex indexed(List<String> levels, Collection<String> used) {
    SortedNames indices = SortedNames.of(used);
    return new ClassIndex(
        indices,
        indices.names().stream().map(index -> levels.get(Integer.parseInt(index))).toList(),
        List.copyOf(levels));
  }

  /** The classes of a training table; more than {@link TableStats#MAX_LABELS} are an error. */
  public static ClassIndex of(Table train) {
    if (train.stats().labels().size() > TableStats.MAX_LABELS) {
      throw new DataException(
          train.origin()
              + " has more than "
              + TableStats.MAX_LABELS
              + " distinct labels, expected "
              + "classes; are the labels real numbers (model.family = linear) or row ids?");
    }
    return of(train.stats().labels());
  }

  /** Number of classes. */
  @Override
  public int size() {
    return names.size();
  }

  /** The label of a class. */
  public String name(int index) {
    return names.get(index);
  }

  /** The labels by class index. */
  public List<String> names() {
    return names;
  }

  /** Whether the labels of the rows are indices of levels already. */
  public boolean isIndexed() {
    return levels != null;
  }

  /** The names of all levels of an indexed column, with those that no row has; else the classes. */
  public List<String> levels() {
    return isIndexed() ? levels : names;
  }

  /** The index of a class among the {@link #levels()}. */
  public int level(int index) {
    return isIndexed() ? Integer.parseInt(labels.name(index)) : index;
  }

  /** The names of the levels that no row has. */
  public List<String> unused() {
    return levels().stream().filter(level -> !names.contains(level)).toList();
  }

  /** What the rows of a class have as their label: the name, or the index as text. */
  public String labelOf(int index) {
    return labels.name(index);
  }

  /** The class of a label; an error for a label that is not among the classes. */
  public int index(String label) {
    int index = labels.find(label);
    if (index < 0) {
      throw new DataException(
          "the label "
              + Names.quote(label)
              + " was never seen in the training rows, expected one of "
              + Names.shortList(labels.names()));
    }
    return index;
  }

  /** The class of a label, or −1 for a label that is not among the classes. */
  public int indexOrNone(String label) {
    return Math.max(-1, labels.find(label));
  }

  @Override
  public double encode(String label) {
    return index(label);
  }

  @Override
  public double encodeOrNone(String label) {
    return indexOrNone(label);
  }

  @Override
  public String spelled(double label) {
    return labelOf((int) label);
  }

  /** Throws unless there are exactly two classes. */
  public void requireTwo(String origin) {
    if (size() != 2) {
      throw new DataException(
          origin
              + " has "
              + size()
              + " classes ("
              + Names.shortList(names)
              + "), expected exactly 2 for model.family = logistic; use softmax");
    }
  }
}

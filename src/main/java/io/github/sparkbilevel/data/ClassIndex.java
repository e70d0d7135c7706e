package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The classes of a classification problem in a fixed order, and their indices from 0.
 *
 * <p>Sorted by value when every label is a number, otherwise as text. Labels that are indices of
 * classes already, as Spark's StringIndexer makes them, keep their order and the names behind them.
 */
public final class ClassIndex implements Labels {
  private static final long serialVersionUID = 1L;

  /** The labels as they are spelled in the rows. */
  private final SortedNames labels;

  private final List<String> names;

  private ClassIndex(SortedNames labels, List<String> names) {
    this.labels = labels;
    this.names = names;
  }

  /** Orders the distinct labels. */
  public static ClassIndex of(Collection<String> labels) {
    SortedNames sorted = SortedNames.of(labels);
    return new ClassIndex(sorted, sorted.names());
  }

  /** Classes whose rows have the index 0, 1, … as their label, by their names. */
  public static ClassIndex indexed(List<String> names) {
    SortedNames indices =
        SortedNames.of(IntStream.range(0, names.size()).mapToObj(Integer::toString).toList());
    return new ClassIndex(indices, List.copyOf(names));
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

  /** Whether the labels of the rows are indices of classes already. */
  public boolean isIndexed() {
    return !labels.names().equals(names);
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

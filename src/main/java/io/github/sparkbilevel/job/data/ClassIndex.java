package io.github.sparkbilevel.job.data;

import io.github.sparkbilevel.block.DataException;
import java.util.Collection;
import java.util.List;

/**
 * The classes of a classification problem in a fixed order, and their indices from 0.
 *
 * <p>Sorted by value when every label is a number, otherwise as text.
 */
public final class ClassIndex implements Labels {
  private static final long serialVersionUID = 1L;

  private final SortedNames names;

  private ClassIndex(SortedNames names) {
    this.names = names;
  }

  /** Orders the distinct labels. */
  public static ClassIndex of(Collection<String> labels) {
    return new ClassIndex(SortedNames.of(labels));
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
    return names.name(index);
  }

  /** The labels by class index. */
  public List<String> names() {
    return names.names();
  }

  /** The class of a label; an error for a label that is not among the classes. */
  public int index(String label) {
    int index = names.find(label);
    if (index < 0) {
      throw new DataException(
          "the label "
              + Names.quote(label)
              + " was never seen in the training rows, expected one of "
              + Names.shortList(names.names()));
    }
    return index;
  }

  /** The class of a label, or −1 for a label that is not among the classes. */
  public int indexOrNone(String label) {
    return Math.max(-1, names.find(label));
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
              + Names.shortList(names.names())
              + "), expected exactly 2 for model.family = logistic; use softmax");
    }
  }
}

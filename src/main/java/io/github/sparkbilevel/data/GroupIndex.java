package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** The groups (sources, annotators, batches) of the training rows and their indices from 0. */
public final class GroupIndex implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The group of rows that have none. */
  public static final String NONE = "(none)";

  private final SortedNames sorted;
  private final boolean none;

  private GroupIndex(SortedNames sorted, boolean none) {
    this.sorted = sorted;
    this.none = none;
  }

  /** The groups of a training table; the group of rows without one comes last. */
  public static GroupIndex of(Table train) {
    TableStats stats = train.stats();
    if (stats.groups().size() > TableStats.MAX_GROUPS) {
      throw new DataException(
          train.origin()
              + " has more than "
              + TableStats.MAX_GROUPS
              + " distinct groups, expected "
              + "far fewer groups than rows; is data.train.group a column of row ids?");
    }
    return of(stats.groups(), stats.missingGroup());
  }

  /** The groups in order, and where {@code missing} one for rows that have none. */
  public static GroupIndex of(java.util.Collection<String> groups, boolean missing) {
    return new GroupIndex(SortedNames.of(groups), missing);
  }

  /** Number of groups. */
  public int size() {
    return sorted.size() + (none ? 1 : 0);
  }

  /** The name of a group. */
  public String name(int index) {
    return index == sorted.size() && none ? NONE : sorted.name(index);
  }

  /** The names by index. */
  public List<String> names() {
    List<String> names = new ArrayList<>(sorted.names());
    if (none) {
      names.add(NONE);
    }
    return names;
  }

  /** The names of the groups that rows have, without the one of rows that have none. */
  public List<String> given() {
    return sorted.names();
  }

  /** The index of a row's group, which may be null; −1 for a group without training rows. */
  public int index(String group) {
    if (group == null) {
      return none ? sorted.size() : -1;
    }
    return sorted.find(group);
  }
}

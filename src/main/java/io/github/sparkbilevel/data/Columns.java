package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Where the columns with a role stand in a row of named columns.
 *
 * @param at the column of each role in the order of {@link ColumnRole}, then those of the roles
 *     that several columns have; −1 for a role nobody has
 */
record Columns(int[] at) implements Serializable {

  /** Finds the roles and checks that the feature columns exist. */
  static Columns resolve(String role, TableSpec spec, List<String> header, String origin) {
    int roles = ColumnRole.values().length;
    int next = roles;
    int[] at = new int[roles + spec.shared()];
    for (ColumnRole of : ColumnRole.values()) {
      at[of.ordinal()] = find(spec.key(role, of.key()), of.column(spec), header, origin);
    }
    for (String shared : TableSpec.SHARED) {
      String key = spec.key(role, shared);
      requireOnce(key, spec.columnsOf(shared));
      for (String name : spec.columnsOf(shared)) {
        at[next++] = spec.requires(shared) ? find(key, name, header, origin) : header.indexOf(name);
      }
    }
    Columns columns = new Columns(at);
    if (spec.features() != null) {
      String features = spec.key(role, "features");
      if (spec.features().isEmpty()) {
        throw new IllegalArgumentException(
            features + " is an empty list, expected column names or null");
      }
      requireOnce(features, spec.features());
      for (String name : spec.features()) {
        int column = find(features, name, header, origin);
        if (columns.hasRole(column)) {
          throw new IllegalArgumentException(
              features
                  + " names '"
                  + name
                  + "', which has another role already; take it out of the list");
        }
      }
    }
    return columns;
  }

  private static void requireOnce(String key, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(key + " names '" + name + "' twice; name it once");
      }
    }
  }

  private static int find(String key, String name, List<String> header, String origin) {
    if (name == null) {
      return -1;
    }
    int at = header.indexOf(name);
    if (at < 0) {
      throw new DataException(
          origin
              + " has no column '"
              + name
              + "' ("
              + key
              + "), expected one of "
              + header.size()
              + " columns; "
              + Names.suggest(name, header));
    }
    return at;
  }

  boolean hasRole(int column) {
    return Arrays.stream(at).anyMatch(own -> own == column);
  }

  /** The cells of the columns in the order of {@link #at}; null where nobody has one. */
  String[] texts(String[] cells) {
    String[] texts = new String[at.length];
    for (int k = 0; k < at.length; k++) {
      texts[k] = at[k] < 0 ? null : cells[at[k]];
    }
    return texts;
  }

  /**
   * The feature columns of the training table, looked for in another header.
   *
   * @param numeric whether a column of this header could be a feature
   */
  static List<String> like(Table train, List<String> header, IntPredicate numeric, String origin) {
    List<String> missing = new ArrayList<>(train.featureNames());
    missing.removeAll(new HashSet<>(header));
    List<String> extra = new ArrayList<>();
    Set<String> known = new HashSet<>(train.inputColumns());
    int width = train.columns() - missing.size();
    for (int j = 0; j < header.size(); j++) {
      if (!known.contains(header.get(j)) && numeric.test(j)) {
        extra.add(header.get(j));
        width++;
      }
    }
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new DataException(
          origin
              + " has "
              + width
              + " feature columns, expected the "
              + train.columns()
              + " of "
              + train.origin()
              + "; "
              + (missing.isEmpty() ? "" : "missing: " + Names.shortList(missing))
              + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
              + (extra.isEmpty() ? "" : "too many: " + Names.shortList(extra))
              + ofFolders(train, missing));
    }
    return List.copyOf(train.featureNames());
  }

  private static String ofFolders(Table train, List<String> missing) {
    List<String> folders = new ArrayList<>(missing);
    folders.retainAll(train.partitionColumns());
    return folders.isEmpty()
        ? ""
        : "; "
            + Names.shortList(folders)
            + (folders.size() == 1 ? " is a partition column" : " are partition columns")
            + " of the training rows, from the names of their folders: give these rows "
            + (folders.size() == 1 ? "that column" : "those columns")
            + ", or list the features without in data.train.features";
  }
}

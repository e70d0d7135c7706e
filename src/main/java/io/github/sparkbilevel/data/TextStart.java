package io.github.sparkbilevel.data;

import java.io.Serializable;

/**
 * What stands in front of the rows of a text file.
 *
 * @param path the file
 * @param lines how many lines to skip
 * @param bytes how many bytes they take, or 0 where the file is compressed or has wide characters
 * @param order for each column of the first file where it stands in this one; null where the
 *     columns are the same
 */
record TextStart(String path, long lines, long bytes, int[] order) implements Serializable {

  /** A file that is read from its first line on. */
  static TextStart none(String path) {
    return new TextStart(path, 0, 0, null);
  }

  /** The name of the file without its folder. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}

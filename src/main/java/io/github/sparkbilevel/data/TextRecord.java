package io.github.sparkbilevel.data;

/**
 * A record of a text file: a line, or the lines of a quoted cell that holds line breaks.
 *
 * @param text what it says, or its beginning where it cannot be read
 * @param file the name of its file
 * @param order for each column of the first file where it stands in this one; null where the
 *     columns are the same
 * @param fault why it cannot be read, or null
 */
record TextRecord(String text, String file, int[] order, TextFault fault) {

  /** The cells in the order of the first file's columns. */
  String[] arranged(String[] cells) {
    if (order == null || cells.length != order.length) {
      return cells;
    }
    String[] arranged = new String[cells.length];
    for (int j = 0; j < cells.length; j++) {
      arranged[j] = cells[order[j]];
    }
    return arranged;
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts of rows, of which many are equal: each is kept once. */
final class WordColumn implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NONE = -1;

  private final String[] words;

  /** Which word each row has; null where no row has one. */
  private final int[] codes;

  private WordColumn(String[] words, int[] codes) {
    this.words = words;
    this.codes = codes;
  }

  /** The text of a row, or null. */
  String get(int row) {
    return codes == null || codes[row] == NONE ? null : words[codes[row]];
  }

  /** Takes the texts of one row after the other. */
  static final class Builder {
    private final Map<String, Integer> known = new HashMap<>();
    private final List<String> words = new ArrayList<>();
    private int[] codes = new int[RowChunk.LEAST_ROWS];
    private int rows;
    private String last;
    private int lastCode = NONE;

    void add(String text) {
      if (rows == codes.length) {
        codes = Arrays.copyOf(codes, 2 * rows);
      }
      codes[rows++] = text == null ? NONE : code(text);
    }

    private int code(String text) {
      if (!text.equals(last)) {
        Integer code = known.get(text);
        if (code == null) {
          code = words.size();
          known.put(text, code);
          words.add(text);
        }
        last = words.get(code);
        lastCode = code;
      }
      return lastCode;
    }

    WordColumn finish() {
      return new WordColumn(
          words.toArray(new String[0]), words.isEmpty() ? null : Arrays.copyOf(codes, rows));
    }
  }
}

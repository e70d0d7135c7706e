package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.AbstractList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.RandomAccess;
import java.util.regex.Pattern;

/** Names of columns: made-up ones, the nearest one to a misspelling, lists of them in messages. */
public final class Names {
  private static final int SHOWN = 8;

  /** As features of hashed words and values are called: comment #17. */
  private static final Pattern BUCKET = Pattern.compile(".* #\\d+", Pattern.DOTALL);

  private Names() {}

  /** The names f0, f1, … as a list that holds only its length. */
  static List<String> numbered(int size) {
    return new Numbered(size, 0);
  }

  /** The names pixel_0_0, pixel_0_1, … of an image, row by row. */
  static List<String> pixels(int rows, int columns) {
    return new Numbered(rows * columns, columns);
  }

  private static final class Numbered extends AbstractList<String>
      implements RandomAccess, Serializable {
    private static final long serialVersionUID = 1L;
    private final int size;
    private final int imageColumns;

    Numbered(int size, int imageColumns) {
      this.size = size;
      this.imageColumns = imageColumns;
    }

    @Override
    public String get(int i) {
      if (i < 0 || i >= size) {
        throw new IndexOutOfBoundsException("index " + i + " of " + size + " names");
      }
      return imageColumns == 0 ? "f" + i : "pixel_" + i / imageColumns + "_" + i % imageColumns;
    }

    @Override
    public int size() {
      return size;
    }
  }

  /**
   * Height, width and channels of the picture whose pixels features are, by their names.
   *
   * @return empty unless they are called as {@link #pixels} does
   */
  public static List<Integer> picture(List<String> features) {
    String[] last = features.get(features.size() - 1).split("_", -1);
    if (last.length != 3 || !last[2].matches("\\d{1,5}")) {
      return List.of();
    }
    int width = Integer.parseInt(last[2]) + 1;
    int height = features.size() / width;
    return features.equals(pixels(height, width)) ? List.of(height, width, 1) : List.of();
  }

  /** Whether a feature is a bucket of hashed words or values, many of which are empty. */
  static boolean isBucket(String feature) {
    return BUCKET.matcher(feature).matches();
  }

  /** Joins the first few names and says how many more there are. */
  public static String shortList(Collection<String> names) {
    StringBuilder text = new StringBuilder();
    int n = 0;
    for (String name : names) {
      if (n == SHOWN) {
        text.append(" and ").append(names.size() - SHOWN).append(" more");
        break;
      }
      text.append(n++ == 0 ? "" : ", ").append(name);
    }
    return text.toString();
  }

  /** "did you mean 'x'?" for the nearest name, and a list of what there is. */
  static String suggest(String wanted, Collection<String> names) {
    return suggest(wanted, names, "columns");
  }

  /** The same for names of another kind. */
  static String suggest(String wanted, Collection<String> names, String kind) {
    String best = nearest(wanted, names);
    return (best == null ? "" : "did you mean '" + best + "'; ")
        + "the "
        + kind
        + " are "
        + shortList(names);
  }

  /** The name that is spelled most like the wanted one, or null where none is like it. */
  static String nearest(String wanted, Collection<String> names) {
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String name : names) {
      int d = distance(wanted.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (d < least) {
        least = d;
        best = name;
      }
    }
    return least <= Math.max(2, wanted.length() / 2) ? best : null;
  }

  /** Insertions, deletions and replacements that turn one text into the other. */
  public static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** The beginning of a text in quotes, for messages. */
  public static String quote(String text) {
    String flat = text.replaceAll("\\p{Cntrl}", " ");
    return "'" + (flat.length() > 40 ? flat.substring(0, 40) + "…" : flat) + "'";
  }
}

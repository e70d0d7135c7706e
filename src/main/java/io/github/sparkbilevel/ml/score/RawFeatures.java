package io.github.sparkbilevel.ml.score;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.types.StructType;

/**
 * The features that a model takes: how many, and what they are called.
 *
 * @param size number of features
 * @param names the name of each, or an empty list
 */
public record RawFeatures(int size, List<String> names) implements Serializable {
  /** Names in a message; a model may have a million. */
  private static final int SHOWN = 8;

  /** Throws when a row has another number of features. */
  public void requireFits(Vector row) {
    if (row.size() != size) {
      throw wrongWidth("the row", row.size());
    }
  }

  /** Throws when a column is known to have another number of features. */
  public void requireFits(StructType schema, String column) {
    int width = AttributeGroup.fromStructField(schema.apply(column)).size();
    if (width >= 0 && width != size) {
      throw wrongWidth("the column '" + column + "'", width);
    }
  }

  private IllegalArgumentException wrongWidth(String where, int got) {
    return new IllegalArgumentException(
        where
            + " has "
            + got
            + " features, expected "
            + size
            + "; assemble the columns the model was trained on"
            + (names.isEmpty() ? "" : ": " + shortList(names)));
  }

  /** The first few names, and how many more there are. */
  public static String shortList(List<String> names) {
    return names.size() <= SHOWN
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, SHOWN)) + " and " + (names.size() - SHOWN) + " more";
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * One checked row of a table, with its roles sorted out.
 *
 * <p>A class and not a record: Kryo, which a user may choose, cannot write records.
 */
public final class Example implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The columns of {@link Table#rows()}. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("name", DataTypes.StringType, true)
          .add("label", DataTypes.StringType, false)
          .add("features", SQLDataTypes.VectorType(), false)
          .add("group", DataTypes.StringType, true)
          .add("weight", DataTypes.DoubleType, false)
          .add("truth", DataTypes.StringType, true);

  private final long id;
  private final String name;
  private final String label;
  private final Vector features;
  private final String group;
  private final double weight;
  private final String truth;

  Example(
      long id,
      String name,
      String label,
      Vector features,
      String group,
      double weight,
      String truth) {
    this.id = id;
    this.name = name;
    this.label = label;
    this.features = features;
    this.group = group;
    this.weight = weight;
    this.truth = truth;
  }

  /** The integral id of the input, or the row number in file order from 0. */
  public long id() {
    return id;
  }

  /** The id of the input where it is not integral, otherwise null. */
  public String name() {
    return name;
  }

  /** What the user calls this row: the name where there is one, otherwise the id. */
  public String displayId() {
    return name == null ? Long.toString(id) : name;
  }

  /** The given label, never null. */
  public String label() {
    return label;
  }

  /** The raw features: finite, of the table's width. */
  public Vector features() {
    return features;
  }

  /** The source of the row, or null. */
  public String group() {
    return group;
  }

  /** The base weight, at least 0. */
  public double weight() {
    return weight;
  }

  /** The right label where it is known, or null. */
  public String truth() {
    return truth;
  }

  Example withLabel(String otherLabel, String otherGroup, String otherTruth) {
    return new Example(id, name, otherLabel, features, otherGroup, weight, otherTruth);
  }

  Row toRow() {
    return RowFactory.create(id, name, label, features, group, weight, truth);
  }
}

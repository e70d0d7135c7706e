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

  /** The features, or the chunk that holds the row. */
  private final Object features;

  private final int row;
  private final int width;
  private final String group;
  private final double weight;
  private final String truth;
  private final String votes;
  private final float[] probabilities;
  private final boolean trusted;

  /** A row of a chunk, with its features widened where it states fewer. */
  Example(long id, String name, RowChunk chunk, int row, int width) {
    this.id = id;
    this.name = name;
    this.label = chunk.label(row);
    this.features = chunk;
    this.row = row;
    this.width = width;
    this.group = chunk.group(row);
    this.weight = chunk.weight(row);
    this.truth = chunk.truth(row);
    this.votes = chunk.votes(row);
    this.probabilities = chunk.probabilities(row);
    this.trusted = chunk.trusted(row);
  }

  /** A row with other roles; its features are its own, so that it may leave its chunk. */
  private Example(Example e, Vector features, String label, String group, String truth) {
    this.id = e.id;
    this.name = e.name;
    this.label = label;
    this.features = features;
    this.row = 0;
    this.width = e.width;
    this.group = group;
    this.weight = e.weight;
    this.truth = truth;
    this.votes = e.votes;
    this.probabilities = e.probabilities;
    this.trusted = e.trusted;
  }

  /** A row with the label and the weight that an answer gives it. */
  private Example(Example e, String label, double weight) {
    this.id = e.id;
    this.name = e.name;
    this.label = label;
    this.features = e.features();
    this.row = 0;
    this.width = e.width;
    this.group = e.group;
    this.weight = weight;
    this.truth = e.truth;
    this.votes = e.votes;
    this.probabilities = e.probabilities;
    this.trusted = true;
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

  /** The given label; null only on the way to a table whose annotators vote. */
  public String label() {
    return label;
  }

  /** The raw features: finite, of the table's width. */
  public Vector features() {
    return features instanceof RowChunk chunk ? chunk.features(row, width) : (Vector) features;
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

  /** What annotators said, as {@link Ballot} writes it, or null. */
  public String votes() {
    return votes;
  }

  /**
   * The probabilities of the classes by a model of the user, which sum to 1; none where the table
   * has none.
   */
  public float[] probabilities() {
    return GivenProbabilities.normalized(probabilities);
  }

  Example withLabel(String otherLabel, String otherGroup, String otherTruth) {
    return new Example(this, features(), otherLabel, otherGroup, otherTruth);
  }

  /** The same row with other features and another label; the truth is what it was, or its label. */
  Example withFeatures(Vector others, String otherLabel) {
    return new Example(this, others, otherLabel, group, truth == null ? label : truth);
  }

  /** Whether the row is marked as trusted. */
  boolean trusted() {
    return trusted;
  }

  /**
   * The same row, trusted, with a label that somebody gave after checking it.
   *
   * @param times what its weight is multiplied by
   */
  Example answered(String answer, double times) {
    return new Example(this, answer, weight * times);
  }

  /** The same row without those beside it: what a shuffle should carry. */
  public Example alone() {
    return features instanceof RowChunk ? withLabel(label, group, truth) : this;
  }

  /** Java's serialisation asks; Kryo does not. */
  private Object writeReplace() {
    return alone();
  }

  Row toRow() {
    return RowFactory.create(id, name, label, features(), group, weight, truth);
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a table of examples lies and which of its columns has which role, as the job file says it.
 *
 * @param path file, folder or URI; the table's name when the format is {@code table}
 * @param format {@code auto}, {@code csv}, {@code libsvm}, {@code parquet}, {@code idx} or {@code
 *     table}
 * @param labels the labels file of format {@code idx}, or null to guess it from the path
 * @param label column of the labels
 * @param id column of the row ids, or null for row numbers from 0
 * @param features feature columns, or null for every numeric column that has no other role
 * @param truth column of labels known to be right, or null
 * @param group column of the source of each row, or null
 * @param weight column of base weights, or null
 * @param limit how many of the first rows are read, or null for all
 * @param options how to read the file, where the reader should not find it out by itself
 * @param optional the names of roles whose column may be missing, {@code weight} alone
 */
public record TableSpec(
    String path,
    String format,
    String labels,
    String label,
    String id,
    List<String> features,
    String truth,
    String group,
    String weight,
    Long limit,
    TextOptions options,
    Set<String> optional)
    implements Serializable {

  /** The format of rows that a program hands over as a Dataset. */
  public static final String DATASET = "dataset";

  private static final Map<String, String> PARAMS =
      Map.of(
          "features",
          "featuresCol",
          "group",
          "groupCol",
          "id",
          "idCol",
          "label",
          "labelCol",
          "truth",
          "truthCol",
          "weight",
          "weightCol");

  /** Fills in the defaults of format and label. */
  public TableSpec {
    format = format == null ? "auto" : format;
    label = label == null ? "label" : label;
    features = features == null ? null : List.copyOf(features);
    options = options == null ? TextOptions.NONE : options;
    optional = optional == null ? Set.of() : Set.copyOf(optional);
  }

  /** A table without options. */
  public TableSpec(
      String path,
      String format,
      String labels,
      String label,
      String id,
      List<String> features,
      String truth,
      String group,
      String weight,
      Long limit) {
    this(path, format, labels, label, id, features, truth, group, weight, limit, null, null);
  }

  /**
   * What the user knows a setting by: {@code data.train.label} in a job file, the param {@code
   * labelCol} of an estimator.
   *
   * @param role of the table: train, validation or test
   * @param name of the component
   */
  String key(String role, String name) {
    return format.equals(DATASET) ? PARAMS.getOrDefault(name, name) : "data." + role + "." + name;
  }

  /** A table read with every default. */
  public static TableSpec of(String path) {
    return new TableSpec(path, null, null, null, null, null, null, null, null, null);
  }

  /** The same with another format. */
  public TableSpec withFormat(String other) {
    return new TableSpec(
        path, other, labels, label, id, features, truth, group, weight, limit, options, optional);
  }

  /** The same with another labels file. */
  public TableSpec withLabels(String other) {
    return new TableSpec(
        path, format, other, label, id, features, truth, group, weight, limit, options, optional);
  }

  /** The same with another label column. */
  public TableSpec withLabel(String other) {
    return new TableSpec(
        path, format, labels, other, id, features, truth, group, weight, limit, options, optional);
  }

  /** The same with another id column. */
  public TableSpec withId(String other) {
    return new TableSpec(
        path, format, labels, label, other, features, truth, group, weight, limit, options,
        optional);
  }

  /** The same with other feature columns. */
  public TableSpec withFeatures(List<String> other) {
    return new TableSpec(
        path, format, labels, label, id, other, truth, group, weight, limit, options, optional);
  }

  /** The same with another truth column. */
  public TableSpec withTruth(String other) {
    return new TableSpec(
        path, format, labels, label, id, features, other, group, weight, limit, options, optional);
  }

  /** The same with another group column. */
  public TableSpec withGroup(String other) {
    return new TableSpec(
        path, format, labels, label, id, features, truth, other, weight, limit, options, optional);
  }

  /** The same with another weight column. */
  public TableSpec withWeight(String other) {
    return new TableSpec(
        path, format, labels, label, id, features, truth, group, other, limit, options, optional);
  }

  /** The same with another limit. */
  public TableSpec withLimit(Long other) {
    return new TableSpec(
        path, format, labels, label, id, features, truth, group, weight, other, options, optional);
  }

  /** The same with other options. */
  public TableSpec withOptions(TextOptions other) {
    return new TableSpec(
        path, format, labels, label, id, features, truth, group, weight, limit, other, optional);
  }

  /** The same where the column of the weights may be missing; there all rows weigh 1 then. */
  public TableSpec withOptionalWeight() {
    return new TableSpec(
        path,
        format,
        labels,
        label,
        id,
        features,
        truth,
        group,
        weight,
        limit,
        options,
        Set.of("weight"));
  }

  /** The same without the optional columns that a table lacks. */
  TableSpec within(List<String> header) {
    boolean lacks = weight != null && optional.contains("weight") && !header.contains(weight);
    return lacks ? withWeight(null) : this;
  }
}

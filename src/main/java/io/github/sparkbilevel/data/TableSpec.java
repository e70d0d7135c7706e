package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a table of examples lies and which of its columns has which role, as the job file says it.
 *
 * @param path file, folder or URI; the table's name when the format is {@code table}, the query
 *     when it is {@code query}
 * @param format {@code auto}, {@code csv}, {@code libsvm}, {@code parquet}, {@code idx}, {@code
 *     table}, {@code query}, or the name of a data source of Spark's
 * @param columns the column of each role that one column has: label, id, truth, group, weight and
 *     trusted
 * @param features feature columns, or null for every numeric column that has no other role
 * @param several columns with a role that they share
 * @param reading how the rows are read
 */
public record TableSpec(
    String path,
    String format,
    Map<String, String> columns,
    List<String> features,
    Several several,
    Reading reading)
    implements Serializable {

  /** The formats that the readers of this library read; all others are Spark's. */
  public static final List<String> OWN_FORMATS =
      List.of("auto", "csv", "libsvm", "parquet", "idx", "table");

  /** The format of rows that come from a query, which stands in place of the path. */
  public static final String QUERY = "query";

  /** The format of rows that a program hands over as a Dataset. */
  public static final String DATASET = "dataset";

  private static final String LABEL = "label";
  private static final String ID = "id";
  private static final String TRUTH = "truth";
  private static final String GROUP = "group";
  private static final String WEIGHT = "weight";
  private static final String TRUSTED = "trusted";
  private static final String VOTES = "votes";
  private static final String LABEL_COLUMNS = "labelColumns";

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
          LABEL_COLUMNS,
          "labelCols",
          "trusted",
          "trustedCol",
          "truth",
          "truthCol",
          VOTES,
          "votesCols",
          "weight",
          "weightCol");

  /** What several columns are together. */
  public enum Role {
    /** Annotators, who vote on the class of a row. */
    VOTES,
    /** Labels of their own, each 0 or 1, and a row has all of them. */
    LABELS
  }

  /** Columns with a role that they share; none for most tables. */
  public record Several(Role role, List<String> columns) implements Serializable {
    static final Several NONE = new Several(Role.VOTES, List.of());

    /** Copies the columns. */
    public Several {
      columns = List.copyOf(columns);
    }

    List<String> as(Role wanted) {
      return role == wanted ? columns : List.of();
    }
  }

  /**
   * How the rows of a table are read.
   *
   * @param labels the labels file of format {@code idx}, or null to guess it from the path
   * @param limit how many of the first rows are read, or null for all
   * @param options what the reader should not find out by itself
   * @param optional the roles, weight or votes, whose columns may be missing
   * @param mixed what happens to numbers with gaps, and to a table without numbers
   */
  public record Reading(
      String labels, Long limit, TextOptions options, Set<String> optional, Mixed mixed)
      implements Serializable {
    private static final Reading DEFAULT =
        new Reading(null, null, TextOptions.NONE, Set.of(), Mixed.WRONG);

    /** Copies what it is given. */
    public Reading {
      optional = Set.copyOf(optional);
    }
  }

  /** What happens to numbers with gaps, and to a table that has no numbers as features. */
  public enum Mixed {
    /** They are wrong data. */
    WRONG,
    /** A {@link MixedColumnsException} asks for features to be made of them. */
    REFUSED
  }

  /** Copies what it is given. */
  public TableSpec {
    columns = Map.copyOf(columns);
    features = features == null ? null : List.copyOf(features);
  }

  /** A table read with every default: labels are in the column {@code label}. */
  public static TableSpec of(String path) {
    return new TableSpec(path, "auto", Map.of(LABEL, LABEL), null, Several.NONE, Reading.DEFAULT);
  }

  /**
   * What the user knows a setting by: {@code data.train.label} in a job file, the param {@code
   * labelCol} of an estimator.
   *
   * @param role of the table: train, validation or test
   * @param name of the component
   */
  String key(String role, String name) {
    if (format.equals(DATASET)) {
      return PARAMS.getOrDefault(name, name);
    }
    return name.equals(TRUSTED) ? "data.validation.column" : "data." + role + "." + name;
  }

  /** Column of the labels. */
  public String label() {
    return columns.get(LABEL);
  }

  /** Column of the row ids, or null for row numbers from 0. */
  public String id() {
    return columns.get(ID);
  }

  /** Column of labels known to be right, or null. */
  public String truth() {
    return columns.get(TRUTH);
  }

  /** Column of the source of each row, or null. */
  public String group() {
    return columns.get(GROUP);
  }

  /** The columns of annotators. */
  public List<String> votes() {
    return several.as(Role.VOTES);
  }

  /** The columns of labels, where a row has several; otherwise none. */
  public List<String> labelColumns() {
    return several.as(Role.LABELS);
  }

  /** What the user knows {@link #several} by, to which {@link #key} is given. */
  String severalName() {
    return several.role == Role.VOTES ? VOTES : LABEL_COLUMNS;
  }

  /** Column of base weights, or null. */
  public String weight() {
    return columns.get(WEIGHT);
  }

  /** The labels file of format {@code idx}, or null. */
  public String labels() {
    return reading.labels;
  }

  /** How many of the first rows are read, or null for all. */
  public Long limit() {
    return reading.limit;
  }

  /** How to read the file, where the reader should not find it out by itself. */
  public TextOptions options() {
    return reading.options;
  }

  /** The same with another format. */
  public TableSpec withFormat(String other) {
    return new TableSpec(path, other, columns, features, several, reading);
  }

  /** The same with other feature columns. */
  public TableSpec withFeatures(List<String> other) {
    return new TableSpec(path, format, columns, other, several, reading);
  }

  /** The same with other columns of annotators. */
  public TableSpec withVotes(List<String> other) {
    return with(new Several(Role.VOTES, other));
  }

  /** The same with a label in each of these columns, the first of which stands for all. */
  public TableSpec withLabelColumns(List<String> other) {
    return other.isEmpty() ? this : withLabel(other.get(0)).with(new Several(Role.LABELS, other));
  }

  private TableSpec with(Several other) {
    return new TableSpec(path, format, columns, features, other, reading);
  }

  /** The same with another label column. */
  public TableSpec withLabel(String other) {
    return with(LABEL, other);
  }

  /** The same with another id column, or null for none. */
  public TableSpec withId(String other) {
    return with(ID, other);
  }

  /** The same with another truth column, or null for none. */
  public TableSpec withTruth(String other) {
    return with(TRUTH, other);
  }

  /** The same with another group column, or null for none. */
  public TableSpec withGroup(String other) {
    return with(GROUP, other);
  }

  /** The same with another weight column, or null for none. */
  public TableSpec withWeight(String other) {
    return with(WEIGHT, other);
  }

  /** The same with another column that marks the trusted rows, or null for none. */
  public TableSpec withTrusted(String other) {
    return with(TRUSTED, other);
  }

  private TableSpec with(String role, String column) {
    Map<String, String> others = new HashMap<>(columns);
    if (column == null) {
      others.remove(role);
    } else {
      others.put(role, column);
    }
    return new TableSpec(path, format, others, features, several, reading);
  }

  /** The same with another labels file. */
  public TableSpec withLabels(String other) {
    return with(
        new Reading(other, reading.limit, reading.options, reading.optional, reading.mixed));
  }

  /** The same with another limit, or null for none. */
  public TableSpec withLimit(Long other) {
    return with(
        new Reading(reading.labels, other, reading.options, reading.optional, reading.mixed));
  }

  /** The same with other options. */
  public TableSpec withOptions(TextOptions other) {
    return with(new Reading(reading.labels, reading.limit, other, reading.optional, reading.mixed));
  }

  /** The same where the column of the weights may be missing; there all rows weigh 1 then. */
  public TableSpec withOptionalWeight() {
    return withOptional(WEIGHT);
  }

  /** The same where columns of annotators may be missing, but no label. */
  public TableSpec withOptionalVotes() {
    return withOptional(VOTES);
  }

  private TableSpec withOptional(String role) {
    Set<String> optional = new HashSet<>(reading.optional);
    optional.add(role);
    return with(
        new Reading(reading.labels, reading.limit, reading.options, optional, reading.mixed));
  }

  /** Whether columns of annotators have to be there. */
  boolean requiresVotes() {
    return !votes().isEmpty() && !reading.optional.contains(VOTES);
  }

  /** Whether the columns that share a role have to be there. */
  boolean requiresSeveral() {
    return requiresVotes() || !labelColumns().isEmpty();
  }

  /** The columns with a role that a table with these columns has, or has to have. */
  public List<String> roles(List<String> header) {
    List<String> roles = new ArrayList<>(within(header).columns.values());
    several.columns.stream()
        .filter(name -> requiresSeveral() || header.contains(name))
        .filter(name -> !roles.contains(name))
        .forEach(roles::add);
    return roles;
  }

  /** The same where numbers with gaps, or none at all, end the reading. */
  public TableSpec withMixedRefused() {
    return with(
        new Reading(
            reading.labels, reading.limit, reading.options, reading.optional, Mixed.REFUSED));
  }

  /** Whether numbers with gaps, or none at all, end the reading. */
  boolean refusesMixed() {
    return reading.mixed == Mixed.REFUSED;
  }

  private TableSpec with(Reading other) {
    return new TableSpec(path, format, columns, features, several, other);
  }

  /**
   * The same without the columns that a table lacks and may lack, but for those of annotators. Rows
   * that annotators voted on need no label.
   */
  TableSpec within(List<String> header) {
    boolean lacks =
        weight() != null && reading.optional.contains(WEIGHT) && !header.contains(weight());
    TableSpec own = lacks ? withWeight(null) : this;
    return requiresVotes() && !header.contains(label()) ? own.withLabel(null) : own;
  }
}

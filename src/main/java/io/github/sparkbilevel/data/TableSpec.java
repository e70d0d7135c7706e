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
 * @param lists the columns of each role that several columns have: votes of annotators, the
 *     probabilities of the classes by a model of the user, and the labels where a row has several
 * @param reading how the rows are read
 */
public record TableSpec(
    String path,
    String format,
    Map<String, String> columns,
    List<String> features,
    Map<String, List<String>> lists,
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
  private static final String PROBABILITIES = "probabilities";
  private static final String LABEL_COLUMNS = "labelColumns";

  /** The roles of several columns, in the order in which a row is read. */
  static final List<String> SHARED = List.of(VOTES, PROBABILITIES, LABEL_COLUMNS);

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
          PROBABILITIES,
          "probabilityCols",
          "trusted",
          "trustedCol",
          "truth",
          "truthCol",
          VOTES,
          "votesCols",
          "weight",
          "weightCol");

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
    lists = Map.copyOf(lists);
  }

  /** A table read with every default: labels are in the column {@code label}. */
  public static TableSpec of(String path) {
    return new TableSpec(path, "auto", Map.of(LABEL, LABEL), null, Map.of(), Reading.DEFAULT);
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

  /** Column of base weights, or null. */
  public String weight() {
    return columns.get(WEIGHT);
  }

  /** The columns of a role of {@link #SHARED}. */
  List<String> columnsOf(String role) {
    return lists.getOrDefault(role, List.of());
  }

  /** Number of columns with such a role. */
  int shared() {
    return SHARED.stream().mapToInt(role -> columnsOf(role).size()).sum();
  }

  /** The columns of annotators. */
  public List<String> votes() {
    return columnsOf(VOTES);
  }

  /** The columns of labels, where a row has several; otherwise none. */
  public List<String> labelColumns() {
    return columnsOf(LABEL_COLUMNS);
  }

  /** The columns of the probabilities of the classes, in the order of the classes. */
  public List<String> probabilities() {
    return columnsOf(PROBABILITIES);
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
    return new TableSpec(path, other, columns, features, lists, reading);
  }

  /** The same with other feature columns. */
  public TableSpec withFeatures(List<String> other) {
    return new TableSpec(path, format, columns, other, lists, reading);
  }

  /** The same with other columns of annotators. */
  public TableSpec withVotes(List<String> other) {
    return with(VOTES, other);
  }

  /** The same with other columns of probabilities, one for each class in their order. */
  public TableSpec withProbabilities(List<String> other) {
    return with(PROBABILITIES, other);
  }

  /** The same with a label in each of these columns, the first of which stands for all. */
  public TableSpec withLabelColumns(List<String> other) {
    return other.isEmpty() ? this : withLabel(other.get(0)).with(LABEL_COLUMNS, other);
  }

  private TableSpec with(String role, List<String> names) {
    Map<String, List<String>> others = new HashMap<>(lists);
    others.put(role, List.copyOf(names));
    return new TableSpec(path, format, columns, features, others, reading);
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
    return new TableSpec(path, format, others, features, lists, reading);
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

  /** The columns with a role that a table with these columns has, or has to have. */
  public List<String> roles(List<String> header) {
    List<String> roles = new ArrayList<>(within(header).columns.values());
    for (String role : SHARED) {
      columnsOf(role).stream()
          .filter(name -> requires(role) || header.contains(name))
          .filter(name -> !roles.contains(name))
          .forEach(roles::add);
    }
    return roles;
  }

  /** Whether the columns of a role of {@link #SHARED} have to be there. */
  boolean requires(String role) {
    return !role.equals(VOTES) || requiresVotes();
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
    return new TableSpec(path, format, columns, features, lists, other);
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

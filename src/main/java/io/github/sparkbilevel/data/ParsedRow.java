package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.linalg.Vector;

/**
 * One row as a reader found it, or what is wrong with it.
 *
 * <p>Errors travel as data and not as exceptions: an executor does not know how many rows lie in
 * the partitions before its own, so only the driver can say which row number is wrong.
 */
final class ParsedRow implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String MISSING =
      ", expected a label in every row; remove the row or fill the label in";

  /** The partition or file the row came from; sources are in file order. */
  final int source;

  /** Row number within the source, from 0. */
  final long local;

  /** The columns that are not features, as far as they are known. */
  final Roles roles;

  final Vector features;

  /** What was found, what was expected and what to try; null for a good row. */
  final String error;

  private ParsedRow(int source, long local, Roles roles, Vector features, String error) {
    this.source = source;
    this.local = local;
    this.roles = roles;
    this.features = features;
    this.error = error;
  }

  static ParsedRow good(int source, long local, String label, Vector features) {
    Roles roles = new Roles();
    roles.label = label;
    return good(source, local, roles, features);
  }

  static ParsedRow good(int source, long local, Roles roles, Vector features) {
    return new ParsedRow(source, local, roles, features, null);
  }

  /** A wrong row of which nothing is known. */
  static ParsedRow bad(int source, long local, String error) {
    return bad(source, local, new Roles(), error);
  }

  /** A wrong row, as far as its columns are known. */
  static ParsedRow bad(int source, long local, Roles roles, String error) {
    return new ParsedRow(source, local, roles, null, error);
  }

  /** A row without a label, of a format that has no other roles. */
  static ParsedRow unlabelled(int source, long local, String found) {
    Roles roles = new Roles();
    roles.missingLabel = true;
    return bad(source, local, roles, "the label " + MissingValues.describe(found) + MISSING);
  }

  /** The columns of a row that are not features, checked one by one. */
  static final class Roles implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Set<String> YES = Set.of("true", "t", "yes", "y", "1");
    private static final Set<String> NO = Set.of("false", "f", "no", "n", "0");

    String id;
    String label;
    String group;
    double weight = 1.0;
    String truth;

    /** What annotators said, as {@link Ballot} writes it, or null. */
    String votes;

    /** The probabilities of the classes by a model of the user; null where there are none. */
    double[] probabilities;

    /** Whether the row is marked as trusted. */
    boolean trusted;

    /** Whether the row is wrong because its label is missing. */
    boolean missingLabel;

    /** The feature column whose blank cell makes the row wrong, or null. */
    String blank;

    /**
     * Takes the texts of the columns that are named; returns what is wrong, or null.
     *
     * @param texts in the order of {@link Columns#at}
     */
    String read(TableSpec spec, String[] texts) {
      String id = texts[ColumnRole.ID.ordinal()];
      String label = texts[ColumnRole.LABEL.ordinal()];
      String group = texts[ColumnRole.GROUP.ordinal()];
      String truth = texts[ColumnRole.TRUTH.ordinal()];
      if (spec.id() != null) {
        if (isBlank(id)) {
          return "the id column '" + spec.id() + "' is empty, expected an id in every row";
        }
        this.id = Numbers.canonical(id);
      }
      if (!spec.labelColumns().isEmpty()) {
        String wrong = readLabels(spec, texts);
        if (wrong != null) {
          return wrong;
        }
        label = this.label;
      }
      boolean labelled = !MissingValues.isMissing(spec, label);
      if (!labelled && !spec.requiresVotes()) {
        missingLabel = true;
        return "the label column '" + spec.label() + "' " + MissingValues.describe(label) + MISSING;
      }
      this.label = labelled ? Numbers.canonical(label) : null;
      this.votes = Ballot.of(spec, texts);
      this.group = MissingValues.isMissing(spec, group) ? null : Numbers.canonical(group);
      this.truth = MissingValues.isMissing(spec, truth) ? null : Numbers.canonical(truth);
      String wrong = readWeight(spec, texts[ColumnRole.WEIGHT.ordinal()]);
      wrong = wrong == null ? readTrusted(spec, texts[ColumnRole.TRUSTED.ordinal()]) : wrong;
      return wrong == null ? readProbabilities(spec, texts) : wrong;
    }

    private String readProbabilities(TableSpec spec, String[] texts) {
      if (spec.probabilities().isEmpty()) {
        return null;
      }
      GivenProbabilities given = GivenProbabilities.of(spec, texts);
      probabilities = given.values();
      return given.wrong();
    }

    /** Makes the code of the labels of their columns. */
    private String readLabels(TableSpec spec, String[] texts) {
      List<String> columns = spec.labelColumns();
      long code = 0;
      for (int k = 0; k < columns.size(); k++) {
        String text = texts[texts.length - columns.size() + k];
        if (MissingValues.isMissing(spec, text)) {
          missingLabel = true;
          return "the label column '"
              + columns.get(k)
              + "' "
              + MissingValues.describe(text)
              + MISSING;
        }
        String bit = Numbers.canonical(text).toLowerCase(Locale.ROOT);
        if (!YES.contains(bit) && !NO.contains(bit)) {
          return "the label column '"
              + columns.get(k)
              + "' has "
              + Names.quote(text)
              + ", expected 0 or 1 (or false or true) where a row has several labels; correct it,"
              + " or make a column of 0 and 1 for each of its values";
        }
        code |= YES.contains(bit) ? 1L << k : 0;
      }
      label = Long.toString(code);
      return null;
    }

    private String readWeight(TableSpec spec, String found) {
      if (spec.weight() == null) {
        return null;
      }
      String text = found == null ? "" : found.trim();
      if (!Numbers.isFinite(text) || Numbers.parse(text) < 0) {
        return "the weight column '"
            + spec.weight()
            + "' has "
            + Names.quote(text)
            + ", expected a finite number of at least 0";
      }
      weight = Numbers.parse(text);
      return null;
    }

    /** Nothing in the cell means that nobody has checked the row. */
    private String readTrusted(TableSpec spec, String found) {
      String column = ColumnRole.TRUSTED.column(spec);
      if (column == null || MissingValues.isMissing(spec, found)) {
        return null;
      }
      String text = Numbers.canonical(found).toLowerCase(Locale.ROOT);
      trusted = YES.contains(text);
      return trusted || NO.contains(text)
          ? null
          : "the column '"
              + column
              + "' of the trusted rows has "
              + Names.quote(found)
              + ", expected true or false (or 1 or 0, yes or no, or nothing); correct it";
    }

    private static boolean isBlank(String text) {
      return text == null || text.isBlank();
    }
  }
}

package io.github.sparkbilevel.data;

import java.io.Serializable;
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

  final String id;
  final String label;
  final Vector features;
  final String group;
  final double weight;
  final String truth;

  /** What was found, what was expected and what to try; null for a good row. */
  final String error;

  /** Whether the row is wrong because its label is missing. */
  final boolean missingLabel;

  private ParsedRow(
      int source,
      long local,
      String id,
      String label,
      Vector features,
      String group,
      double weight,
      String truth,
      String error,
      boolean missingLabel) {
    this.source = source;
    this.local = local;
    this.id = id;
    this.label = label;
    this.features = features;
    this.group = group;
    this.weight = weight;
    this.truth = truth;
    this.error = error;
    this.missingLabel = missingLabel;
  }

  static ParsedRow good(int source, long local, String label, Vector features) {
    return new ParsedRow(source, local, null, label, features, null, 1.0, null, null, false);
  }

  static ParsedRow good(int source, long local, Roles roles, Vector features) {
    return new ParsedRow(
        source,
        local,
        roles.id,
        roles.label,
        features,
        roles.group,
        roles.weight,
        roles.truth,
        null,
        false);
  }

  /** A wrong row of which nothing is known. */
  static ParsedRow bad(int source, long local, String error) {
    return bad(source, local, new Roles(), error);
  }

  /** A wrong row, as far as its columns are known. */
  static ParsedRow bad(int source, long local, Roles roles, String error) {
    return new ParsedRow(
        source, local, roles.id, null, null, null, 1.0, null, error, roles.missingLabel);
  }

  /** A row without a label, of a format that has no other roles. */
  static ParsedRow unlabelled(int source, long local, String found) {
    Roles roles = new Roles();
    roles.missingLabel = true;
    return bad(source, local, roles, "the label " + MissingValues.describe(found) + MISSING);
  }

  /** The columns of a row that are not features, checked one by one. */
  static final class Roles {
    String id;
    String label;
    String group;
    double weight = 1.0;
    String truth;
    private boolean missingLabel;

    /** Takes the texts of the columns that are named; returns what is wrong, or null. */
    String read(
        TableSpec spec, String id, String label, String group, String weight, String truth) {
      if (spec.id() != null) {
        if (isBlank(id)) {
          return "the id column '" + spec.id() + "' is empty, expected an id in every row";
        }
        this.id = Numbers.canonical(id);
      }
      if (MissingValues.isMissing(spec, label)) {
        missingLabel = true;
        return "the label column '" + spec.label() + "' " + MissingValues.describe(label) + MISSING;
      }
      this.label = Numbers.canonical(label);
      this.group = MissingValues.isMissing(spec, group) ? null : Numbers.canonical(group);
      this.truth = MissingValues.isMissing(spec, truth) ? null : Numbers.canonical(truth);
      if (spec.weight() != null) {
        String text = weight == null ? "" : weight.trim();
        if (!Numbers.isFinite(text) || Numbers.parse(text) < 0) {
          return "the weight column '"
              + spec.weight()
              + "' has "
              + Names.quote(text)
              + ", expected a finite number of at least 0";
        }
        this.weight = Numbers.parse(text);
      }
      return null;
    }

    private static boolean isBlank(String text) {
      return text == null || text.isBlank();
    }
  }
}

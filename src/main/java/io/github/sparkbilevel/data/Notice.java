package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Locale;

/**
 * Something that a run left out, added or reinterpreted, or that the user should look at.
 *
 * <p>A job prints its notices, lists them in {@code summary.json} and shows them in the report.
 *
 * @param code what kind of thing happened; programs go by it
 * @param text one sentence for the user
 * @param count how many rows, columns, files or ids it concerns; 1 where nothing is counted
 */
public record Notice(Code code, String text, long count) implements Serializable {

  /** The kinds of notices. A code never changes its meaning; texts may. */
  public enum Code {
    /** Columns without a role that are not features. */
    COLUMNS_LEFT_OUT,
    /** A column of row numbers that the writer of the file added, left out. */
    INDEX_COLUMN,
    /** Partition columns of a folder that became features. */
    PARTITION_COLUMNS,
    /** Columns that later files have and the first one lacks. */
    COLUMNS_OF_LATER_FILES,
    /** Files or folders below the path that are not read. */
    FILES_IGNORED,
    /** Empty files below the path. */
    FILES_EMPTY,
    /** How the text of a file was understood: separator, encoding, quotes, decimal comma. */
    TEXT_DIALECT,
    /** Indices of a libsvm file that begin with 0. */
    INDICES_FROM_ZERO,
    /** Features that are the same in every training row and are kept as 0. */
    CONSTANT_FEATURES,
    /** Features that are 0 in every training row but not in every validation row. */
    FEATURES_UNSEEN,
    /** Rows whose weight is 0, which are left out. */
    ROWS_OF_WEIGHT_ZERO,
    /** Rows left out on purpose, to give classes a long tail. */
    CLASSES_THINNED,
    /** Rows whose class probabilities do not quite sum to 1, which are scaled so that they do. */
    PROBABILITIES_SCALED,
    /** Ids that two tables share. */
    IDS_SHARED,
    /** Validation rows that are the training rows. */
    VALIDATION_IS_TRAINING,
    /** No trusted rows: nothing of what was found was verified. */
    WITHOUT_TRUSTED_ROWS,
    /** Classes that too few trusted rows have, so that their rows cannot be judged by them. */
    CLASS_WITHOUT_TRUSTED_ROWS,
    /** Without trusted rows, classes that a noise model may have exchanged or mixed up. */
    CLASSES_IN_DOUBT,
    /** Groups too many to have a confusion matrix each. */
    GROUPS_SHARE_CONFUSION,
    /** Classes that a label column names but no row has: they get probability 0. */
    CLASS_WITHOUT_ROWS,
    /** Labels that differ in spelling alone. */
    LABEL_SPELLINGS,
    /** True labels that no training row has as its label: such rows count as wrong. */
    TRUTH_UNKNOWN,
    /** Keys of the job file that have no effect. */
    KEY_WITHOUT_EFFECT,
    /** Something about checkpoints or resuming. */
    CHECKPOINT,
    /** An output that could not be kept up to date while the job ran. */
    OUTPUT;

    /** The code as {@code summary.json} spells it, for example {@code columns-left-out}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A notice of something that is not counted. */
  public static Notice of(Code code, String text) {
    return new Notice(code, text, 1);
  }
}

package io.github.sparkbilevel.data;

import java.util.Locale;

/** What a column of a table may be for beside its features. */
enum ColumnRole {
  ID,
  LABEL,
  GROUP,
  WEIGHT,
  TRUTH,
  /** Marks the trusted rows, which are taken out of the training rows. */
  TRUSTED;

  /** The name of the role in {@link TableSpec#columns}. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column that has the role, or null. */
  String column(TableSpec spec) {
    return spec.columns().get(key());
  }
}

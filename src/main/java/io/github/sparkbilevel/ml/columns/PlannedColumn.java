package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.ColumnKind;

/**
 * What becomes of a column, and why.
 *
 * @param name of the column
 * @param type that Spark gives it
 * @param became what it becomes
 * @param reason in a few words
 */
public record PlannedColumn(String name, String type, ColumnKind became, String reason) {}

package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * What a reader hands over: rows that are not computed yet, and what is known about the columns.
 *
 * @param rows the rows, in file order within each source
 * @param featureNames the names of the features, or null when they are made up from the width
 * @param inputColumns every column of the input, empty where the format has none
 * @param vectorColumn whether the features are one vector
 * @param openWidth whether rows state only the columns they use, so that the widest row decides
 * @param notices what the reader left out, added or reinterpreted
 * @param indexBase the first index of a format that has no names, 0 or 1; null for other formats
 * @param partitionColumns the columns whose values come from the names of folders
 */
record Parsed(
    JavaRDD<ParsedRow> rows,
    List<String> featureNames,
    List<String> inputColumns,
    boolean vectorColumn,
    boolean openWidth,
    List<Notice> notices,
    Integer indexBase,
    List<String> partitionColumns) {

  /** Rows of a format without indices, and of files without columns in the names of folders. */
  Parsed(
      JavaRDD<ParsedRow> rows,
      List<String> featureNames,
      List<String> inputColumns,
      boolean vectorColumn,
      boolean openWidth,
      List<Notice> notices) {
    this(rows, featureNames, inputColumns, vectorColumn, openWidth, notices, null, List.of());
  }

  /** The same rows, and more to tell of them. */
  Parsed with(List<Notice> more) {
    List<Notice> all = new ArrayList<>(notices);
    all.addAll(more);
    return new Parsed(
        rows,
        featureNames,
        inputColumns,
        vectorColumn,
        openWidth,
        List.copyOf(all),
        indexBase,
        partitionColumns);
  }
}

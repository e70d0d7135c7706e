package io.github.sparkbilevel.equivalence;

/**
 * How tables are stored; the same rows in every layout have the same answer.
 *
 * @param format the kind of file or table
 * @param files in how many files, or partitions of a Dataset
 * @param reversed whether columns stand in the opposite order, in the training table only
 */
record Layout(Format format, int files, boolean reversed) {

  /** A kind of file or table. Where the estimators need a vector column, it is dense by default. */
  enum Format {
    CSV,
    LIBSVM,
    PARQUET,
    /** A table of columns of double precision. */
    DOUBLES,
    /** A table of columns of single precision. */
    FLOATS,
    DENSE_VECTORS,
    SPARSE_VECTORS,
    /** Every third vector is sparse. */
    MIXED_VECTORS,
    /** Sparse vectors that have an entry for every second zero. */
    EXPLICIT_ZEROS;

    boolean isVectors() {
      return ordinal() >= DENSE_VECTORS.ordinal();
    }

    boolean isFile() {
      return this == CSV || this == LIBSVM || this == PARQUET;
    }
  }

  static final Layout CSV = new Layout(Format.CSV, 1, false);

  Layout withFormat(Format other) {
    return new Layout(other, files, reversed);
  }

  Layout withFiles(int other) {
    return new Layout(format, other, reversed);
  }

  Layout withReversedColumns() {
    return new Layout(format, files, true);
  }
}

package io.github.sparkbilevel.data;

import java.util.List;

/**
 * Whether the indices of a libsvm file begin with 0 or with 1.
 *
 * <p>A file with the index 0 begins with 0, any other with 1, except beside training rows: a file
 * whose indices all name features of theirs is taken to count as they do, whether or not it happens
 * to use the first.
 *
 * @param base 0 or 1
 * @param notices what the user is told of it
 */
record IndexBase(int base, List<Notice> notices) {

  /** By the option, or by the indices of the file and those of the training rows. */
  static IndexBase of(String role, TableSpec spec, LibsvmScan scan, Table train) {
    Integer given = spec.options().number(TextOptions.INDEX_BASE);
    if (given != null) {
      return new IndexBase(given, List.of());
    }
    Integer trained = train == null ? null : train.indexBase();
    if (trained == null) {
      return scan.hasZero()
          ? told(0, role, spec, "its indices begin with 0: index 0 is the first feature")
          : new IndexBase(1, List.of());
    }
    int columns = train.columns();
    if (trained == 0) {
      if (scan.hasZero()) {
        return told(0, role, spec, "its indices begin with 0, as in " + train.origin());
      }
      return scan.greatest() < columns
          ? told(
              0,
              role,
              spec,
              "it has no index 0 and no index above "
                  + (columns - 1)
                  + ", so its indices are taken to begin with 0, as in "
                  + train.origin())
          : told(
              1,
              role,
              spec,
              "its indices reach "
                  + scan.greatest()
                  + " and it has no index 0, so they are taken to begin with 1, though those of "
                  + train.origin()
                  + " begin with 0");
    }
    if (!scan.hasZero()) {
      return new IndexBase(1, List.of());
    }
    return scan.greatest() < columns
        ? told(
            0,
            role,
            spec,
            "it has the index 0, so its indices are taken to begin with 0, though "
                + train.origin()
                + " has no index 0 and is taken to begin with 1")
        : told(
            1,
            role,
            spec,
            "it has the index 0 and indices up to "
                + scan.greatest()
                + ", so an index is taken to mean the same feature as in "
                + train.origin()
                + ", which has no index 0");
  }

  private static IndexBase told(int base, String role, TableSpec spec, String what) {
    Notice notice =
        Notice.of(
            Notice.Code.INDICES_FROM_ZERO,
            spec.path() + ": " + what + "; data." + role + ".options.indexBase sets it");
    return new IndexBase(base, List.of(notice));
  }
}

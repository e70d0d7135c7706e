package io.github.sparkbilevel.equivalence;

import java.util.function.UnaryOperator;

/**
 * What a problem is solved with.
 *
 * @param tables the rows
 * @param layout how they are stored
 * @param settings what is set
 */
record Setup(Tables tables, Layout layout, Settings settings) {

  /**
   * What is set of a problem.
   *
   * @param weighted whether the weights of the rows are given
   * @param standardize whether features are standardised
   * @param partitions of the rows in the run
   * @param penaltyFactor by what all penalties, tuned or not, are multiplied at the start
   * @param groupsOfValidation whether the groups of trusted rows are given
   * @param unusedClass whether the names of classes in a Dataset have one more
   */
  record Settings(
      boolean weighted,
      boolean standardize,
      int partitions,
      double penaltyFactor,
      boolean groupsOfValidation,
      boolean unusedClass) {
    static final Settings DEFAULT = new Settings(true, true, 1, 1, false, false);
  }

  static Setup of(Tables tables) {
    return new Setup(tables, Layout.CSV, Settings.DEFAULT);
  }

  Setup with(UnaryOperator<Tables> change) {
    return new Setup(change.apply(tables), layout, settings);
  }

  Setup stored(UnaryOperator<Layout> change) {
    return new Setup(tables, change.apply(layout), settings);
  }

  Setup unweighted() {
    Settings s = settings;
    return set(
        new Settings(
            false,
            s.standardize,
            s.partitions,
            s.penaltyFactor,
            s.groupsOfValidation,
            s.unusedClass));
  }

  Setup unstandardized() {
    Settings s = settings;
    return set(
        new Settings(
            s.weighted, false, s.partitions, s.penaltyFactor, s.groupsOfValidation, s.unusedClass));
  }

  Setup partitioned(int count) {
    Settings s = settings;
    return set(
        new Settings(
            s.weighted,
            s.standardize,
            count,
            s.penaltyFactor,
            s.groupsOfValidation,
            s.unusedClass));
  }

  Setup penalizedBy(double factor) {
    Settings s = settings;
    return set(
        new Settings(
            s.weighted, s.standardize, s.partitions, factor, s.groupsOfValidation, s.unusedClass));
  }

  Setup withGroupsOfValidation() {
    Settings s = settings;
    return set(
        new Settings(
            s.weighted, s.standardize, s.partitions, s.penaltyFactor, true, s.unusedClass));
  }

  Setup withUnusedClass() {
    Settings s = settings;
    return set(
        new Settings(
            s.weighted, s.standardize, s.partitions, s.penaltyFactor, s.groupsOfValidation, true));
  }

  private Setup set(Settings other) {
    return new Setup(tables, layout, other);
  }
}

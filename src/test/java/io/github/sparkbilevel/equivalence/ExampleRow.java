package io.github.sparkbilevel.equivalence;

/**
 * One row of made-up tables.
 *
 * @param id what it is called in every answer
 * @param x features; not to be changed
 * @param label name of the class, or a number
 * @param group the source of the row
 * @param weight base weight
 */
record ExampleRow(String id, double[] x, String label, String group, double weight) {

  ExampleRow withId(String other) {
    return new ExampleRow(other, x, label, group, weight);
  }

  ExampleRow withX(double[] other) {
    return new ExampleRow(id, other, label, group, weight);
  }

  ExampleRow withLabel(String other) {
    return new ExampleRow(id, x, other, group, weight);
  }

  ExampleRow withGroup(String other) {
    return new ExampleRow(id, x, label, other, weight);
  }

  ExampleRow withWeight(double other) {
    return new ExampleRow(id, x, label, group, other);
  }
}

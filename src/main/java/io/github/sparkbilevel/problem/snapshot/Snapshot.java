package io.github.sparkbilevel.problem.snapshot;

import io.github.sparkbilevel.problem.PartitionState;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What a run needs to go on where it was: numbers and texts of the driver, and states beside the
 * rows, by name.
 *
 * <p>Life cycle: loops put references in at the end of an iteration, which costs next to nothing;
 * {@link Checkpoints} reads the values of those few snapshots that it writes. So what is put in
 * must not change afterwards.
 */
public final class Snapshot {

  /** What of a generation is kept. */
  public enum Part {
    /** λ_i, weights and predictions: what passes read at the point of an evaluation. */
    POINT,
    /** The log-odds that row features are made of. */
    FEATURES,
    /** What a mixed product left for the evaluation behind it. */
    FORWARD,
    /** The memory of draws, and the log-odds that go with it. */
    MEMORY
  }

  /** States beside the rows. */
  public record Rows(Generation<PartitionState> generation, Part part) {}

  private final Map<String, Supplier<double[]>> numbers;
  private final Map<String, Supplier<String>> texts;
  private final Map<String, Rows> rows;
  private final String prefix;

  /** An empty one. */
  public Snapshot() {
    this(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), "");
  }

  private Snapshot(
      Map<String, Supplier<double[]>> numbers,
      Map<String, Supplier<String>> texts,
      Map<String, Rows> rows,
      String prefix) {
    this.numbers = numbers;
    this.texts = texts;
    this.rows = rows;
    this.prefix = prefix;
  }

  /** The same, seen by a part of the run whose names are its own. */
  public Snapshot in(String part) {
    return new Snapshot(numbers, texts, rows, prefix + part + ".");
  }

  /** Puts numbers in, by reference; null leaves the name out. */
  public void put(String name, double... values) {
    if (values != null) {
      numbers.put(prefix + name, () -> values);
    }
  }

  /** Puts numbers in that are made when they are read. */
  public void putLater(String name, Supplier<double[]> values) {
    numbers.put(prefix + name, values);
  }

  /** Puts a text in that is made when it is read. */
  public void putText(String name, Supplier<String> text) {
    texts.put(prefix + name, text);
  }

  /** Puts states beside the rows in, by reference. */
  public void putRows(String name, Generation<PartitionState> generation, Part part) {
    rows.put(prefix + name, new Rows(generation, part));
  }

  /** Whether there are numbers of the name. */
  public boolean has(String name) {
    return numbers.containsKey(prefix + name);
  }

  /** The numbers of a name. */
  public double[] numbers(String name) {
    return found(numbers, name).get();
  }

  /** The numbers of a name, or null when there are none. */
  public double[] numbersOrNull(String name) {
    return has(name) ? numbers(name) : null;
  }

  /** The one number of a name. */
  public double number(String name) {
    return numbers(name)[0];
  }

  /** The one number of a name, an integer. */
  public int integer(String name) {
    return (int) number(name);
  }

  /** The text of a name. */
  public String text(String name) {
    return found(texts, name).get();
  }

  /** The states of a name. */
  public Generation<PartitionState> rows(String name) {
    return found(rows, name).generation();
  }

  /** Whether there are states of the name. */
  public boolean hasRows(String name) {
    return rows.containsKey(prefix + name);
  }

  private <T> T found(Map<String, T> values, String name) {
    T value = values.get(prefix + name);
    if (value == null) {
      throw new NoSuchElementException("the snapshot has no " + prefix + name);
    }
    return value;
  }

  /** All numbers by their whole names, for those who write. */
  public Map<String, Supplier<double[]>> allNumbers() {
    return Map.copyOf(numbers);
  }

  /** All texts by their whole names. */
  public Map<String, Supplier<String>> allTexts() {
    return Map.copyOf(texts);
  }

  /** All states by their whole names. */
  public Map<String, Rows> allRows() {
    return Map.copyOf(rows);
  }
}

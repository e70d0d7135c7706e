package io.github.sparkbilevel.model;

import java.io.Serializable;
import java.util.List;

/**
 * Parameters that a network starts from in place of random ones.
 *
 * <p>Models start on the driver alone: what travels to the executors with a model is empty.
 */
public final class Start implements Serializable {
  private static final long serialVersionUID = 1L;

  /** All parameters are random. */
  public static final Start RANDOM = new Start(List.of());

  /**
   * The numbers of a tensor.
   *
   * @param numbers row by row; not copied
   */
  public record Given(ParameterTensor tensor, double[] numbers) {

    /** Checks the count. */
    public Given {
      if (numbers.length != tensor.size()) {
        throw new IllegalArgumentException(
            "got %,d numbers for %s, expected %,d"
                .formatted(numbers.length, tensor.name(), tensor.size()));
      }
    }
  }

  private final transient List<Given> given;

  /** What is given, and the rest at random. */
  public Start(List<Given> given) {
    this.given = List.copyOf(given);
  }

  /** What is given. */
  public List<Given> given() {
    return given;
  }

  private Object readResolve() {
    return RANDOM;
  }

  /** Writes what is given of a θ. */
  void write(double[] theta) {
    for (Given one : given) {
      one.tensor().put(one.numbers(), theta);
    }
  }

  /** What is given of the layers behind the first ones, which have so many parameters. */
  Start behind(int parameters) {
    return new Start(
        given.stream()
            .filter(one -> one.tensor().at() >= parameters)
            .map(one -> new Given(one.tensor().behind(0, -parameters), one.numbers()))
            .toList());
  }
}

package io.github.sparkbilevel.problem.pass;

import java.io.Serializable;

/** A pass that does the work of another one in other circumstances, and is booked as that one. */
public interface PassAround<S extends Serializable, T extends Serializable> extends Pass<S, T> {

  /** The other one. */
  Pass<S, T> pass();

  @Override
  default String name() {
    return pass().name();
  }

  @Override
  default String kernels() {
    return pass().kernels();
  }

  @Override
  default long bytes() {
    return pass().bytes();
  }

  @Override
  default Combination combination() {
    return pass().combination();
  }
}

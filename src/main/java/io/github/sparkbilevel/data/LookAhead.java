package io.github.sparkbilevel.data;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** An iterator that reads an item before it says that there is one. */
abstract class LookAhead<T> implements Iterator<T> {
  private T next;

  /** The next item; null where there is none, also when asked again. */
  protected abstract T advance();

  @Override
  public final boolean hasNext() {
    next = next == null ? advance() : next;
    return next != null;
  }

  @Override
  public final T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T item = next;
    next = null;
    return item;
  }
}

package io.github.sparkbilevel.problem;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The classes whose rows the trusted rows can judge.
 *
 * <p>Where the trusted rows lack a class, every row labelled with it looks wrong: their model gives
 * the class no probability, and F falls when those rows lose their weight. So such rows take no
 * part in ∇_λΦ, the log-odds that the trusted rows' model gives them count as 0, the mean, and a
 * judge that only knows the trusted rows keeps them.
 */
public final class JudgedClasses implements Serializable {
  private static final long serialVersionUID = 1L;

  /** All classes, or real labels. */
  public static final JudgedClasses ALL = new JudgedClasses(new boolean[0]);

  private final boolean[] unjudged;

  private JudgedClasses(boolean[] unjudged) {
    this.unjudged = unjudged;
  }

  /** All classes but some, given by their indices. */
  public static JudgedClasses allBut(int[] classes) {
    if (classes.length == 0) {
      return ALL;
    }
    boolean[] unjudged = new boolean[Arrays.stream(classes).max().getAsInt() + 1];
    for (int k : classes) {
      unjudged[k] = true;
    }
    return new JudgedClasses(unjudged);
  }

  /** Whether rows with this label can be judged. */
  public boolean contain(double label) {
    int k = (int) label;
    return k < 0 || k >= unjudged.length || !unjudged[k];
  }

  /** Whether these are all classes. */
  public boolean areAll() {
    return unjudged.length == 0;
  }

  /** The indices of the other classes, rising. */
  public int[] others() {
    return IntStream.range(0, unjudged.length).filter(k -> unjudged[k]).toArray();
  }
}

package io.github.sparkbilevel.ml;

/**
 * The uid of a stage that Spark's constructors already ask for.
 *
 * <p>Spark's stages create their inherited params in the superclass constructor; each param asks
 * its stage for the uid there and keeps it. A Java field is assigned only after that, so the params
 * would belong to a stage named null and every setter would refuse them. Here the uid waits in a
 * thread-local variable meanwhile: a constructor takes an {@code EarlyUid} as its argument, which
 * is evaluated before the superclass constructor runs, and then calls {@link #arrive()}; the
 * stage's {@code uid()} answers {@link #orWaiting} of its field.
 */
final class EarlyUid {
  private static final ThreadLocal<String> WAITING = new ThreadLocal<>();

  private final String uid;

  private EarlyUid(String uid) {
    this.uid = uid;
  }

  /** Lets a uid wait for the constructor that follows. */
  public static EarlyUid of(String uid) {
    WAITING.set(uid);
    return new EarlyUid(uid);
  }

  /** The uid for the field, at the end of its wait. */
  public String arrive() {
    WAITING.remove();
    return uid;
  }

  /** The uid of the field or, while that is not assigned, the one that waits. */
  public static String orWaiting(String field) {
    return field == null ? WAITING.get() : field;
  }
}

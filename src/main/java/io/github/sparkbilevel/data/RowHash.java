package io.github.sparkbilevel.data;

/**
 * Random bits that depend on a seed, a purpose and a row id alone, never on a task or a partition.
 *
 * <p>The mixing is the finalizer of SplitMix64 (Steele, Lea, Flood, 2014), applied to each input in
 * turn.
 */
public final class RowHash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private RowHash() {}

  /** 64 bits for a row. */
  public static long of(long seed, long purpose, long id) {
    return mix(mix(mix(seed + GOLDEN) ^ purpose) + GOLDEN * (id + 1));
  }

  /** 64 bits that stand for a purpose (FNV-1a). */
  public static long purpose(String name) {
    long h = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      h = (h ^ name.charAt(i)) * 0x100000001b3L;
    }
    return mix(h);
  }

  /** The next 64 bits after {@code hash}. */
  static long next(long hash) {
    return mix(hash + GOLDEN);
  }

  /** A number in [0, 1) from the upper 53 bits. */
  public static double unit(long hash) {
    return (hash >>> 11) * 0x1.0p-53;
  }

  /** An integer in [0, n). */
  static int below(long hash, int n) {
    return (int) Math.floor(unit(hash) * n);
  }

  private static long mix(long x) {
    long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

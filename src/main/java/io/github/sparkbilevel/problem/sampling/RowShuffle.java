package io.github.sparkbilevel.problem.sampling;

/**
 * A random order of the numbers 0 … n − 1 that is computed entry by entry, so that drawing a few
 * rows of many costs nothing for the others.
 *
 * <p>A Feistel network of eight rounds permutes the numbers below the next power of four; what
 * falls outside is sent through it again until it falls inside (Black and Rogaway, <em>Ciphers with
 * Arbitrary Finite Domains</em>, CT-RSA 2002): 4 times at most on average.
 */
public final class RowShuffle {
  private static final int ROUNDS = 8;

  private final int n;
  private final long[] keys = new long[ROUNDS];
  private final int half;
  private final int mask;

  /** The order of n ≥ 1 numbers that belongs to a key. */
  public RowShuffle(int n, long key) {
    this.n = n;
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = RowDraw.bits(key, round, n);
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, n - 1));
    this.half = (bits + 1) / 2;
    this.mask = (1 << half) - 1;
  }

  /** The number at place i of the order. */
  public int at(int i) {
    long x = i;
    do {
      int left = (int) (x >>> half);
      int right = (int) x & mask;
      for (long roundKey : keys) {
        int next = left ^ ((int) RowDraw.mix(roundKey + right) & mask);
        left = right;
        right = next;
      }
      x = ((long) left << half) | right;
    } while (x >= n);
    return (int) x;
  }
}

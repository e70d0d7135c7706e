package io.github.sparkbilevel.problem.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws by (seed, purpose, row id): repeatable, even, and unrelated to each other. */
class RowDrawTest {
  private static final int IDS = 60_000;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 7, 10, 64})
  void foldsAreOfEvenSize(int folds) {
    // Ids as they come: consecutive, and with large strides.
    for (long stride : new long[] {1, 2, 1000, 1L << 32}) {
      int[] counts = new int[folds];
      for (int i = 0; i < IDS; i++) {
        counts[new Folds(folds, 42, 1).of(i * stride)]++;
      }
      double expected = (double) IDS / folds;
      double chiSquare = 0;
      for (int count : counts) {
        chiSquare += (count - expected) * (count - expected) / expected;
      }
      // Mean f − 1, deviation √(2 (f − 1)); five deviations.
      double freedom = folds - 1;
      assertTrue(chiSquare < freedom + 5 * Math.sqrt(2 * freedom) + 5, stride + ": " + chiSquare);
    }
  }

  @Test
  void cutsOfDifferentSeedsOrPurposesAreIndependent() {
    Folds cut = new Folds(4, 42, 1);
    for (Folds other :
        new Folds[] {new Folds(4, 43, 1), new Folds(4, 42, 2), new Folds(4, -42, 1)}) {
      int together = 0;
      for (int id = 0; id < IDS; id++) {
        together += cut.of(id) == other.of(id) ? 1 : 0;
      }
      double deviation = Math.sqrt(IDS * 0.25 * 0.75);
      assertEquals(IDS / 4.0, together, 5 * deviation);
    }
  }

  @Test
  void everyBitIsOneHalfOfTheTime() {
    int[] ones = new int[64];
    for (long id = 0; id < IDS; id++) {
      long bits = RowDraw.bits(7, 3, id);
      for (int b = 0; b < 64; b++) {
        ones[b] += (int) (bits >>> b & 1);
      }
    }
    for (int count : ones) {
      assertEquals(IDS / 2.0, count, 5 * Math.sqrt(IDS) / 2);
    }
  }

  @Test
  void noTwoRowsOfOneCutShareTheirBits() {
    Set<Long> seen = new HashSet<>();
    for (long id = -IDS / 2; id < IDS / 2; id++) {
      seen.add(RowDraw.bits(1, 1, id));
    }
    assertEquals(IDS, seen.size());
  }

  @Test
  void drawsAreTheSameOnEveryMachine() {
    // Fixed for good: a cut that moved would mix what a saved model saw with what it did not.
    // From the published constants of SplitMix64, computed outside of Java.
    assertEquals(0xD5755CF05C9C2237L, RowDraw.bits(42, 1, 7));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void fewerThanTwoFoldsAreRefused(int count) {
    assertThrows(IllegalArgumentException.class, () -> new Folds(count, 1, 1));
  }
}

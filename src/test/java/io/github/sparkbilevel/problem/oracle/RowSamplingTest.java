package io.github.sparkbilevel.problem.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.Batches;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.sampling.RowShuffle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rows a draw takes. */
class RowSamplingTest {

  @Test
  void epochTakesEachRowOnceAndEpochsDiffer() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    Block[] blocks = data.partitions().get(0).train();
    int n = Arrays.stream(blocks).mapToInt(Block::rows).sum();
    for (boolean fixed : new boolean[] {false, true}) {
      RowSampling sampling = new RowSampling(4, fixed, 5);
      List<Set<Long>> cuts = new ArrayList<>();
      List<Integer> order = new ArrayList<>();
      for (int draw = 0; draw < 8; draw++) {
        int batch = sampling.batch(blocks, draw);
        long[] rows = sampling.rows(blocks, draw, batch, RowSampling.LOWER);
        assertTrue(Math.abs(rows.length - n / 4.0) < 1, "even sizes");
        Set<Long> ids = new HashSet<>();
        for (long row : rows) {
          ids.add(blocks[Batches.blockOf(row)].ids()[Batches.rowOf(row)]);
        }
        cuts.add(ids);
        order.add(batch);
      }
      for (int epoch = 0; epoch < 2; epoch++) {
        Set<Long> all = new HashSet<>();
        int count = 0;
        for (Set<Long> ids : cuts.subList(4 * epoch, 4 * epoch + 4)) {
          all.addAll(ids);
          count += ids.size();
        }
        assertEquals(n, count);
        assertEquals(n, all.size());
      }
      Set<Set<Long>> different = new HashSet<>(cuts);
      assertEquals(fixed ? 4 : 8, different.size());
      assertEquals(Set.of(0, 1, 2, 3), new HashSet<>(order.subList(0, 4)));
      assertEquals(Set.of(0, 1, 2, 3), new HashSet<>(order.subList(4, 8)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 100, 1000, 65_537})
  void shuffleIsAPermutation(int n) {
    for (long key = 0; key < 3; key++) {
      RowShuffle shuffle = new RowShuffle(n, key);
      boolean[] seen = new boolean[n];
      for (int i = 0; i < n; i++) {
        assertFalse(seen[shuffle.at(i)]);
        seen[shuffle.at(i)] = true;
      }
    }
  }

  @Test
  void shuffleSendsEachPlaceEverywhere() {
    int n = 11;
    int keys = 11_000;
    for (int place : new int[] {0, 5, 10}) {
      int[] counts = new int[n];
      for (long key = 0; key < keys; key++) {
        counts[new RowShuffle(n, RowDraw.bits(1, 2, key)).at(place)]++;
      }
      double chiSquare = 0;
      for (int count : counts) {
        chiSquare += Math.pow(count - keys / (double) n, 2) / (keys / (double) n);
      }
      // 10 degrees of freedom; five deviations.
      assertTrue(chiSquare < 10 + 5 * Math.sqrt(20), "χ² " + chiSquare);
    }
  }
}

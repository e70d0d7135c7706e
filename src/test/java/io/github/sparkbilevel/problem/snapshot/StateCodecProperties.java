package io.github.sparkbilevel.problem.snapshot;

import io.github.sparkbilevel.Mutations;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.RowScores;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** States whose bytes were changed: other states, or a refusal. */
class StateCodecProperties {

  private static Reals reals(double value) {
    return Reals.doubles(new double[] {value});
  }

  private static byte[] state() throws IOException {
    RowOutputs[] outputs = {
      new RowOutputs(new double[] {.5, .5}, new double[] {1}, new double[] {2, 3})
    };
    RowScores[] scores = {new RowScores(1, reals(4), 0, Reals.singles(new double[] {5}), reals(6))};
    PartitionState.Seen seen =
        new PartitionState.Seen(new double[][] {{.25}}, new Reals[] {reals(.5)}, outputs);
    PartitionState state = new PartitionState(7, new double[][] {{1}}, scores, seen, null);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Snapshot.Part part : Snapshot.Part.values()) {
      StateCodec.write(state, part, new DataOutputStream(bytes));
    }
    return bytes.toByteArray();
  }

  @Property(tries = 500, seed = "7123", shrinking = ShrinkingMode.OFF)
  void aChangedStateIsReadOrRefused(@ForAll long seed) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Mutations.of(state(), seed));
    try {
      while (bytes.hasRemaining()) {
        StateCodec.read(bytes);
      }
    } catch (IOException refused) {
      // As it should be.
    }
  }
}

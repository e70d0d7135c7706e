package io.github.sparkbilevel.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.Mutations;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.snapshot.SnapshotCodec;
import io.github.sparkbilevel.problem.snapshot.StateCodec;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Contents;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Generation;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.State;
import io.github.sparkbilevel.spark.rows.DataFingerprint;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.FileSum;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The bytes of a checkpoint: the same numbers from whole ones, and a refusal of any others. */
class CheckpointBytesTest {

  private static CheckpointManifest manifest() {
    return new CheckpointManifest(
        new State(20, 21, 40, false),
        "0.1.0",
        Map.of("solver.products", "2", "odd", "a\\b\nc = d\r checksum 5", "empty", ""),
        new DataFingerprint(1000, 100, 0, 2, -12345678901234L),
        new Contents(
            "states-00000003-0a1b2c3d",
            List.of(
                new Generation("oracle.features", Snapshot.Part.FEATURES),
                new Generation("nbo.point.states", Snapshot.Part.POINT)),
            List.of(new FileSum("driver", 5_000_000_000L, 1), new FileSum("rows-0.00000", 7, 2))));
  }

  @Test
  void aManifestIsReadAsItWasWritten() throws Exception {
    assertEquals(manifest(), CheckpointManifest.read(manifest().bytes()));
  }

  @Test
  void everyManifestThatIsCutShortOrHasAnotherBitIsTorn() {
    byte[] whole = manifest().bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(TornException.class, () -> CheckpointManifest.read(cut));
    }
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(TornException.class, () -> CheckpointManifest.read(flipped), "bit " + bit);
    }
  }

  @Property
  void noBytesAreTakenForAManifest(@ForAll byte[] bytes) {
    assertThrows(TornException.class, () -> CheckpointManifest.read(bytes));
  }

  @Test
  void aManifestOfAnotherFormatSaysSo() {
    String text = new String(manifest().bytes(), StandardCharsets.UTF_8);
    String other =
        text.substring(0, text.lastIndexOf("checksum "))
            .replace("checkpoint " + CheckpointManifest.FORMAT, "checkpoint 99");
    byte[] bytes = other.getBytes(StandardCharsets.UTF_8);
    String whole = other + "checksum " + CheckedFiles.checksum(bytes) + "\n";
    OtherFormatException refused =
        assertThrows(
            OtherFormatException.class,
            () -> CheckpointManifest.read(whole.getBytes(StandardCharsets.UTF_8)));
    assertEquals("99", refused.getMessage());
  }

  private static byte[] snapshot() throws IOException {
    Snapshot snapshot = new Snapshot();
    snapshot.in("a").put("numbers", 1.5, -0.0, Double.NaN, Double.MIN_VALUE);
    snapshot.put("nothing", (double[]) null);
    snapshot.put("none", new double[0]);
    snapshot.putText("text", () -> "λ\tθ\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SnapshotCodec.write(snapshot, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Test
  void aSnapshotIsReadAsItWasWritten() throws IOException {
    Snapshot snapshot = SnapshotCodec.read(ByteBuffer.wrap(snapshot()));
    assertArrayEquals(
        new double[] {1.5, -0.0, Double.NaN, Double.MIN_VALUE}, snapshot.numbers("a.numbers"));
    assertEquals(0, snapshot.numbers("none").length);
    assertEquals(null, snapshot.numbersOrNull("nothing"));
    assertEquals("λ\tθ\n", snapshot.text("text"));
  }

  @Test
  void aSnapshotThatIsCutShortOrLongerIsRefused() throws IOException {
    byte[] whole = snapshot();
    for (int length = 0; length <= whole.length + 1; length++) {
      if (length != whole.length) {
        ByteBuffer other = ByteBuffer.wrap(Arrays.copyOf(whole, length));
        assertThrows(IOException.class, () -> SnapshotCodec.read(other), "length " + length);
      }
    }
  }

  /** Counts in the bytes ask for no more memory than there are bytes. */
  @Property
  void anyBytesAreReadOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
    try {
      SnapshotCodec.read(ByteBuffer.wrap(bytes));
      StateCodec.read(ByteBuffer.wrap(bytes));
    } catch (IOException refused) {
      // As it should be.
    }
  }

  /** With a checksum that is right: what wrote it meant it. */
  @Property(tries = 500, seed = "7121", shrinking = ShrinkingMode.OFF)
  void aManifestThatSomebodyElseWroteIsReadOrRefused(@ForAll long seed) {
    String whole = new String(manifest().bytes(), StandardCharsets.UTF_8);
    byte[] before = whole.substring(0, whole.lastIndexOf("checksum ")).getBytes(UTF_8);
    byte[] changed = new String(Mutations.of(before, seed), UTF_8).getBytes(UTF_8);
    String text = new String(changed, UTF_8) + "checksum " + CheckedFiles.checksum(changed) + "\n";
    try {
      CheckpointManifest read = CheckpointManifest.read(text.getBytes(UTF_8));
      assertEquals("driver", read.contents().files().get(0).name());
    } catch (TornException | OtherFormatException refused) {
      // As it should be.
    }
  }

  private static byte[] leading(String folder, String file) {
    List<FileSum> files = List.of(new FileSum("driver", 1, 1), new FileSum(file, 1, 1));
    CheckpointManifest whole = manifest();
    return new CheckpointManifest(
            whole.state(),
            whole.version(),
            Map.of(),
            whole.data(),
            new Contents(folder, List.of(), files))
        .bytes();
  }

  @Test
  void aManifestLeadsNowhereElse() throws Exception {
    String folder = manifest().contents().folder();
    for (String file : List.of("../../etc/passwd", "/etc/passwd", "rows-0.00000/../../x", "")) {
      byte[] bytes = leading(folder, file);
      assertThrows(TornException.class, () -> CheckpointManifest.read(bytes), file);
    }
    for (String other : List.of("..", "/etc", folder + "/..", "checkpoint-00000003", "")) {
      byte[] bytes = leading(other, "rows-0.00000");
      assertThrows(TornException.class, () -> CheckpointManifest.read(bytes), other);
    }
    CheckpointManifest.read(leading(folder, "rows-0.00000"));
  }

  @Property(tries = 500, seed = "7122", shrinking = ShrinkingMode.OFF)
  void aChangedSnapshotIsReadOrRefused(@ForAll long seed) throws IOException {
    try {
      SnapshotCodec.read(ByteBuffer.wrap(Mutations.of(snapshot(), seed)));
    } catch (IOException refused) {
      // As it should be.
    }
  }
}

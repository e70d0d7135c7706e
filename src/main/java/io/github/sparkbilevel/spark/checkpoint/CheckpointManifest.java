package io.github.sparkbilevel.spark.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.spark.rows.DataFingerprint;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.FileSum;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint is of, and its files.
 *
 * <p>As text: a line with the version of the format, JSON, and a line with the checksum of all
 * before it. The first and the last line are the same in every version of the format.
 *
 * @param state where the loop was
 * @param version of the program that wrote it
 * @param configuration every setting that the result depends on, by its name
 * @param data the rows
 * @param contents the files
 */
public record CheckpointManifest(
    State state,
    String version,
    Map<String, String> configuration,
    DataFingerprint data,
    Contents contents) {
  public static final int FORMAT = 7;
  private static final String FIRST = "spark-bilevel-checkpoint ";
  private static final String LAST = "checksum ";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  public CheckpointManifest {
    configuration = Map.copyOf(configuration);
  }

  /**
   * Where the loop was.
   *
   * @param iteration outer iterations that were done
   * @param spent of what {@code budget} limits
   * @param budget the most iterations of the run, or evaluations of Φ
   * @param ended whether the loop had ended
   */
  public record State(int iteration, int spent, int budget, boolean ended) {}

  /**
   * The files of a checkpoint.
   *
   * @param folder their folder, beside the manifest
   * @param generations the states beside the rows, in the order of the numbers of their files
   * @param files each file, that of the driver first
   */
  public record Contents(String folder, List<Generation> generations, List<FileSum> files) {
    public Contents {
      generations = List.copyOf(generations);
      files = List.copyOf(files);
    }
  }

  /** States beside the rows: their name in the snapshot, and what is kept of them. */
  public record Generation(String name, Snapshot.Part part) {}

  /** Raised for a manifest that is whole, but of another format. */
  public static final class OtherFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    OtherFormatException(String format) {
      super(format);
    }
  }

  /** The bytes of the file. */
  public byte[] bytes() {
    try {
      String text = FIRST + FORMAT + "\n" + JSON.writeValueAsString(this) + "\n";
      return (text + LAST + checksum(text) + "\n").getBytes(UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest is numbers and texts", e);
    }
  }

  private static long checksum(String text) {
    return CheckedFiles.checksum(text.getBytes(UTF_8));
  }

  /**
   * Reads the bytes of a manifest.
   *
   * @throws TornException if they are not what was written
   */
  public static CheckpointManifest read(byte[] bytes) throws TornException, OtherFormatException {
    String text = new String(bytes, UTF_8);
    int last = text.lastIndexOf(LAST);
    if (!text.startsWith(FIRST) || last < 0 || !text.endsWith("\n")) {
      throw new TornException("the manifest is not whole");
    }
    String sum = text.substring(last + LAST.length(), text.length() - 1);
    if (!sum.equals(Long.toString(checksum(text.substring(0, last))))) {
      throw new TornException("the checksum of the manifest is wrong");
    }
    int json = text.indexOf('\n') + 1;
    String format = text.substring(FIRST.length(), json - 1);
    if (!format.equals(Integer.toString(FORMAT))) {
      throw new OtherFormatException(format);
    }
    try {
      CheckpointManifest manifest =
          JSON.readValue(text.substring(json, last), CheckpointManifest.class);
      CheckpointFiles.requireOurs(manifest.contents);
      return manifest;
    } catch (JsonProcessingException e) {
      throw new TornException("the manifest cannot be read: " + e.getOriginalMessage());
    }
  }
}

package io.github.sparkbilevel.ml.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Summaries of models: their parts, and the JSON that is saved beside a model. */
public final class Summaries {
  private static final String FOLDER = "summary";

  /** A summary of a newer version may say more. */
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private Summaries() {}

  /** Writes a summary beside the model at a path, in one Spark job. */
  public static void save(Object summary, String path, SparkSession spark) {
    try {
      String json = JSON.writeValueAsString(summary);
      spark
          .createDataset(List.of(json), Encoders.STRING())
          .coalesce(1)
          .write()
          .text(new Path(path, FOLDER).toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the summary cannot be written as JSON", e);
    }
  }

  /** The parts of a summary, which those of older versions lack: they are flat. */
  private static ObjectNode parted(ObjectNode summary) {
    if (!summary.has("run")) {
      for (JsonNode record : summary.path("history")) {
        part((ObjectNode) record, "spent", "figures", "point", "step");
      }
      if (summary.path("detection") instanceof ObjectNode detection) {
        part(detection, "rates");
      }
      part(summary, "rows", "solver", "cost");
      part(summary, "run", "tuning", "noise", "dropped");
    }
    return summary;
  }

  /** Gives an object to each of its parts, which take from it what is theirs. */
  private static void part(ObjectNode whole, String... names) {
    ObjectNode flat = JSON.createObjectNode().setAll(whole);
    for (String name : names) {
      whole.set(name, flat);
    }
  }

  /** Reads what {@link #save} wrote. */
  public static <S> S load(Class<S> type, String path, SparkSession spark) {
    String json = spark.read().textFile(new Path(path, FOLDER).toString()).first();
    try {
      return JSON.treeToValue(parted((ObjectNode) JSON.readTree(json)), type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the summary of the model at " + path + " is damaged, expected JSON as it was saved", e);
    }
  }
}

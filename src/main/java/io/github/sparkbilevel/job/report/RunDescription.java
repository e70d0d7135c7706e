package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What was run, in the words of the report.
 *
 * @param title the title of the page
 * @param facts names with their words, in order; an empty word is left out
 * @param data the data sets as rows of {@code role}, {@code path} and {@code rows}
 * @param settings the job file with every key resolved
 */
public record RunDescription(
    String title, Map<String, String> facts, JsonNode data, String settings) {
  /** The fact that the page says above its title. */
  public static final String JOB = "Job";

  /** The fact that the page says at its foot. */
  public static final String VERSION = "Version";

  /** Likewise. */
  public static final String STARTED = "Started";
}

package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;

/**
 * The page in which a person checks labels: one self-contained file whose script needs no network
 * and saves what was answered as {@code answers.csv}.
 */
public final class ReviewPage {
  private static final String TEMPLATE = "review.html";
  private static final String ROWS = "{{ROWS}}";

  private ReviewPage() {}

  /**
   * The page.
   *
   * @param review {@code classes}, the labels, and {@code rows}: {@code id, label, suggestedLabel,
   *     probability, weight}, and {@code fields}, texts by name, or {@code picture}, the numbers of
   *     a square image
   */
  public static String of(JsonNode review) {
    // No cell can end the script or begin a comment in it.
    String safe =
        Json.line(review)
            .strip()
            .replace("&", "\\u0026")
            .replace("<", "\\u003c")
            .replace(">", "\\u003e");
    return Page.resource(TEMPLATE).replace(ROWS, safe);
  }
}

package io.github.sparkbilevel.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReviewPageTest {
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);

  @Test
  void thePageHoldsTheRowsWhateverIsInThem() throws IOException {
    String nasty = "</script><!-- <script>alert(1)</script> & \"q\" \\u003c \u2028 $1 {{ROWS}}";
    ObjectNode review = Json.object();
    review.set("classes", Json.tree(List.of("<b>", "no")));
    review
        .putArray("rows")
        .addObject()
        .put("id", "r&1")
        .put("label", "<b>")
        .put("suggestedLabel", "no")
        .put("probability", 0.25)
        .put("weight", 1.5)
        .set("fields", Json.tree(Map.of(nasty, nasty)));
    String html = ReviewPage.of(review);
    Matcher data = DATA.matcher(html);
    assertTrue(data.find());
    assertEquals(review, new ObjectMapper().readTree(data.group(1)));
    assertEquals(2, html.split("</script>", -1).length - 1);
    assertFalse(data.group(1).contains("<"), "no cell is markup");
    assertFalse(html.contains("://"), "the page needs no network");
    assertTrue(html.contains("default-src 'none'"));
  }
}

package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.OutputFolder;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The small CSV files that the driver writes. */
public final class Csv {
  private Csv() {}

  /** A new file of the outputs, to be written line by line. */
  public static BufferedWriter open(OutputFolder output, String name) throws IOException {
    return new BufferedWriter(new OutputStreamWriter(output.create(name), StandardCharsets.UTF_8));
  }

  /** A header, and a line for each row of figures; an unknown figure is an empty cell. */
  public static String of(List<String> columns, List<? extends JsonNode> rows) {
    StringBuilder csv = new StringBuilder(String.join(",", columns)).append('\n');
    for (JsonNode row : rows) {
      csv.append(
              columns.stream()
                  .map(column -> cell(row.path(column)))
                  .collect(Collectors.joining(",")))
          .append('\n');
    }
    return csv.toString();
  }

  /** A figure as a cell; an unknown one is empty. */
  public static String cell(JsonNode value) {
    boolean known = !value.isNumber() || Double.isFinite(value.doubleValue());
    return known ? quoted(value.asText("")) : "";
  }

  /** The cell, in quotes where it needs them. */
  public static String quoted(String cell) {
    return cell.matches("[^\",\r\n]*") ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Which group each feature belongs to, from a CSV file with the header {@code column,group}.
 *
 * @param groupOf the index of each feature's group
 * @param names the groups in the order in which the file first names them
 */
public record FeatureGroups(int[] groupOf, List<String> names) implements Serializable {
  private static final String KEY = "upper.groups";
  private static final String HEADER = "column,group";

  /**
   * Reads the file; every feature has to be in it once.
   *
   * @param features the names of the features, in their order
   */
  public static FeatureGroups read(Configuration conf, String path, List<String> features) {
    DataFiles files = DataFiles.list(conf, KEY, path);
    Path file = files.paths().get(0);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8))) {
      return new Reader(path, features).read(in);
    } catch (IOException e) {
      throw files.unreadable(file, e);
    }
  }

  /**
   * The groups of features whose groups are named one by one.
   *
   * @param groupOfFeature the name of the group of each feature
   * @param features number of features
   */
  public static FeatureGroups of(String[] groupOfFeature, int features) {
    if (groupOfFeature.length != features) {
      throw new IllegalArgumentException(
          "featureGroups names the groups of "
              + groupOfFeature.length
              + " features, expected one for each of "
              + features);
    }
    Map<String, Integer> groups = new LinkedHashMap<>();
    int[] groupOf = new int[features];
    for (int j = 0; j < features; j++) {
      groupOf[j] = groups.computeIfAbsent(groupOfFeature[j], unused -> groups.size());
    }
    return new FeatureGroups(groupOf, List.copyOf(groups.keySet()));
  }

  private static final class Reader {
    private final String origin;
    private final List<String> features;
    private final Map<String, Integer> indices = new HashMap<>();
    private final Map<String, Integer> groups = new LinkedHashMap<>();
    private final int[] groupOf;

    public Reader(String origin, List<String> features) {
      this.origin = origin;
      this.features = features;
      this.groupOf = new int[features.size()];
      Arrays.fill(groupOf, -1);
      for (int j = 0; j < features.size(); j++) {
        indices.put(features.get(j), j);
      }
    }

    FeatureGroups read(BufferedReader in) throws IOException {
      String header = in.readLine();
      String start =
          header == null ? "" : header.startsWith("\uFEFF") ? header.substring(1) : header;
      if (!String.join(",", new CsvLine(CsvDialect.PLAIN).split(start)).equalsIgnoreCase(HEADER)) {
        throw wrong("the first line is " + Names.quote(start), "the header " + HEADER);
      }
      int number = 1;
      CsvLine cells = new CsvLine(CsvDialect.PLAIN);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (!line.isBlank()) {
          String[] split = cells.split(line);
          if (!cells.isWell()) {
            throw wrong(
                "line "
                    + number
                    + (cells.isOpen()
                        ? " has a quote that is never closed"
                        : " has " + Names.quote(cells.behind()) + " behind a closing quote"),
                "a column and its group");
          }
          add(number, split);
        }
      }
      List<String> missing = new ArrayList<>();
      for (int j = 0; j < groupOf.length; j++) {
        if (groupOf[j] < 0) {
          missing.add(features.get(j));
        }
      }
      if (!missing.isEmpty()) {
        throw wrong(
            "these features have no group: " + Names.shortList(missing), "every feature once");
      }
      return new FeatureGroups(groupOf, List.copyOf(groups.keySet()));
    }

    private void add(int number, String[] cells) {
      if (cells.length != 2) {
        throw wrong(
            "line " + number + " has " + cells.length + (cells.length == 1 ? " cell" : " cells"),
            "a column and its group");
      }
      if (cells[0].isEmpty() || cells[1].isEmpty()) {
        throw wrong("line " + number + " has an empty cell", "a column and its group");
      }
      Integer feature = indices.get(cells[0]);
      if (feature == null) {
        throw wrong(
            "line " + number + " names the column " + Names.quote(cells[0]),
            "a feature of the training rows; " + Names.suggest(cells[0], features));
      }
      if (groupOf[feature] >= 0) {
        throw wrong(
            "line " + number + " names the column " + Names.quote(cells[0]) + " again",
            "every feature once");
      }
      groupOf[feature] = groups.computeIfAbsent(cells[1], unused -> groups.size());
    }

    private DataException wrong(String found, String expected) {
      return new DataException(
          KEY + " = '" + origin + "': " + found + ", expected " + expected + "; correct the file");
    }
  }
}

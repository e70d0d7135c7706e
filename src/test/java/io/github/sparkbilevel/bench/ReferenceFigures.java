package io.github.sparkbilevel.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Every number that the summaries of the published jobs hold, times apart, against those of a file:
 * a change of the core that should change no answer is held to it.
 *
 * <p>Arguments: {@code write} or {@code compare}, the file, a folder for the outputs, and folders
 * of further data by name, {@code mnist=FOLDER} and {@code ijcnn1=FOLDER}; jobs whose data are not
 * given are left out. Prints the largest relative difference of each job, and ends with 1 where one
 * is above {@value #TOLERANCE}.
 */
public final class ReferenceFigures {
  private static final double TOLERANCE = 1e-5;

  /** What differs from run to run, or between machines. */
  private static final Set<String> LEFT_OUT =
      Set.of("memory", "ledger", "run", "version", "workers", "bytes");

  private static final String SECONDS = "seconds";

  /** Numbers that differ by less are rounding errors, such as the error of an exact method. */
  private static final double NOTHING = 1e-9;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReferenceFigures() {}

  /** Runs the jobs and writes or compares. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[1]);
    Path outputs = Path.of(args[2]);
    boolean compares = args[0].equals("compare");
    JsonNode known = compares ? JSON.readTree(file.toFile()) : null;
    ObjectNode found = JSON.createObjectNode();
    boolean same = true;
    for (Map.Entry<String, List<String>> job : jobs(List.of(args).subList(3, args.length))) {
      Map<String, Double> numbers = numbersOf(job.getKey(), job.getValue(), outputs);
      ObjectNode node = found.putObject(job.getKey());
      numbers.forEach(node::put);
      if (compares) {
        same &= isSame(job.getKey(), known.path(job.getKey()), numbers);
      }
    }
    if (!compares) {
      JSON.writeValue(file.toFile(), found);
    }
    System.exit(same ? 0 : 1);
  }

  private static List<Map.Entry<String, List<String>>> jobs(List<String> data) {
    List<Map.Entry<String, List<String>>> jobs = new ArrayList<>();
    for (String name :
        List.of(
            "clean-digits",
            "clean-digits-mlp",
            "clean-digits-sources",
            "tune-digits",
            "hypergradient-digits",
            "hypergradient-digits-mlp")) {
      jobs.add(Map.entry(name, List.of(name)));
    }
    for (String folder : data) {
      if (folder.startsWith("mnist=")) {
        jobs.add(Map.entry("mnist-uniform", List.of("clean-mnist", "vars." + folder)));
        jobs.add(
            Map.entry(
                "mnist-next-class",
                List.of(
                    "clean-mnist",
                    "vars." + folder,
                    "data.corrupt.kind=next-class",
                    "data.corrupt.fraction=0.4")));
        jobs.add(
            Map.entry(
                "mnist-by-group",
                List.of("clean-mnist", "vars." + folder, "data.corrupt.kind=by-group")));
      } else if (folder.startsWith("ijcnn1=")) {
        jobs.add(Map.entry("tune-ijcnn1", List.of("tune-ijcnn1", "vars." + folder)));
      } else {
        throw new IllegalArgumentException(
            "got '" + folder + "', expected mnist=FOLDER or ijcnn1=FOLDER");
      }
    }
    return jobs;
  }

  private static Map<String, Double> numbersOf(String name, List<String> job, Path outputs)
      throws IOException {
    Path output = outputs.resolve(name);
    List<String> args = new ArrayList<>();
    args.add("spark-job/" + job.get(0) + ".conf");
    args.addAll(job.subList(1, job.size()));
    args.add("output.path=" + output);
    args.add("output.overwrite=true");
    int code = Main.run(args.toArray(String[]::new), System.out, System.err);
    if (code != 0) {
      throw new IllegalStateException("the job " + name + " ended with exit code " + code);
    }
    Map<String, Double> numbers = new TreeMap<>();
    collect("", JSON.readTree(output.resolve("summary.json").toFile()), numbers);
    return numbers;
  }

  private static void collect(String path, JsonNode node, Map<String, Double> numbers) {
    if (node.isNumber()) {
      numbers.put(path, node.asDouble());
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(path + "/" + i, node.get(i), numbers);
      }
    } else {
      node.properties()
          .forEach(
              field -> {
                String key = field.getKey();
                if (!LEFT_OUT.contains(key) && !key.startsWith(SECONDS)) {
                  collect(path + "/" + key, field.getValue(), numbers);
                }
              });
    }
  }

  private static boolean isSame(String job, JsonNode known, Map<String, Double> found) {
    double largest = 0;
    String at = "";
    for (Map.Entry<String, Double> number : found.entrySet()) {
      JsonNode expected = known.path(number.getKey());
      double before = expected.isNumber() ? expected.asDouble() : Double.NaN;
      double size = Math.max(Math.abs(before), Math.abs(number.getValue()));
      double apart = Math.abs(before - number.getValue());
      double difference = apart <= NOTHING ? 0 : apart / size;
      if (!(difference <= largest)) {
        largest = difference;
        at = "%s: %s, was %s".formatted(number.getKey(), number.getValue(), before);
      }
    }
    System.out.printf("%-26s %9.2e  %s%n", job, largest, at);
    return known.size() == found.size() && largest <= TOLERANCE;
  }
}

package io.github.sparkbilevel.job;

import io.github.sparkbilevel.backend.cuda.CudaException;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.Tasks;
import io.github.sparkbilevel.job.config.ConfigException;
import java.io.FileNotFoundException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkThrowable;

/**
 * What a job that failed tells the shell and the person who started it.
 *
 * @param exit the exit code
 * @param sentence one sentence, without {@code error:} before it
 */
record Failure(ExitCode exit, String sentence) {

  /** The exceptions that carry a sentence of our own. */
  private static final Map<String, ExitCode> OURS =
      Map.of(
          ConfigException.class.getName(), ExitCode.CONFIG,
          CudaException.class.getName(), ExitCode.OTHER,
          DataException.class.getName(), ExitCode.DATA,
          NumericsException.class.getName(), ExitCode.NUMERICS);

  /** One of ours in the text by which Spark reports what a task threw. */
  private static final Pattern OURS_IN_TEXT =
      Pattern.compile(
          OURS.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|", "(", ")"))
              + ": ([^\\n]*)");

  /** Conditions of Spark that say that data is missing or cannot be read. */
  private static final Pattern DATA_CONDITION =
      Pattern.compile(
          "(PATH_NOT_FOUND|TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|UNABLE_TO_INFER_SCHEMA"
              + "|UNRESOLVED_COLUMN|FAILED_READ_FILE|MALFORMED_RECORD_IN_PARSING"
              + "|DATA_SOURCE_NOT_FOUND)(\\..*)?");

  private static final Pattern DATA_IN_TEXT =
      Pattern.compile(
          "Input path does not exist[^\\n]*|[^\\n]* is not a Parquet file[^\\n]*"
              + "|Not in GZIP format|Unexpected end of ZLIB input stream"
              + "|\\[FAILED_READ_FILE[^\\n]*");

  private static final Pattern MASTER_IN_TEXT =
      Pattern.compile("(?:Could not parse Master URL|Invalid master URL): '?([^'\\n]*)'?");

  private static final Pattern RESULTS_IN_TEXT =
      Pattern.compile(
          "Total size of serialized results of \\d+ tasks \\(([^)]*)\\) is bigger than"
              + " spark.driver.maxResultSize \\(([^)]*)\\)");

  private static final Pattern DECORATION = Pattern.compile("^\\[[A-Z0-9_.]+] |\\s*SQLSTATE: \\w+");

  /** Finds what a person can act on in an exception and its causes. */
  static Failure of(Throwable thrown) {
    List<Throwable> chain = chain(thrown);
    // The innermost of ours is nearest to what happened.
    for (int i = chain.size() - 1; i >= 0; i--) {
      ExitCode exit = OURS.get(chain.get(i).getClass().getName());
      if (exit != null) {
        return new Failure(exit, line(chain.get(i).getMessage()));
      }
    }
    String text = chain.stream().map(Failure::text).collect(Collectors.joining("\n"));
    Matcher ours = OURS_IN_TEXT.matcher(text);
    if (ours.find()) {
      return new Failure(OURS.get(ours.group(1)), line(ours.group(2)));
    }
    Matcher master = MASTER_IN_TEXT.matcher(text);
    if (master.find()) {
      return new Failure(
          ExitCode.CONFIG,
          "--master = %s is no master that Spark knows; try local[*], spark://host:7077 or yarn"
              .formatted(master.group(1)));
    }
    return resources(chain, text)
        .or(() -> connection(chain))
        .or(() -> data(chain, text))
        .orElseGet(() -> new Failure(ExitCode.OTHER, unexpected(chain)));
  }

  private static Optional<Failure> resources(List<Throwable> chain, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left on device") || lower.contains("disk quota exceeded")) {
      return other(
          "the disk is full; free some space at output.path and in spark.local.dir, or set"
              + " spark.local.dir to a larger disk");
    }
    Matcher results = RESULTS_IN_TEXT.matcher(text);
    if (results.find()) {
      return other(
          "the sums of a pass came to %s, but spark.driver.maxResultSize allows %s; try -- --conf spark.driver.maxResultSize=4g or a smaller data.partitions"
              .formatted(results.group(1), results.group(2)));
    }
    boolean memory =
        chain.stream().anyMatch(OutOfMemoryError.class::isInstance)
            || text.contains("java.lang.OutOfMemoryError")
            || text.contains("SparkOutOfMemoryError");
    if (memory) {
      return other(
          "the memory did not suffice; try -- --driver-memory 4g for local[*], or"
              + " -- --executor-memory 4g on a cluster, or a larger data.partitions");
    }
    return Optional.empty();
  }

  /** A file system or a machine that could be reached before, and no longer can. */
  private static Optional<Failure> connection(List<Throwable> chain) {
    return chain.stream()
        .filter(
            thrown ->
                thrown instanceof SocketException
                    || thrown instanceof SocketTimeoutException
                    || thrown instanceof UnknownHostException)
        .findFirst()
        .flatMap(
            thrown ->
                other(
                    "the connection failed: %s: %s; see that what it leads to is up, and start the job again"
                        .formatted(thrown.getClass().getSimpleName(), line(thrown.getMessage()))));
  }

  private static Optional<Failure> other(String sentence) {
    return Optional.of(new Failure(ExitCode.OTHER, sentence));
  }

  private static Optional<Failure> data(List<Throwable> chain, String text) {
    if (Tasks.isOfMachines(chain.get(0))) {
      return Optional.empty();
    }
    for (Throwable thrown : chain) {
      boolean data =
          thrown instanceof SparkThrowable spark
              && spark.getCondition() != null
              && DATA_CONDITION.matcher(spark.getCondition()).matches();
      if (data || thrown instanceof FileNotFoundException) {
        return Optional.of(badData(thrown.getMessage()));
      }
    }
    Matcher known = DATA_IN_TEXT.matcher(text);
    return known.find() ? Optional.of(badData(known.group())) : Optional.empty();
  }

  private static Failure badData(String found) {
    String sentence = DECORATION.matcher(line(found)).replaceAll("").replaceAll("[.;]\\s*$", "");
    return new Failure(
        ExitCode.DATA,
        sentence + "; expected data that Spark can read there, check the path, table and format");
  }

  private static String unexpected(List<Throwable> chain) {
    Throwable root = chain.get(chain.size() - 1);
    String message = root.getMessage() == null ? "" : ": " + line(root.getMessage());
    return "%s%s; try --verbose for the stack trace"
        .formatted(root.getClass().getSimpleName(), message);
  }

  /** The exception and its causes, each once, the outermost first. */
  private static List<Throwable> chain(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> result = new ArrayList<>();
    for (Throwable at = thrown; at != null && seen.add(at); at = at.getCause()) {
      result.add(at);
      Arrays.stream(at.getSuppressed())
          .filter(suppressed -> OURS.containsKey(suppressed.getClass().getName()))
          .filter(seen::add)
          .forEach(suppressed -> result.add(0, suppressed));
    }
    return result;
  }

  private static String text(Throwable thrown) {
    return thrown.getClass().getName() + ": " + thrown.getMessage();
  }

  /** The first line of a text, in which a sentence of ours is whole. */
  private static String line(String text) {
    return text == null ? "unknown" : text.strip().lines().findFirst().orElse("unknown").strip();
  }
}

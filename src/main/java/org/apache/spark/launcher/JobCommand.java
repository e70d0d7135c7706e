package org.apache.spark.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints the command that submit.sh becomes: the one of Spark's own launcher, with our defaults
 * where the user, the properties file and the environment leave a setting open. Each word ends with
 * a NUL.
 *
 * <p>It stands in this package because Spark's reading of options and of properties files is
 * visible only here. It loads none of our other classes, to start fast.
 */
public final class JobCommand {
  private static final String MAIN = "io.github.sparkbilevel.job.Main";
  private static final String DEFAULT_OPTIONS = "spark.driver.defaultJavaOptions";
  private static final String THREADS = "OMP_NUM_THREADS";

  private final Path runtime;
  private final Path root = Path.of(System.getenv("SPARK_BILEVEL_HOME"));
  private final Path settings = Path.of(System.getenv("SPARK_CONF_DIR"));
  private final boolean assembled;
  private final List<String> given;
  private final SparkSubmitCommandBuilder read;
  private final Map<String, String> conf;
  private final String master;

  private JobCommand(Path runtime, List<String> given) throws IOException {
    this.runtime = runtime;
    this.given = given;
    assembled = runtime.equals(Path.of(System.getenv("SPARK_HOME")));
    read = new SparkSubmitCommandBuilder(given);
    if (read.appResource != null) {
      throw new IllegalArgumentException("Unrecognized option: " + read.appResource);
    }
    conf = read.getEffectiveConfig();
    master = read.master != null ? read.master : conf.getOrDefault("spark.master", "local[*]");
  }

  /** The arguments are the assembled runtime, our jar, and the words given to submit.sh. */
  public static void main(String[] args) throws IOException {
    List<String> words = List.of(args).subList(2, args.length);
    int cut = words.contains("--") ? words.indexOf("--") : words.size();
    List<String> options = words.subList(Math.min(cut + 1, words.size()), words.size());
    try {
      List<String> command =
          new JobCommand(Path.of(args[0]), options).command(args[1], words.subList(0, cut));
      System.out.print(String.join("\0", command) + "\0");
    } catch (IllegalArgumentException e) {
      System.err.printf(
          "error: the options after -- are wrong: %s; expected those of spark-submit, such as"
              + " --master local[2] or --conf key=value%n",
          e.getMessage());
      System.exit(2);
    }
  }

  private List<String> command(String jar, List<String> job) throws IOException {
    List<String> words = new ArrayList<>(List.of("--class", MAIN));
    words.addAll(given);
    // One thread for each task: Spark runs as many tasks at once as there are cores.
    String threads = "spark.executorEnv." + THREADS;
    if (!conf.containsKey(threads)) {
      words.addAll(List.of("--conf", threads + "=" + System.getenv(THREADS)));
    }
    // Executors that start from the assembled runtime have our dependencies; others are sent them.
    if (!assembled || !master.startsWith("local")) {
      String own = Files.readString(runtime.resolve("own")).strip();
      words.addAll(List.of("--jars", joined(",", own, jars())));
    }
    String options = joined(" ", options(), conf.get(DEFAULT_OPTIONS));
    if (!options.isEmpty()) {
      words.addAll(List.of("--conf", DEFAULT_OPTIONS + "=" + options));
    }
    if (isDriverInWorker()) {
      // Spark starts every JVM with its module flags but this one. Without the Vector API its sums
      // would be rounded in another order.
      String key = SparkLauncher.DRIVER_EXTRA_JAVA_OPTIONS;
      String modules = JavaModuleOptions.defaultModuleOptions();
      words.addAll(List.of("--conf", key + "=" + joined(" ", modules, options, conf.get(key))));
    }
    words.add(jar);
    words.addAll(job);

    Map<String, String> environment = new HashMap<>();
    List<String> java = new SparkSubmitCommandBuilder(words).buildCommand(environment);
    if (master.matches("local|local(-cluster)?\\[.*|spark://(127\\.|localhost:).*")) {
      environment.put(
          "SPARK_LOCAL_IP", System.getenv().getOrDefault("SPARK_LOCAL_IP", "127.0.0.1"));
    }
    if (hasArchive()) {
      int classPath = java.indexOf("-cp") + 1;
      java.set(classPath, java.get(classPath).replace(settings + "/:", ""));
    }
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(java);
    return command;
  }

  private boolean isDriverInWorker() {
    String mode = read.deployMode != null ? read.deployMode : conf.get("spark.submit.deployMode");
    return "cluster".equals(mode) && master.startsWith("spark://");
  }

  /**
   * Whether the driver maps Spark's classes from an archive, which saves a quarter of a short job.
   * Java takes no archive of a class path with folders that hold files, so the settings leave it.
   */
  private boolean hasArchive() {
    return assembled && settings.equals(root.resolve("conf")) && master.matches("local(\\[.*)?");
  }

  /** Our options of Java, which Spark puts before the user's. */
  private String options() {
    List<String> options = new ArrayList<>();
    if (hasArchive() || !Files.isReadable(settings.resolve("log4j2.properties"))) {
      Path log = root.resolve("conf/log4j2.properties");
      options.add("-Dlog4j2.configurationFile=file:" + log.toString().replace(" ", "%20"));
    }
    if (!Files.isWritable(Path.of(System.getProperty("user.home")))) {
      options.add("-Dorg.bytedeco.javacpp.cachedir=" + runtime.resolveSibling("javacpp"));
    }
    if (hasArchive()) {
      Path archive = runtime.resolve("classes-" + System.getProperty("java.version") + ".jsa");
      options.add("-Xlog:cds*=off");
      if (Files.isReadable(archive)) {
        options.add("-XX:SharedArchiveFile=" + archive);
      } else if (Files.isWritable(runtime)) {
        System.err.println(
            "spark-bilevel: the first run keeps the classes it loads, so that later ones start"
                + " faster; this takes a few seconds at its end");
        options.addAll(List.of("-XX:+RecordDynamicDumpInfo", "-Dbilevel.archive=" + archive));
      }
    }
    return options.stream().map(option -> '"' + option + '"').collect(Collectors.joining(" "));
  }

  /** What the user has for {@code --jars}; Spark takes the last one. */
  private String jars() {
    read.appResource = "";
    List<String> words = read.buildSparkSubmitArgs();
    int last = words.lastIndexOf("--jars");
    return last < 0 ? conf.get("spark.jars") : words.get(last + 1);
  }

  private static String joined(String separator, String... parts) {
    return Stream.of(parts)
        .filter(part -> part != null && !part.isBlank())
        .collect(Collectors.joining(separator));
  }
}

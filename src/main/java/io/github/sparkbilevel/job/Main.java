package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.JobFile;
import io.github.sparkbilevel.job.run.Console;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.Logs;
import io.github.sparkbilevel.ml.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.SparkBuildInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The command line: reads and checks a job file, runs its job, and ends with an exit code. */
public final class Main {

  /** The examples, by the names of their classes. */
  static final Set<String> EXAMPLES =
      new TreeSet<>(List.of("CleanThenForest", "ScoreStream", "TuneInPipeline"));

  private static final String PACKAGE = "io.github.sparkbilevel.examples.";
  private static final int HELP_WIDTH = 100;

  @Command(
      name = "./submit.sh",
      sortOptions = false,
      customSynopsis = {
        "./submit.sh JOB_FILE [key=value ...] [-- SPARK_SUBMIT_OPTION ...]",
        "       ./submit.sh --example NAME [key=value ...] [-- SPARK_SUBMIT_OPTION ...]",
        "       ./submit.sh --help | --version | --list | --spark-home",
        ""
      },
      description = {
        "Runs a job file of spark-bilevel on Spark, or one of the examples of docs/java.md. What follows"
            + " -- goes to spark-submit: --master spark://host:7077 --driver-memory 8g --conf key=value",
        ""
      },
      footer = {
        "",
        "Paths are relative to the current folder first, then to the folder of submit.sh.",
        "",
        "Needs JDK 17 or newer and Maven on the PATH. The first start builds the jar and assembles"
            + " Spark from Maven. SPARK_HOME, when set and of the right version, is used instead;"
            + " SPARK_CONF_DIR is respected.",
        "Default master: local[*]. Default driver memory: 4g, or half of the machine's memory where"
            + " that is less.",
        ""
      },
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:done",
        "1:anything else: the build, Java, Spark",
        "2:the job file or the command line is wrong",
        "3:the data is wrong",
        "4:the numerics failed (diverged, not finite)",
        "130:interrupted"
      })
  private static final class Arguments {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "JOB_FILE",
        description = "A HOCON file; --list shows those of spark-job/.")
    String jobFile;

    @Parameters(
        index = "1..*",
        paramLabel = "key=value",
        description =
            "Overrides a key of the job file, as in solver.iterations=20, or a setting of an example.")
    List<String> overrides = List.of();

    @Option(
        names = "--example",
        arity = "0..1",
        paramLabel = "NAME",
        fallbackValue = "",
        description = "Run an example; without a NAME, show their names.")
    String example;

    @Option(
        names = "--verbose",
        description = "Show the whole job, Spark's errors and stack traces.")
    boolean verbose;

    @Option(names = "--list", description = "Show the job files of spark-job/.")
    boolean list;

    @Option(
        names = "--spark-home",
        description = "Build what is missing; print the folder of the Spark that would run.")
    boolean sparkHome;

    @Option(names = "--version", description = "Print the versions.")
    boolean version;

    @Option(
        names = {"-h", "--help"},
        description = "Print this.")
    boolean help;
  }

  private Main() {}

  /** Runs a job file and ends the process, whatever threads there still are. */
  public static void main(String[] args) {
    int code = run(args, System.out, System.err);
    Logs.mute();
    if (code == ExitCode.DONE.code()) {
      ClassArchive.keep();
    }
    System.exit(code);
  }

  /** Runs a job file and returns the exit code. */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, out, err, Host.ofProcess());
  }

  static int run(String[] args, PrintStream out, PrintStream err, Host host) {
    Console console = Console.ofProcess(out, err);
    Arguments arguments = new Arguments();
    CommandLine line =
        new CommandLine(arguments).setExpandAtFiles(false).setUsageHelpWidth(HELP_WIDTH);
    try {
      line.parseArgs(args);
      if (arguments.help) {
        line.usage(out);
      } else if (arguments.version) {
        out.printf(
            "spark-bilevel %s (Spark %s, Java %s)%n",
            Version.current(), SparkBuildInfo.spark_version(), System.getProperty("java.version"));
      } else if (arguments.list) {
        list(host.folders().root(), out);
      } else if (arguments.example != null) {
        example(arguments, line);
      } else if (arguments.jobFile == null) {
        throw new ParameterException(line, "no job file is given; --list shows those there are");
      } else {
        return job(arguments, console, host);
      }
      return ExitCode.DONE.code();
    } catch (ParameterException e) {
      console.line(
          "error: %s; try --help".formatted(e.getMessage().lines().findFirst().orElse("")));
      return ExitCode.CONFIG.code();
    } catch (Throwable e) {
      return JobRun.report(e, console, arguments.verbose).code();
    }
  }

  private static int job(Arguments arguments, Console console, Host host) {
    JobConfig config = JobFile.load(arguments.jobFile, arguments.overrides, host.folders());
    Job job = job(config.job(), host.jobs());
    if (arguments.verbose) {
      config.resolvedText().lines().forEach(console::line);
    }
    return new JobRun(config, console, host.sessions(), arguments.verbose).run(job).code();
  }

  /** Starts the class of an example, which ends the process. */
  private static void example(Arguments arguments, CommandLine line)
      throws ReflectiveOperationException {
    if (!EXAMPLES.contains(arguments.example)) {
      throw new ParameterException(
          line,
          "there is no example \"%s\"; expected one of %s"
              .formatted(arguments.example, String.join(", ", EXAMPLES)));
    }
    List<String> words = new ArrayList<>(arguments.overrides);
    if (arguments.jobFile != null) {
      words.add(0, arguments.jobFile);
    }
    if (arguments.verbose) {
      words.add("--verbose");
    }
    Class.forName(PACKAGE + arguments.example)
        .getMethod("main", String[].class)
        .invoke(null, (Object) words.toArray(String[]::new));
  }

  /** Prints the job files of the repository, each with the first line of its comment. */
  private static void list(Path root, PrintStream out) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("spark-job"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".conf")).sorted().toList()) {
        String text = Files.readString(file).replaceFirst("^[#\\s]+", "");
        out.printf("%-40s %s%n", root.relativize(file), text.lines().findFirst().orElse(""));
      }
    }
  }

  private static Job job(String name, Map<String, Supplier<Job>> jobs) {
    if (!jobs.containsKey(name)) {
      throw new ConfigException(
          "job = %s is not in this version; try one of %s"
              .formatted(name, String.join(" | ", new TreeSet<>(jobs.keySet()))));
    }
    return jobs.get(name).get();
  }
}

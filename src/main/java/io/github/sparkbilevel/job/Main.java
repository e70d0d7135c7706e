package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.JobFile;
import io.github.sparkbilevel.ml.Version;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The command line: reads and checks a job file, runs its job, and ends with an exit code. */
public final class Main {

  @Command(
      name = "submit.sh",
      sortOptions = false,
      description = "Runs a job of spark-bilevel.",
      footer = {
        "",
        "Paths are relative to the current folder first, then to the repository.",
        "Exit code: 0 done, 2 the job file or command line is wrong, 3 the data is wrong,",
        "4 the numerics failed, 130 interrupted, 1 anything else."
      })
  private static final class Arguments {
    @Parameters(index = "0", paramLabel = "JOB_FILE", description = "The job file (HOCON).")
    String jobFile;

    @Parameters(
        index = "1..*",
        paramLabel = "key=value",
        description = "Overrides of keys of the job file, as in solver.iterations=10.")
    List<String> overrides = List.of();

    @Option(names = "--verbose", description = "Show the whole job, Spark's errors, stack traces.")
    boolean verbose;

    @Option(names = "--version", versionHelp = true, description = "Print the version.")
    boolean version;

    @Option(names = "--help", usageHelp = true, description = "Print this.")
    boolean help;
  }

  private Main() {}

  /** Runs a job file and ends the process, whatever threads there still are. */
  public static void main(String[] args) {
    int code = run(args, System.out, System.err);
    Logs.mute();
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
        new CommandLine(arguments).setExpandAtFiles(false).setCommandName("submit.sh");
    try {
      line.parseArgs(args);
      if (arguments.help) {
        line.usage(out);
        return ExitCode.DONE.code();
      }
      if (arguments.version) {
        out.println("spark-bilevel " + Version.current());
        return ExitCode.DONE.code();
      }
      JobConfig config = JobFile.load(arguments.jobFile, arguments.overrides, host.folders());
      Job job = job(config.job(), host.jobs());
      if (arguments.verbose) {
        config.resolvedText().lines().forEach(console::line);
      }
      return new JobRun(config, console, host.sessions(), arguments.verbose).run(job).code();
    } catch (ParameterException e) {
      console.line(
          "error: %s; try --help".formatted(e.getMessage().lines().findFirst().orElse("")));
      return ExitCode.CONFIG.code();
    } catch (Throwable e) {
      return JobRun.report(e, console, arguments.verbose).code();
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

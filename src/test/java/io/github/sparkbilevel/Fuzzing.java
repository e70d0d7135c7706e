package io.github.sparkbilevel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets Jazzer, which looks at what code its bytes reach, make up bytes for everything that reads
 * them, one target after the other: {@code mvn -B -q -Pfuzz test-compile exec:exec
 * -Dfuzz.seconds=60}.
 *
 * <p>Bytes that reached something new stay in {@code target/fuzz} and are where the next time
 * begins. What a target did not take ends this with code 1; Jazzer says why, and where the bytes
 * are.
 */
public final class Fuzzing {
  private static final List<String> TARGETS =
      List.of(
          "job.config.JobFileFuzz",
          "data.CsvFuzz",
          "data.LibsvmFuzz",
          "data.SafetensorsFuzz",
          "problem.CodecFuzz",
          "spark.ManifestFuzz");

  /** Where a job file has something to begin with. */
  private static final Path SEEDS = Path.of("spark-job");

  private Fuzzing() {}

  /** Argument: seconds for each target. */
  public static void main(String[] args) throws Exception {
    List<String> failed = new ArrayList<>();
    for (String target : TARGETS) {
      if (run(target, Integer.parseInt(args[0])) != 0) {
        failed.add(target);
      }
    }
    System.out.println(failed.isEmpty() ? "fuzzing: nothing found" : "fuzzing: found in " + failed);
    if (!failed.isEmpty()) {
      System.exit(1);
    }
  }

  private static int run(String target, int seconds) throws IOException, InterruptedException {
    Path corpus = Path.of("target", "fuzz", target);
    Files.createDirectories(corpus);
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + Fuzzing.class.getPackageName() + "." + target);
    command.add("--instrumentation_includes=io.github.sparkbilevel.**:com.typesafe.config.**");
    command.add("--reproducer_path=" + corpus.getParent());
    command.addAll(List.of("-max_total_time=" + seconds, "-timeout=20", "-rss_limit_mb=3000"));
    command.addAll(List.of("-artifact_prefix=" + corpus.getParent() + "/", "-print_final_stats=1"));
    command.add(corpus.toString());
    if (target.endsWith("JobFileFuzz")) {
      command.add(SEEDS.toString());
    }
    System.out.println("fuzzing: " + target);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}

package io.github.sparkbilevel.spark.gpu;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackends;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The GPU that Spark gave to a task.
 *
 * <p>A GPU that was asked for and is missing is an error, never a silent run on the CPU. So is one
 * that two executors of a host were both given, as workers that share a machine are unless each has
 * a discovery script of its own: their tasks would compete for its memory.
 *
 * @param address as the discovery script calls it, such as {@code 0}
 */
public record GpuSlot(String address) {
  /** Spark's name for the resource: {@value}. */
  public static final String RESOURCE = "gpu";

  public static final String EXECUTOR_AMOUNT = "spark.executor.resource.gpu.amount";
  public static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";
  public static final String SCRIPT = "spark.executor.resource.gpu.discoveryScript";
  public static final String DRIVER_AMOUNT = "spark.driver.resource.gpu.amount";
  public static final String DRIVER_SCRIPT = "spark.driver.resource.gpu.discoveryScript";

  /** What Spark calls the driver where it stands for an executor. */
  private static final String DRIVER = "driver";

  /** How long a task of a survey keeps its GPU, so that the others go to other executors. */
  private static final long SURVEY_MILLIS = 100;

  /**
   * The GPU of the task that runs in this thread.
   *
   * <p>Where there are no executors, with a local master, tasks share the GPUs of the driver by the
   * number of their partition.
   *
   * @throws IllegalStateException when the task has none, or several, or when its executor was
   *     given the GPU of another executor
   */
  public static GpuSlot ofTask() {
    TaskContext task = TaskContext.get();
    if (task == null) {
      throw new IllegalStateException(
          "got a thread that runs no Spark task, expected one: only tasks are given GPUs");
    }
    if (isLocal()) {
      List<String> addresses = ofDriver();
      return new GpuSlot(addresses.get(task.partitionId() % addresses.size()));
    }
    String[] addresses = given(task);
    problem(addresses)
        .ifPresent(
            sentence -> {
              throw new IllegalStateException(sentence);
            });
    return new GpuSlot(addresses[0]);
  }

  private static String[] given(TaskContext task) {
    ResourceInformation given = task.resourcesJMap().get(RESOURCE);
    return given == null ? new String[0] : given.addresses();
  }

  /** What is wrong with the GPUs of a task of this executor; empty when nothing is. */
  private static Optional<String> problem(String[] addresses) {
    if (addresses.length == 0) {
      return Optional.of(
          "Spark gave no GPU to a task of %s; expected one: set %s, %s and %s, or compute on the CPU"
              .formatted(place(), EXECUTOR_AMOUNT, TASK_AMOUNT, SCRIPT));
    }
    if (addresses.length > 1) {
      return Optional.of(
          "Spark gave the GPUs %s to one task of %s; expected one: set %s=1"
              .formatted(String.join(", ", addresses), place(), TASK_AMOUNT));
    }
    return GpuClaims.claim(addresses[0])
        .map(
            holder ->
                ("GPU %s was given to both %s and %s, which are on one machine; expected each to"
                        + " have its own: start each worker with a share of the GPUs, as by"
                        + " GPU_DISCOVERY_ONLY for conf/gpu-discovery.sh, or one worker on each"
                        + " machine")
                    .formatted(addresses[0], holder, place()));
  }

  /**
   * Works with the GPU bound to the thread, where backends look for it.
   *
   * @param memoryShare the share of its memory that rows may take
   */
  public <T> T run(double memoryShare, Supplier<T> work) {
    return Accelerator.with(address, memoryShare, work);
  }

  /** Whether Spark was asked for GPUs, as far as settings tell; not without Spark. */
  public static boolean areGiven() {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      return false;
    }
    SparkConf conf = env.conf();
    return SparkContext.getOrCreate().isLocal()
        ? conf.contains(DRIVER_AMOUNT)
        : conf.contains(EXECUTOR_AMOUNT) && conf.contains(TASK_AMOUNT);
  }

  /**
   * Makes sure that tasks will be given GPUs, each executor its own; runs one short Spark job.
   *
   * <p>Executors that join later are checked by the first task that they run.
   *
   * @throws IllegalArgumentException when a setting is missing, or two executors were given the
   *     same GPU
   */
  public static void requireEverywhere(JavaSparkContext context) {
    if (context.isLocal()) {
      ofDriver();
      return;
    }
    SparkConf conf = context.getConf();
    List<String> missing = new ArrayList<>();
    for (String key : List.of(EXECUTOR_AMOUNT, TASK_AMOUNT)) {
      if (!conf.contains(key)) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          ("GPUs were asked for, but %s not set; expected %s, %s and, unless the cluster finds"
                  + " GPUs itself, %s")
              .formatted(
                  String.join(" and ", missing) + (missing.size() > 1 ? " are" : " is"),
                  EXECUTOR_AMOUNT,
                  TASK_AMOUNT,
                  SCRIPT));
    }
    List<String> problems = survey(context, () -> problem(given(TaskContext.get())));
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(problems.get(0));
    }
  }

  /**
   * Where the driver of the GPUs does not load; runs one short Spark job, unless the master is
   * local.
   *
   * @param backend who computes on them
   * @return a sentence on one of the executors; empty when it loads everywhere
   */
  public static Optional<String> missingDriver(JavaSparkContext context, String backend) {
    return context.isLocal()
        ? withoutDriver(backend)
        : survey(context, () -> withoutDriver(backend)).stream().findFirst();
  }

  private static Optional<String> withoutDriver(String backend) {
    return DenseBackends.whyUnavailable(backend).map(reason -> place() + ": " + reason);
  }

  /** Frees what backends keep on the GPUs of executors; runs one short Spark job. */
  public static void release(JavaSparkContext context) {
    if (context.isLocal()) {
      DenseBackends.release();
      return;
    }
    survey(
        context,
        () -> {
          DenseBackends.release();
          return Optional.empty();
        });
  }

  /** What a task finds on its executor; empty when all is well. */
  @FunctionalInterface
  private interface Look extends Supplier<Optional<String>>, Serializable {}

  /** What is wrong on the executors that there are, in a sentence each. */
  private static List<String> survey(JavaSparkContext context, Look look) {
    int tasks = 2 * Math.max(2, context.defaultParallelism());
    List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
    return context
        .parallelize(numbers, tasks)
        .map(
            number -> {
              Thread.sleep(SURVEY_MILLIS);
              return look.get().orElse("");
            })
        .filter(problem -> !problem.isEmpty())
        .collect();
  }

  private static boolean isLocal() {
    return SparkEnv.get().executorId().equals(DRIVER);
  }

  private static List<String> ofDriver() {
    ResourceInformation given =
        CollectionConverters.asJava(SparkContext.getOrCreate().resources()).get(RESOURCE);
    if (given == null || given.addresses().length == 0) {
      throw new IllegalArgumentException(
          ("GPUs were asked for, but the driver of a local master has none; expected %s and %s, or"
                  + " on a cluster %s, %s and %s")
              .formatted(DRIVER_AMOUNT, DRIVER_SCRIPT, EXECUTOR_AMOUNT, TASK_AMOUNT, SCRIPT));
    }
    return List.of(given.addresses());
  }

  /** The executor of this process, for messages. */
  static String place() {
    SparkEnv env = SparkEnv.get();
    return "executor %s on %s"
        .formatted(env.executorId(), env.blockManager().blockManagerId().host());
  }
}

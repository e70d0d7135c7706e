package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the products of a run are computed. */
public enum Device {
  /**
   * On GPUs where there is a backend for them and Spark gives every task one; on the CPU otherwise.
   */
  AUTO,
  /** On the CPU, whatever Spark gives. */
  CPU,
  /** On GPUs, or not at all. */
  GPU;

  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  /** The device of a word. */
  public static Device of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** The name in job files and params. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Has an engine compute there, and says in the log where that is; where it is a GPU, runs one
   * short Spark job, which is no pass.
   *
   * @param backend who computes products, or {@link DenseBackends#AUTO}
   * @return the engine
   * @throws IllegalArgumentException when GPUs were asked for and no backend of that name computes
   *     on them, or Spark gives tasks none, or one GPU to two executors
   */
  public SparkEngine place(SparkEngine engine, String backend) {
    Optional<String> accelerated = DenseBackends.accelerated(backend);
    JavaSparkContext context = engine.context();
    if (this == GPU && accelerated.isEmpty()) {
      throw new IllegalArgumentException(
          "device = gpu, but %s; expected a backend for GPUs on the class path of driver and executors, and %s, %s and %s; or compute on the CPU by device = cpu"
              .formatted(
                  missing(backend), GpuSlot.EXECUTOR_AMOUNT, GpuSlot.TASK_AMOUNT, GpuSlot.SCRIPT));
    }
    if (this == GPU || this == AUTO && accelerated.isPresent() && GpuSlot.areGiven(context)) {
      engine.onGpus();
      LOG.info("device gpu: products by backend {}, a GPU for each task", accelerated.get());
      return engine;
    }
    LOG.info(
        "device cpu: {}",
        this == CPU
            ? "as chosen"
            : accelerated.isEmpty() ? missing(backend) : "Spark was not asked for GPUs");
    return engine;
  }

  private static String missing(String backend) {
    return backend.equals(DenseBackends.AUTO)
        ? "none of the backends " + String.join(", ", DenseBackends.names()) + " computes on a GPU"
        : "the backend " + backend + " does not compute on a GPU";
  }
}

package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where and by whom the products of a run should be computed.
 *
 * @param backend who computes products, or {@link DenseBackends#AUTO}
 * @param memoryShare the share of a GPU's memory that rows may take, above 0 and at most 1
 */
public record Placement(Device device, String backend, double memoryShare) {
  private static final Logger LOG = LoggerFactory.getLogger(Placement.class);

  /**
   * Who is going to compute products, as far as settings tell: the name of a backend for GPUs, or
   * {@link #backend()}. Rows lie in memory as it wants them.
   */
  public String products() {
    return accelerated().filter(name -> isWanted()).orElse(backend);
  }

  private Optional<String> accelerated() {
    return DenseBackends.accelerated(backend);
  }

  private boolean isWanted() {
    return device == Device.GPU || device == Device.AUTO && GpuSlot.areGiven();
  }

  /**
   * Has an engine compute there, and says in the log where that is; where it may be a GPU, runs one
   * short Spark job, which is no pass.
   *
   * @param model whose products they are
   * @return the engine
   * @throws IllegalArgumentException when GPUs were asked for and no backend of that name computes
   *     on them, or not by that model, or its driver is missing on an executor, or Spark gives
   *     tasks none, or one GPU to two executors
   */
  public SparkEngine place(SparkEngine engine, Model model) {
    Optional<String> instead = cpu(engine.context(), model);
    if (instead.isPresent()) {
      LOG.info("device cpu: {}", instead.get());
      return engine;
    }
    engine.onGpus(memoryShare);
    LOG.info("device gpu: products by backend {}, a GPU for each task", accelerated().get());
    return engine;
  }

  /** Why the CPU computes; empty where it does not. */
  private Optional<String> cpu(JavaSparkContext context, Model model) {
    if (device == Device.CPU) {
      return Optional.of("as chosen");
    }
    if (device == Device.AUTO && !GpuSlot.areGiven()) {
      return Optional.of("Spark was not asked for GPUs");
    }
    Optional<String> missing = accelerated().isEmpty() ? Optional.of(notOnGpus()) : wrong(model);
    if (missing.isEmpty() && GpuSlot.areGiven()) {
      missing = GpuSlot.missingDriver(context, accelerated().get());
    }
    if (missing.isPresent() && device == Device.GPU) {
      throw new IllegalArgumentException(
          "device = gpu, but %s; expected a backend for GPUs on the class path of driver and executors, and %s, %s and %s; or compute on the CPU by device = cpu"
              .formatted(
                  missing.get(), GpuSlot.EXECUTOR_AMOUNT, GpuSlot.TASK_AMOUNT, GpuSlot.SCRIPT));
    }
    return missing;
  }

  private String notOnGpus() {
    return backend.equals(DenseBackends.AUTO)
        ? "none of the backends " + String.join(", ", DenseBackends.names()) + " computes on a GPU"
        : "the backend " + backend + " does not compute on a GPU";
  }

  private static Optional<String> wrong(Model model) {
    return model.layer().multipliesRows()
        ? Optional.empty()
        : Optional.of("the network does not begin with a dense layer, all that a GPU computes");
  }
}

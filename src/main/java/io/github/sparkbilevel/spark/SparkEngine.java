package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.spark.event.RunEvents;
import io.github.sparkbilevel.spark.event.StatusChanged;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import io.github.sparkbilevel.spark.gpu.OnGpu;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import io.github.sparkbilevel.spark.transfer.CachedRows;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs each pass as one Spark job over cached blocks, tells of it by {@link RunEvents}, and says
 * when one takes unusually long.
 *
 * <p>The pass travels as a {@link SentPass}. A generation of states is an RDD with the partitions
 * of the data, joined without a shuffle; its partial sums are made by the same tasks. A generation
 * that was made from another one remembers it as lineage, so that a lost partition is computed
 * again to the same bits; every {@code checkpointInterval} generations of such a chain the lineage
 * is cut by a reliable checkpoint, for which the Spark context needs a checkpoint folder.
 *
 * <p>A broadcast that a generation was made from is only unpersisted, never destroyed: a lost
 * partition fetches it again from the driver.
 */
public final class SparkEngine implements PassEngine {
  private static final Logger LOG = LoggerFactory.getLogger(SparkEngine.class);

  /** What Spark calls jobs and their stages; without the last two it reads the stack, each time. */
  private static final List<String> NAMES =
      List.of("spark.job.description", "callSite.short", "callSite.long");

  /** Where Spark keeps their group, by which their caller may cancel them. */
  private static final String GROUP = "spark.jobGroup.id";

  private final JavaSparkContext context;
  private final JavaRDD<PartitionData> data;
  private final int checkpointInterval;
  private final PassLedger ledger;
  private final RunEvents events;
  private final PassWatch watch;

  /** Generations that are not released yet. */
  private final Set<Stored<?>> live = new LinkedHashSet<>();

  private final LineageCuts cuts;

  /** The engines over rows that follow from these. */
  private final Map<RowView, SparkEngine> derived = new LinkedHashMap<>();

  private int generations;

  /** The share of a GPU's memory that rows may take, where passes have GPUs. */
  private OptionalDouble gpuShare = OptionalDouble.empty();

  /**
   * Sets up the engine; runs nothing.
   *
   * @param checkpointInterval generations of a chain between two checkpoints, 1 or more
   */
  public SparkEngine(JavaSparkContext context, PartitionedData data, int checkpointInterval) {
    if (checkpointInterval < 1) {
      throw new IllegalArgumentException(
          "got a checkpoint interval of " + checkpointInterval + ", expected 1 or more");
    }
    this.context = context;
    this.data = data.rdd();
    this.checkpointInterval = checkpointInterval;
    this.ledger = new PassLedger();
    this.events = RunEvents.of(context);
    this.watch = watch();
    this.cuts = new LineageCuts(context);
    events.follow(ledger);
  }

  private SparkEngine(SparkEngine of, RowView rows) {
    this.context = of.context;
    this.data =
        of.data
            .map(rows::of)
            .setName("spark-bilevel " + rows)
            .persist(StorageLevel.MEMORY_AND_DISK());
    this.checkpointInterval = of.checkpointInterval;
    this.ledger = of.ledger;
    this.events = of.events;
    this.watch = watch();
    this.cuts = new LineageCuts(context);
    this.gpuShare = of.gpuShare;
  }

  private PassWatch watch() {
    return new PassWatch(() -> StageProgress.of(context), this::waits, PassWatch.LEAST_MILLIS);
  }

  private void waits(String sentence) {
    LOG.warn(sentence);
    events.status(StatusChanged.WAITING, sentence);
  }

  /**
   * Gives every pass from now on, and every function of rows, the GPU of its task, bound to the
   * thread as its {@link io.github.sparkbilevel.backend.Accelerator}; runs one short Spark job,
   * which is not a pass. What lies on the GPUs is freed when the engine is closed.
   *
   * @param memoryShare the share of its memory that rows may take, above 0 and at most 1
   * @return this engine
   * @throws IllegalArgumentException when Spark gives tasks no GPUs, or one GPU to two executors
   */
  public SparkEngine onGpus(double memoryShare) {
    GpuSlot.requireEverywhere(context);
    gpuShare = OptionalDouble.of(memoryShare);
    return this;
  }

  private final class Stored<S extends Serializable> implements Generation<S> {
    private final JavaRDD<PassOutput<S>> outputs;
    private final Broadcast<?> broadcast;
    private final int depth;
    private final LineageCuts.Cut cut;
    private boolean released;

    /**
     * Takes its place among those that live.
     *
     * @param depth generations since the cut, or since the start of the chain
     * @param cut where the lineage ends, or null
     */
    Stored(JavaRDD<PassOutput<S>> outputs, Broadcast<?> broadcast, int depth, LineageCuts.Cut cut) {
      this.outputs = outputs;
      this.broadcast = broadcast;
      this.depth = depth;
      this.cut = cut;
      live.add(this);
      if (cut != null) {
        cut.join();
      }
    }

    @Override
    public void release() {
      if (!released) {
        released = true;
        live.remove(this);
        CachedRows.unpersist(outputs);
        if (broadcast != null) {
          broadcast.unpersist(false);
        }
        if (cut != null) {
          // Its files stay for now: what an offered checkpoint of the run refers to may need them.
          cut.leave();
        }
      }
    }
  }

  @Override
  public <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep) {
    events.passBegins();
    return described(events.description(pass.name()), () -> ran(pass, (Stored<S>) input, keep));
  }

  private <S extends Serializable, T extends Serializable> Result<T> ran(
      Pass<S, T> pass, Stored<S> stored, boolean keep) {
    long start = System.nanoTime();
    Pass<S, T> placed = gpuShare.isPresent() ? new OnGpu<>(pass, gpuShare.getAsDouble()) : pass;
    SentPass<Pass<S, T>> sent =
        keep ? SentPass.toKeep(context, placed) : SentPass.of(context, placed);
    JavaRDD<PassOutput<T>> outputs =
        new PassRdd<>(data, stored == null ? null : stored.outputs, sent).toJavaRDD();
    int depth = stored == null ? 1 : stored.depth + 1;
    LineageCuts.Cut fresh = null;
    if (keep) {
      generations++;
      outputs
          .setName("spark-bilevel " + pass.name() + " " + generations)
          .persist(StorageLevel.MEMORY_AND_DISK());
      if (depth >= checkpointInterval && context.getCheckpointDir().isPresent()) {
        fresh = cuts.cut(outputs);
      }
    }
    double[] sums;
    try {
      int number = ledger.passes() + 1;
      sums = watch.over(pass.name(), number, () -> cuts.combined(outputs, pass.combination()));
    } catch (Throwable e) {
      CachedRows.unpersist(outputs);
      throw e;
    }
    long received = pass.combination().numbersReceived(sums.length, data.getNumPartitions());
    ledger.book(pass, 8 * received, (System.nanoTime() - start) / 1e6);
    events.passEnded();
    if (!keep) {
      sent.destroy();
      return new Result<>(sums, null);
    }
    boolean isCut = fresh != null && outputs.isCheckpointed();
    LineageCuts.Cut cut = isCut ? fresh : stored == null ? null : stored.cut;
    Stored<T> made = new Stored<>(outputs, sent.broadcast(), isCut ? 0 : depth, cut);
    if (isCut) {
      cuts.deleteUnneeded();
    }
    return new Result<>(sums, made);
  }

  /** What becomes of each partition and its state: rows for the outputs. */
  public interface RowFunction<S extends Serializable, R> extends Serializable {

    /** The rows that a partition gives; {@code state} is null without a generation. */
    Iterator<R> rows(PartitionData partition, S state);
  }

  /** Rows made from the data and a generation, lazily; not a pass until an action reads them. */
  public <S extends Serializable, R> JavaRDD<R> rows(
      Generation<S> generation, RowFunction<S, R> function) {
    RowFunction<S, R> placed = placed(function);
    if (generation == null) {
      return data.flatMap(partition -> placed.rows(partition, null));
    }
    return data.zipPartitions(
        ((Stored<S>) generation).outputs,
        (partitions, states) -> placed.rows(partitions.next(), states.next().state()));
  }

  private <S extends Serializable, R> RowFunction<S, R> placed(RowFunction<S, R> function) {
    if (gpuShare.isEmpty()) {
      return function;
    }
    double share = gpuShare.getAsDouble();
    return (partition, state) -> GpuSlot.ofTask().run(share, () -> function.rows(partition, state));
  }

  /** The states of a generation with their sums, in the partitions of the data. */
  public JavaRDD<PassOutput<PartitionState>> outputs(Generation<PartitionState> generation) {
    return ((Stored<PartitionState>) generation).outputs;
  }

  /** A generation of states that no pass of this engine made. */
  public Generation<PartitionState> adopt(
      JavaRDD<PassOutput<PartitionState>> outputs, String name) {
    outputs.setName("spark-bilevel " + name).persist(StorageLevel.MEMORY_AND_DISK());
    return new Stored<>(outputs, null, 0, null);
  }

  /** The cached rows. */
  public JavaRDD<PartitionData> data() {
    return data;
  }

  /**
   * Runs a Spark job under a description of its own, in the log with the run's id, and in the group
   * of the iteration unless the caller has a group by which to cancel it.
   */
  public <T> T described(String description, Supplier<T> job) {
    Map<String, String> ours = new HashMap<>();
    NAMES.forEach(key -> ours.put(key, description));
    ours.put(RunEvents.PROPERTY, events.run());
    if (context.getLocalProperty(GROUP) == null) {
      ours.put(GROUP, "run %s: %s".formatted(events.run(), events.place()));
    }
    Map<String, String> callers = new HashMap<>();
    ours.forEach(
        (key, value) -> {
          callers.put(key, context.getLocalProperty(key));
          context.setLocalProperty(key, value);
        });
    try {
      return job.get();
    } finally {
      callers.forEach(context::setLocalProperty);
    }
  }

  /** By which listeners are told what happens in the run. */
  public RunEvents events() {
    return events;
  }

  /** The Spark context that the engine runs on. */
  public JavaSparkContext context() {
    return context;
  }

  @Override
  public SparkEngine over(RowView rows) {
    return derived.computeIfAbsent(rows, other -> new SparkEngine(this, other));
  }

  @Override
  public int partitionCount() {
    return data.getNumPartitions();
  }

  @Override
  public PassLedger ledger() {
    return ledger;
  }

  /** Frees the generations that nobody released, and deletes the checkpoints of all of them. */
  @Override
  public void close() {
    derived.values().forEach(SparkEngine::closeDerived);
    derived.clear();
    watch.close();
    List.copyOf(live).forEach(Stored::release);
    cuts.deleteAll();
    if (gpuShare.isPresent() && !context.sc().isStopped()) {
      releaseGpus();
    }
  }

  private void releaseGpus() {
    try {
      GpuSlot.release(context);
    } catch (RuntimeException e) {
      LOG.warn("what lies on the GPUs is freed when the executors end: {}", e.getMessage());
    }
  }

  private void closeDerived() {
    gpuShare = OptionalDouble.empty();
    close();
    CachedRows.unpersist(data);
  }
}

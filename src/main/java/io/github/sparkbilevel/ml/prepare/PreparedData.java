package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.bilevel.TrainingRows;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.data.Ballot;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.GroupIndex;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.data.Tasks;
import io.github.sparkbilevel.model.FrozenLayers;
import io.github.sparkbilevel.spark.rows.BlockShape;
import io.github.sparkbilevel.spark.rows.DataRow;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.rows.MemoryLimits;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import io.github.sparkbilevel.spark.rows.TrustedSplit;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SparseVector;
import scala.Tuple2;

/**
 * The rows of a run, from checked tables to cached blocks.
 *
 * @param tables the rows as read; their caches are freed, the rows can be read again from where
 *     they came
 * @param standardizer how raw features become those of the blocks
 * @param blocks the rows as blocks
 * @param shape how rows become blocks
 * @param frozen what is then made of their features, where layers of a network are frozen
 */
public record PreparedData(
    PreparedTables tables,
    Standardizer standardizer,
    PartitionedData blocks,
    BlockShape shape,
    Optional<FrozenLayers> frozen)
    implements AutoCloseable {
  private static final long PARTITION_BYTES = 16L << 20;

  /** What a sparse row is taken for: a hundred entries, before anything is known of them. */
  private static final long SPARSE_ROW_BYTES = 1200;

  private static final int MOST_PARTITIONS = 4096;

  /** Below this a second task costs more than it saves. */
  private static final long TINY_BYTES = 1L << 20;

  /** Turns rows into block rows, on executors. */
  private record Encoder(
      Labels labels,
      GroupIndex groups,
      Standardizer standardizer,
      boolean sparse,
      Map<Part, Double> meanWeights)
      implements Serializable {

    static Encoder of(PreparedTables tables, Standardizer standardizer, boolean sparse) {
      return new Encoder(
          tables.labels(), tables.groups(), standardizer, sparse, PreparedData.meanWeights(tables));
    }

    DataRow encode(Example row, Part part, int group) {
      double truth = row.truth() == null ? Double.NaN : labels.encodeOrNone(row.truth());
      int[] indices = null;
      double[] values;
      if (sparse) {
        SparseVector entries = standardizer.sparse(row.features());
        indices = entries.indices();
        values = entries.values();
      } else {
        values = standardizer.dense(row.features());
      }
      // Only the ratios of weights count: n stays their sum.
      double weight = row.weight() / meanWeights.get(part);
      return new DataRow(
          part,
          row.id(),
          labels.encode(row.label()),
          weight,
          group,
          truth,
          votes(row, part),
          part == Part.TRAIN ? row.probabilities() : new float[0],
          indices,
          values);
    }

    /** A vote of a class that neither training nor trusted rows have says nothing. */
    private int[] votes(Example row, Part part) {
      if (row.votes() == null || part == Part.TEST) {
        return new int[0];
      }
      IntStream.Builder votes = IntStream.builder();
      Ballot.read(
          row.votes(),
          (annotator, vote) -> {
            double k = labels.encodeOrNone(vote);
            if (k >= 0) {
              votes.add(annotator * labels.size() + (int) k);
            }
          });
      return votes.build().toArray();
    }
  }

  /**
   * Standardises and partitions; frees the caches of the tables, also when it fails.
   *
   * @param tables checked rows
   */
  public static PreparedData of(PreparedTables tables, Preparation how) {
    return of(tables, how, Optional.empty());
  }

  /**
   * The same for a lower level, whose frozen layers are evaluated on the way into the blocks.
   *
   * @param layers those of a network
   * @throws IllegalArgumentException where layers cannot be frozen
   */
  public static PreparedData of(
      PreparedTables tables, Preparation how, Optional<LowerLevel.Layered> layers) {
    try (tables) {
      Optional<FrozenLayers> frozen = layers.flatMap(network -> network.frozen(tables));
      Table train = tables.train();
      Standardizer measured = Standardizer.of(train, how.standardize(), how.clip());
      Standardizer standardizer =
          how.centering() == Preparation.Centering.SCALED_ONLY ? measured.uncentered() : measured;
      boolean sparse = train.sparse() && frozen.isEmpty();
      BlockLayout layout = sparse ? BlockLayout.SPARSE_ROWS : how.layout();
      BlockShape shape =
          new BlockShape(
              train.columns(),
              layout,
              sparse ? standardizer.shift() : null,
              how.blockBytes(),
              train.featureNames());
      Encoder encoder = Encoder.of(tables, standardizer, sparse);
      int partitions = partitions(how, train);
      requireFit(tables, how, partitions);
      JavaRDD<DataRow> rows = rows(tables, encoder, how);
      PartitionedData blocks =
          Tasks.run(
              train.origin(),
              () ->
                  PartitionedData.build(
                      rows, shape, partitions, how.cut().folds(), made(train, frozen)));
      return new PreparedData(tables, standardizer, blocks, shape, frozen);
    }
  }

  /** What is made of blocks. */
  private static Function<PartitionData, PartitionData> made(
      Table train, Optional<FrozenLayers> frozen) {
    if (frozen.isEmpty()) {
      return blocks -> blocks;
    }
    // As long as the blocks, which may be built again; the cleaner of the context frees it.
    Broadcast<FrozenLayers> layers =
        JavaSparkContext.fromSparkContext(train.session().sparkContext()).broadcast(frozen.get());
    return blocks -> layers.value().of(blocks);
  }

  /**
   * The test rows of other classes than the target of the backdoor, with its trigger and the target
   * as their label, and no other rows: the accuracy there is the share of them that the attack
   * turns. Reads the test rows again, and caches blocks that the caller frees.
   *
   * @return empty where no backdoor was put in, or no test row can be attacked
   */
  public Optional<PartitionedData> attacked() {
    if (tables.trigger() == null || tables.test() == null) {
      return Optional.empty();
    }
    Table attack = tables.trigger().attack(tables.test());
    if (attack.rowCount() == 0) {
      return Optional.empty();
    }
    Encoder encoder = Encoder.of(tables, standardizer, sparse());
    return Optional.of(
        PartitionedData.build(
            attack.examples().map(row -> encoder.encode(row, Part.TEST, 0)),
            shape,
            blocks.rdd().getNumPartitions(),
            null,
            made(attack, frozen)));
  }

  /** How features lie in the blocks. */
  public BlockLayout layout() {
    return shape.layout();
  }

  /**
   * Refuses dense rows and partitions that no executor can build; of sparse ones too little is
   * known.
   */
  private static void requireFit(PreparedTables tables, Preparation how, int partitions) {
    Table train = tables.train();
    if (train.sparse()) {
      return;
    }
    long rows = train.rowCount();
    rows += tables.validation() == null ? 0 : tables.validation().rowCount();
    rows += tables.test() == null ? 0 : tables.test().rowCount();
    MemoryLimits.of(JavaSparkContext.fromSparkContext(train.session().sparkContext()))
        .requirePartitionsFit(
            rows, (long) how.layout().bytes() * train.columns(), partitions, "data.partitions");
  }

  private static Map<Part, Double> meanWeights(PreparedTables tables) {
    Map<Part, Double> means = new EnumMap<>(Part.class);
    means.put(Part.TRAIN, tables.train().stats().meanWeight());
    if (tables.validation() != null) {
      double mean = tables.validation().stats().meanWeight();
      means.put(Part.UPPER, mean);
      means.put(Part.HELD_OUT, mean);
    }
    if (tables.test() != null) {
      means.put(Part.TEST, tables.test().stats().meanWeight());
    }
    return means;
  }

  private static JavaRDD<DataRow> rows(PreparedTables tables, Encoder encoder, Preparation how) {
    // Real labels have no classes to spread over the folds: all count as one.
    Labels labels = tables.labels();
    boolean classes = labels.size() > 0;
    JavaRDD<DataRow> rows =
        tables
            .train()
            .examples()
            .map(row -> encoder.encode(row, Part.TRAIN, encoder.groups().index(row.group())));
    if (tables.validation() != null) {
      TrustedSplit cut =
          TrustedSplit.of(
              tables
                  .validation()
                  .examples()
                  .mapToPair(
                      row -> new Tuple2<>(row.id(), classes ? labels.encode(row.label()) : 0)),
              tables.validation().rowCount(),
              how.cut().heldOut(),
              how.cut().trustedFolds(),
              how.seed());
      rows = rows.union(tables.validation().examples().map(row -> trusted(encoder, cut, row)));
    }
    if (tables.test() != null) {
      rows = rows.union(tables.test().examples().map(row -> encoder.encode(row, Part.TEST, 0)));
    }
    return rows;
  }

  private static DataRow trusted(Encoder encoder, TrustedSplit cut, Example row) {
    int place = cut.placeOf(row.id());
    return place == TrustedSplit.HELD_OUT
        ? encoder.encode(row, Part.HELD_OUT, 0)
        : encoder.encode(row, Part.UPPER, place);
  }

  /**
   * About 16 MiB of features in each partition and an even number of them unless they are tiny,
   * whatever the cores: sums are added by partition, so the same blocks give the same bits on a
   * laptop and on a cluster.
   */
  private static int partitions(Preparation how, Table train) {
    if (how.partitions() > 0) {
      return how.partitions();
    }
    return partitionsOf(
        train.sparse()
            ? SPARSE_ROW_BYTES * train.rowCount()
            : 4L * train.rowCount() * train.columns());
  }

  /** The partitions of so many bytes of features. */
  public static int partitionsOf(long bytes) {
    if (bytes <= TINY_BYTES) {
      return 1;
    }
    long pairs = Math.min(MOST_PARTITIONS / 2, (bytes - 1) / (2 * PARTITION_BYTES) + 1);
    return 2 * Math.toIntExact(pairs);
  }

  /** Whether the blocks are sparse. */
  public boolean sparse() {
    return layout() == BlockLayout.SPARSE_ROWS;
  }

  /** What the cost of a pass depends on. */
  public TrainingRows trainingRows() {
    return new TrainingRows(
        blocks.rows().get(Part.TRAIN), blocks.rdd().getNumPartitions(), layout());
  }

  /** What the user should know of how the rows were prepared. */
  public List<Notice> notices() {
    return standardizer.notices(tables.train());
  }

  @Override
  public void close() {
    blocks.close();
    tables.close();
  }
}

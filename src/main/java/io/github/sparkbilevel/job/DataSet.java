package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.config.DataConfig;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.data.Corruption;
import io.github.sparkbilevel.job.data.Example;
import io.github.sparkbilevel.job.data.FeatureGroups;
import io.github.sparkbilevel.job.data.GroupIndex;
import io.github.sparkbilevel.job.data.Labels;
import io.github.sparkbilevel.job.data.PreparedTables;
import io.github.sparkbilevel.job.data.SplitSpec;
import io.github.sparkbilevel.job.data.Standardizer;
import io.github.sparkbilevel.job.data.Table;
import io.github.sparkbilevel.job.data.TableComparison;
import io.github.sparkbilevel.job.data.TableSpec;
import io.github.sparkbilevel.spark.BlockShape;
import io.github.sparkbilevel.spark.DataRow;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.PartitionedData;
import io.github.sparkbilevel.spark.TrustedSplit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * The rows of a job, from the job file to cached blocks.
 *
 * @param tables the rows as read; their caches are freed, the rows can be read again from the files
 * @param standardizer how raw features become those of the blocks
 * @param blocks the rows as blocks
 * @param sparse whether the blocks are sparse
 * @param featureGroups the groups of the features, or null where the job names none
 * @param warnings what the person who started the job should know of the rows
 */
record DataSet(
    PreparedTables tables,
    Standardizer standardizer,
    PartitionedData blocks,
    boolean sparse,
    FeatureGroups featureGroups,
    List<String> warnings)
    implements AutoCloseable {
  private static final long PARTITION_BYTES = 16L << 20;

  /** What a sparse row is taken for: a hundred entries, before anything is known of them. */
  private static final long SPARSE_ROW_BYTES = 1200;

  private static final int MOST_PARTITIONS = 4096;

  /** Below this a second task costs more than it saves. */
  private static final long TINY_BYTES = 1L << 20;

  /** Turns rows into block rows, on executors. */
  private record Encoder(
      Labels labels, GroupIndex groups, Standardizer standardizer, boolean sparse)
      implements Serializable {

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
      return new DataRow(
          part, row.id(), labels.encode(row.label()), row.weight(), group, truth, indices, values);
    }
  }

  /**
   * Reads, checks, standardises and partitions.
   *
   * @param heldOut share of the trusted rows to hold out
   * @param folds folds of the other trusted rows
   * @param single whether dense blocks hold float32
   */
  static DataSet load(
      SparkSession spark, JobConfig config, double heldOut, int folds, boolean single) {
    try {
      return build(spark, config, heldOut, folds, single);
    } catch (IllegalArgumentException contradiction) {
      // The readers find what keys contradict each other only when they see the data.
      throw new ConfigException(contradiction.getMessage(), contradiction);
    }
  }

  private static DataSet build(
      SparkSession spark, JobConfig config, double heldOut, int folds, boolean single) {
    DataConfig data = config.data();
    DataConfig.Corruption corrupt = data.corrupt();
    PreparedTables tables =
        PreparedTables.load(
            spark,
            new PreparedTables.Request(
                table(data.train()),
                split(data.validation()),
                data.test().map(DataSet::split).orElse(null),
                new Corruption(
                    Corruption.Kind.of(corrupt.kind()), corrupt.fraction(), corrupt.seed()),
                config.seed(),
                !config.model().family().equals(Keys.LINEAR)));
    try {
      if (config.model().family().equals("logistic")) {
        tables.classes().requireTwo(tables.train().origin());
      }
      Table train = tables.train();
      FeatureGroups groups = featureGroups(spark, config, train);
      List<String> warnings = new ArrayList<>(tables.warnings());
      if (config.job().equals(Keys.TUNE)) {
        warnings.addAll(TableComparison.warnings(train, tables.validation()));
      }
      Standardizer standardizer = Standardizer.of(train, data.standardize(), boxed(data.clip()));
      boolean sparse = train.sparse();
      BlockShape shape =
          new BlockShape(
              train.columns(),
              sparse,
              single,
              sparse ? standardizer.shift() : null,
              data.blockBytes());
      JavaRDD<DataRow> rows =
          rows(
              spark,
              tables,
              new Encoder(tables.labels(), tables.groups(), standardizer, sparse),
              heldOut,
              folds,
              config.seed());
      PartitionedData blocks = PartitionedData.build(rows, shape, partitions(data, train));
      return new DataSet(
          tables, standardizer, blocks, sparse, groups, Collections.unmodifiableList(warnings));
    } finally {
      tables.close();
    }
  }

  private static FeatureGroups featureGroups(SparkSession spark, JobConfig config, Table train) {
    boolean grouped = config.upper().variables().contains(Keys.L2_PER_GROUP);
    return grouped
        ? FeatureGroups.read(
            spark.sparkContext().hadoopConfiguration(),
            config.upper().groups().orElseThrow(),
            train.featureNames())
        : null;
  }

  private static JavaRDD<DataRow> rows(
      SparkSession spark,
      PreparedTables tables,
      Encoder encoder,
      double heldOut,
      int folds,
      long seed) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<Encoder> shared = context.broadcast(encoder);
    // Real labels have no classes to spread over the folds: all count as one.
    Labels labels = tables.labels();
    boolean classes = labels.size() > 0;
    TrustedSplit cut =
        TrustedSplit.of(
            tables
                .validation()
                .examples()
                .mapToPair(row -> new Tuple2<>(row.id(), classes ? labels.encode(row.label()) : 0)),
            tables.validation().rowCount(),
            heldOut,
            folds,
            seed);
    JavaRDD<DataRow> rows =
        tables
            .train()
            .examples()
            .map(
                row ->
                    shared
                        .value()
                        .encode(row, Part.TRAIN, shared.value().groups().index(row.group())));
    rows = rows.union(tables.validation().examples().map(row -> trusted(shared.value(), cut, row)));
    if (tables.test() != null) {
      rows =
          rows.union(tables.test().examples().map(row -> shared.value().encode(row, Part.TEST, 0)));
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
  private static int partitions(DataConfig data, Table train) {
    if (data.partitions().isPresent()) {
      return data.partitions().getAsInt();
    }
    long bytes =
        train.sparse()
            ? SPARSE_ROW_BYTES * train.rowCount()
            : 4L * train.rowCount() * train.columns();
    if (bytes <= TINY_BYTES) {
      return 1;
    }
    long pairs = Math.min(MOST_PARTITIONS / 2, (bytes - 1) / (2 * PARTITION_BYTES) + 1);
    return 2 * Math.toIntExact(pairs);
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static SplitSpec split(Rows rows) {
    if (rows instanceof Source source) {
      return SplitSpec.table(withoutInherited(table(source), source));
    }
    Draw draw = (Draw) rows;
    return draw.rows().isPresent()
        ? SplitSpec.rows(draw.rows().getAsLong())
        : SplitSpec.fraction(draw.fraction().orElseThrow());
  }

  /** Trusted and test rows need no truth, group or weight: columns named for training rows only. */
  private static TableSpec withoutInherited(TableSpec spec, Source source) {
    TableSpec own = spec;
    own = source.inherited().contains("truth") ? own.withTruth(null) : own;
    own = source.inherited().contains("group") ? own.withGroup(null) : own;
    return source.inherited().contains("weight") ? own.withWeight(null) : own;
  }

  private static TableSpec table(Source source) {
    return new TableSpec(
        source.path(),
        source.format(),
        source.labels().orElse(null),
        source.label(),
        source.id().orElse(null),
        source.features().orElse(null),
        source.truth().orElse(null),
        source.group().orElse(null),
        source.weight().orElse(null),
        source.limit().isPresent() ? source.limit().getAsLong() : null);
  }

  @Override
  public void close() {
    blocks.close();
    tables.close();
  }
}

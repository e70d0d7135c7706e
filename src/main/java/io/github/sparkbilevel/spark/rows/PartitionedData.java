package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.transfer.CachedRows;
import io.github.sparkbilevel.spark.transfer.EachPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.math.Ordering$;
import scala.reflect.ClassTag;

/**
 * The rows of all parts as cached blocks, one {@link PartitionData} for each partition.
 *
 * <p>Rows go to partitions by a hash of their id and are sorted by id within: the partition that is
 * lost and built again is the same partition, and the order of the input does not matter.
 *
 * @param rdd cached, named, materialised
 * @param rows rows of each part
 */
public record PartitionedData(JavaRDD<PartitionData> rdd, Map<Part, Long> rows)
    implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionedData.class);

  /** Below this no pass waits long for a partition. */
  private static final long SKEWED_BYTES = 64L << 20;

  /** Times the mean that a partition has to exceed. */
  private static final double SKEW = 4;

  private static final class ById extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int count;

    ById(int count) {
      this.count = count;
    }

    @Override
    public int numPartitions() {
      return count;
    }

    @Override
    public int getPartition(Object key) {
      return partitionOf((Long) key, count);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ById that && that.count == count;
    }

    @Override
    public int hashCode() {
      return count;
    }
  }

  /** The partition that a row goes to. */
  static int partitionOf(long id, int partitions) {
    return RowDraw.fold(0, 0, id, partitions);
  }

  /**
   * Shuffles the rows once, builds and caches the blocks; runs one Spark job.
   *
   * @param rows rows of all parts; ids are unique within a part
   * @param partitions P
   */
  public static PartitionedData build(JavaRDD<DataRow> rows, BlockShape shape, int partitions) {
    return build(rows, shape, partitions, null, blocks -> blocks);
  }

  /**
   * The same with blocks of training and trusted rows that have rows of one fold each.
   *
   * @param folds what keeps rows apart, or null
   * @param made what is made of the blocks before they are cached
   */
  public static PartitionedData build(
      JavaRDD<DataRow> rows,
      BlockShape shape,
      int partitions,
      Folds folds,
      Function<PartitionData, PartitionData> made) {
    if (partitions < 1) {
      throw new IllegalArgumentException("got " + partitions + " partitions, expected 1 or more");
    }
    // The hash of a whole number is the number.
    JavaPairRDD<Integer, RowPacket> packets =
        rows.mapPartitionsToPair(in -> new PacketIterator(in, shape, partitions));
    JavaRDD<PartitionData> blocks =
        shuffled(packets, new HashPartitioner(partitions))
            .mapPartitions(in -> List.of(made.call(pack(in, shape, folds))).iterator(), true)
            .setName("spark-bilevel blocks")
            .persist(StorageLevel.MEMORY_AND_DISK());
    List<long[]> all;
    try {
      all = EachPartition.collect(blocks.rdd(), data -> count(data.next()));
      warnOfSkew(all);
      warnOfDisk(blocks);
    } catch (Throwable e) {
      CachedRows.unpersist(blocks);
      throw e;
    }
    EnumMap<Part, Long> counts = new EnumMap<>(Part.class);
    for (long[] counted : all) {
      int at = 0;
      for (Part part : Part.values()) {
        counts.merge(part, counted[at++], Long::sum);
      }
    }
    return new PartitionedData(blocks, Map.copyOf(counts));
  }

  /**
   * The slowest partition makes a pass wait: rows are spread evenly, but sparse rows may not be.
   */
  private static void warnOfSkew(List<long[]> counts) {
    long total = 0;
    long most = 0;
    int where = 0;
    for (int i = 0; i < counts.size(); i++) {
      long bytes = counts.get(i)[Part.values().length];
      total += bytes;
      if (bytes > most) {
        most = bytes;
        where = i;
      }
    }
    double mean = (double) total / counts.size();
    if (most > SKEWED_BYTES && most > SKEW * mean) {
      LOG.warn(
          "partition {} of {} holds {} of features, {} times the mean: every pass waits for it; a"
              + " few rows must be far longer than the others",
          where,
          counts.size(),
          MemoryLimits.size(most),
          Math.round(most / mean));
    }
  }

  private static void warnOfDisk(JavaRDD<PartitionData> blocks) {
    for (RDDInfo info : blocks.context().getRDDStorageInfo()) {
      if (info.id() == blocks.id() && info.diskSize() > 0) {
        LOG.warn(
            "{} of the rows did not fit in memory beside {} that did: they are read from disk in"
                + " every pass; raise --executor-memory or add executors (with a local master,"
                + " --driver-memory)",
            MemoryLimits.size(info.diskSize()),
            MemoryLimits.size(info.memSize()));
      }
    }
  }

  private static PartitionData pack(
      Iterator<Tuple2<Integer, RowPacket>> packets, BlockShape shape, Folds folds) {
    EnumMap<Part, List<BlockBuilder.Place>> rows = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      rows.put(part, new ArrayList<>());
    }
    while (packets.hasNext()) {
      RowPacket packet = packets.next()._2();
      for (int i = 0; i < packet.rows(); i++) {
        rows.get(packet.part(i)).add(new BlockBuilder.Place(packet, i));
      }
    }
    rows.values().forEach(part -> part.sort(Comparator.comparingLong(BlockBuilder.Place::id)));
    return new PartitionData(
        blocks(rows.get(Part.TRAIN), shape, folds),
        blocks(rows.get(Part.UPPER), shape, folds),
        BlockBuilder.of(rows.get(Part.HELD_OUT), shape),
        BlockBuilder.of(rows.get(Part.TEST), shape));
  }

  private static Block[] blocks(List<BlockBuilder.Place> rows, BlockShape shape, Folds folds) {
    if (folds == null) {
      return BlockBuilder.of(rows, shape);
    }
    TreeMap<Integer, List<BlockBuilder.Place>> byFold = new TreeMap<>();
    for (BlockBuilder.Place row : rows) {
      int fold = folds.of(row.id(), row.packet().group(row.row()));
      byFold.computeIfAbsent(fold, unused -> new ArrayList<>()).add(row);
    }
    return byFold.values().stream()
        .flatMap(fold -> Stream.of(BlockBuilder.of(fold, shape)))
        .toArray(Block[]::new);
  }

  private static long[] count(PartitionData data) {
    return new long[] {
      count(data.train()),
      count(data.upper()),
      count(data.heldOut()),
      count(data.test()),
      bytes(data.train()) + bytes(data.upper()) + bytes(data.heldOut()) + bytes(data.test())
    };
  }

  private static long bytes(Block[] blocks) {
    long bytes = 0;
    for (Block block : blocks) {
      bytes += block.features().bytes();
    }
    return bytes;
  }

  private static long count(Block[] blocks) {
    long rows = 0;
    for (Block block : blocks) {
      rows += block.rows();
    }
    return rows;
  }

  /**
   * Rows by their ids, brought to where the blocks hold the rows of these ids, in rising order of
   * the ids within each partition: one shuffle whenever it is read.
   *
   * @param rows of a class that Kryo can write, which a record is not
   */
  public <R> JavaPairRDD<Long, R> beside(JavaPairRDD<Long, R> rows) {
    ShuffledRDD<Long, R, R> shuffled = shuffle(rows, new ById(rdd.getNumPartitions()));
    return JavaPairRDD.fromRDD(
        shuffled.setKeyOrdering(
            Ordering$.MODULE$.comparatorToOrdering(Comparator.<Long>naturalOrder())),
        rows.kClassTag(),
        rows.vClassTag());
  }

  /** Pairs brought to their partitions, in no order. */
  private static <K, V> JavaPairRDD<K, V> shuffled(JavaPairRDD<K, V> pairs, Partitioner to) {
    return JavaPairRDD.fromRDD(shuffle(pairs, to), pairs.kClassTag(), pairs.vClassTag());
  }

  /** Kryo writes the pairs, in as long a buffer as a pair may need. */
  private static <K, V> ShuffledRDD<K, V, V> shuffle(JavaPairRDD<K, V> pairs, Partitioner to) {
    SparkConf conf =
        pairs
            .context()
            .getConf()
            .set("spark.kryo.registrationRequired", "false")
            .set("spark.kryo.referenceTracking", "false")
            .set("spark.kryoserializer.buffer.max", "2047m");
    ClassTag<V> values = pairs.vClassTag();
    return new ShuffledRDD<>(pairs.rdd(), to, pairs.kClassTag(), values, values)
        .setSerializer(new KryoSerializer(conf));
  }

  @Override
  public void close() {
    CachedRows.unpersist(rdd);
  }
}

package io.github.sparkbilevel.spark.checkpoint;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.snapshot.StateCodec;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Contents;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.FileSum;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SerializableWritable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/**
 * States beside the rows as files, written and read by the executors that hold them: one for each
 * generation and partition. Nothing of them comes to the driver but lengths and checksums.
 */
final class RowFiles {
  private final SparkEngine engine;
  private Broadcast<SerializableWritable<Configuration>> conf;

  RowFiles(SparkEngine engine) {
    this.engine = engine;
  }

  private record Sum(int partition, long length, long checksum) implements Serializable {}

  private Broadcast<SerializableWritable<Configuration>> conf() {
    if (conf == null) {
      conf =
          engine
              .context()
              .broadcast(new SerializableWritable<>(engine.context().hadoopConfiguration()));
    }
    return conf;
  }

  private static String name(int generation, int partition) {
    return "rows-%d.%05d".formatted(generation, partition);
  }

  /** Writes a generation; gives its files in the order of their partitions. */
  List<FileSum> write(Path folder, int generation, Snapshot.Rows rows, int iteration) {
    Broadcast<SerializableWritable<Configuration>> shared = conf();
    String target = folder.toString();
    Snapshot.Part part = rows.part();
    JavaRDD<Sum> sums =
        engine
            .outputs(rows.generation())
            .mapPartitionsWithIndex(
                (partition, it) ->
                    List.of(
                            write(
                                shared.value().value(),
                                target,
                                name(generation, partition),
                                partition,
                                it.next().state(),
                                part))
                        .iterator(),
                true);
    List<Sum> all =
        engine.described("checkpoint of iteration %d".formatted(iteration), sums::collect);
    List<FileSum> files = new ArrayList<>();
    for (Sum sum : all) {
      files.add(new FileSum(name(generation, sum.partition()), sum.length(), sum.checksum()));
    }
    return files;
  }

  /** Two attempts at a task write the same bytes; whichever comes first gives them their name. */
  private static Sum write(
      Configuration conf,
      String folder,
      String name,
      int partition,
      PartitionState state,
      Snapshot.Part part)
      throws IOException {
    Path target = new Path(folder, name);
    FileSystem fs = CheckedFiles.fileSystem(target, conf);
    Path own = new Path(folder, name + "." + UUID.randomUUID());
    FileSum sum = CheckedFiles.write(fs, own, out -> StateCodec.write(state, part, out));
    if (!fs.rename(own, target)) {
      if (!fs.exists(target)) {
        throw new IOException("could not rename " + own + " to " + target);
      }
      fs.delete(own, false);
    }
    return new Sum(partition, sum.length(), sum.checksum());
  }

  /**
   * Puts the generations of a checkpoint into the snapshot of its driver, once every file was found
   * whole.
   *
   * @throws TornException naming a file that is not
   */
  void read(Path folder, Contents contents, Snapshot snapshot) throws IOException {
    Map<String, FileSum> byName = new HashMap<>();
    contents.files().forEach(file -> byName.put(file.name(), file));
    for (int generation = 0; generation < contents.generations().size(); generation++) {
      List<FileSum> files = new ArrayList<>();
      for (int partition = 0; partition < engine.partitionCount(); partition++) {
        FileSum file = byName.get(name(generation, partition));
        if (file == null) {
          throw new TornException("the manifest has no " + name(generation, partition));
        }
        files.add(file);
      }
      JavaRDD<PassOutput<PartitionState>> outputs = outputs(folder, files);
      for (String problem : problems(folder, files)) {
        if (!problem.isEmpty()) {
          throw new TornException(problem);
        }
      }
      snapshot.putRows(
          contents.generations().get(generation).name(),
          engine.adopt(outputs, "checkpoint " + generation),
          contents.generations().get(generation).part());
    }
  }

  /** What is wrong with the file of each partition, found where its rows are. */
  private List<String> problems(Path folder, List<FileSum> files) {
    Broadcast<SerializableWritable<Configuration>> shared = conf();
    String from = folder.toString();
    Broadcast<List<FileSum>> all = engine.context().broadcast(files);
    JavaRDD<String> problems =
        engine
            .data()
            .mapPartitionsWithIndex(
                (partition, it) ->
                    List.of(
                            problem(
                                shared.value().value(),
                                from,
                                all.value().get(partition),
                                it.next()))
                        .iterator(),
                true);
    return engine.described("reading a checkpoint", problems::collect);
  }

  private static String problem(Configuration conf, String folder, FileSum file, PartitionData data)
      throws IOException {
    try {
      state(conf, folder, file, data);
      return "";
    } catch (TornException e) {
      return e.getMessage();
    }
  }

  private JavaRDD<PassOutput<PartitionState>> outputs(Path folder, List<FileSum> files) {
    Broadcast<SerializableWritable<Configuration>> shared = conf();
    String from = folder.toString();
    Broadcast<List<FileSum>> all = engine.context().broadcast(files);
    return engine
        .data()
        .mapPartitionsWithIndex(
            (partition, it) ->
                output(shared.value().value(), from, all.value().get(partition), it.next()),
            true);
  }

  private static Iterator<PassOutput<PartitionState>> output(
      Configuration conf, String folder, FileSum file, PartitionData data) throws IOException {
    PartitionState state = state(conf, folder, file, data);
    return List.of(new PassOutput<>(state, new double[0])).iterator();
  }

  private static PartitionState state(
      Configuration conf, String folder, FileSum file, PartitionData data) throws IOException {
    Path path = new Path(folder);
    FileSystem fs = CheckedFiles.fileSystem(path, conf);
    byte[] bytes = CheckedFiles.read(fs, path, file);
    PartitionState state;
    try {
      state = StateCodec.read(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new TornException(file.name() + " cannot be read: " + e.getMessage());
    }
    if (state.fingerprint() != data.fingerprint()) {
      throw new TornException(file.name() + " belongs to other rows");
    }
    return state;
  }
}

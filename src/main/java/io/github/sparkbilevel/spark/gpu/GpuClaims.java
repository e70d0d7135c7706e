package io.github.sparkbilevel.spark.gpu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;

/**
 * Which executor of this machine has which GPU, by locks on files: the operating system releases
 * them when an executor ends, however it ends.
 *
 * <p>A claim holds for one application; what others do with the same GPU is theirs to settle.
 */
final class GpuClaims {
  /** The lock of each GPU that this process has. */
  private static final Map<String, FileLock> HELD = new ConcurrentHashMap<>();

  private GpuClaims() {}

  /**
   * Claims a GPU for the executor of this process, until it ends.
   *
   * @return who has it already; empty when this process has it now
   */
  static Optional<String> claim(String address) {
    if (HELD.containsKey(address)) {
      return Optional.empty();
    }
    synchronized (HELD) {
      return HELD.containsKey(address)
          ? Optional.empty()
          : claim(address, file(SparkEnv.get().conf().getAppId(), address), GpuSlot.place());
    }
  }

  private static Optional<String> claim(String address, Path file, String place) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        String holder = Files.readString(file).strip();
        return Optional.of(holder.isEmpty() ? "another executor" : holder);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(place.getBytes(StandardCharsets.UTF_8)));
      HELD.put(address, lock);
      file.toFile().deleteOnExit();
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot claim GPU %s by the file %s: %s; expected a folder that executors may write to"
              .formatted(address, file, e.getMessage()),
          e);
    }
  }

  /**
   * In the temporary folder, which executors of a standalone cluster share. YARN and Kubernetes
   * give each of theirs a folder of its own, and see to it themselves that a GPU has one owner.
   */
  private static Path file(String application, String address) {
    String name = "spark-bilevel-%s-gpu-%s".formatted(application, address);
    return Path.of(System.getProperty("java.io.tmpdir"), name.replaceAll("[^A-Za-z0-9._-]", "_"));
  }
}

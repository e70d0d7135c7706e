package io.github.sparkbilevel;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the scheme {@code full}, on a disk that has room for so many bytes:
 * what is written beyond them fails, as a write to a full disk does. Set {@link #SETTING} to {@link
 * #CLASS} for Spark to know it.
 */
public final class FullDisk extends LocalFiles.Raw {
  /** The Spark setting that makes the scheme known. */
  public static final String SETTING = "spark.hadoop.fs.full.impl";

  /** Its value. */
  public static final String CLASS = FullDisk.class.getName();

  private static final AtomicLong LEFT = new AtomicLong(Long.MAX_VALUE);
  private static final AtomicLong REFUSED = new AtomicLong();
  private static volatile boolean asError;

  /** How the disk tells that it is full. */
  public enum Kind {
    /** As distributed file systems do. */
    EXCEPTION,
    /** As Hadoop's local file system does. */
    ERROR
  }

  /** Called by Hadoop. */
  public FullDisk() {}

  /** From now on there is room for so many bytes more. */
  public static void leave(long bytes, Kind kind) {
    asError = kind == Kind.ERROR;
    REFUSED.set(0);
    LEFT.set(bytes);
  }

  /** Room for whatever comes. */
  public static void empty() {
    leave(Long.MAX_VALUE, Kind.EXCEPTION);
  }

  /** How many writes were refused since the last call of {@link #leave}. */
  public static long refused() {
    return REFUSED.get();
  }

  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public String getScheme() {
    return "full";
  }

  private static void take(int bytes) throws IOException {
    if (LEFT.addAndGet(-bytes) < 0) {
      LEFT.addAndGet(bytes);
      REFUSED.incrementAndGet();
      IOException full = new IOException("No space left on device");
      if (asError) {
        throw error(full);
      }
      throw full;
    }
  }

  private static FSError error(IOException cause) {
    try {
      Constructor<FSError> constructor = FSError.class.getDeclaredConstructor(Throwable.class);
      constructor.setAccessible(true);
      return constructor.newInstance(cause);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Hadoop's FSError is another one", e);
    }
  }

  private static final class Limited extends FilterOutputStream {
    Limited(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      take(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      take(length);
      out.write(bytes, from, length);
    }
  }

  private static FSDataOutputStream limited(FSDataOutputStream out) throws IOException {
    return new FSDataOutputStream(new Limited(out), null);
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return limited(super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return limited(
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path file,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return limited(
        super.createNonRecursive(
            file, permission, flags, bufferSize, replication, blockSize, progress));
  }
}

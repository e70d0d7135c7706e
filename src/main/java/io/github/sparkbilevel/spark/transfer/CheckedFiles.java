package io.github.sparkbilevel.spark.transfer;

import java.io.BufferedOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Files that are read as they were written or not at all, by their length and checksum. */
public final class CheckedFiles {
  /** How many causes of an exception are followed: a chain of causes may be a cycle. */
  public static final int MOST_CAUSES = 100;

  /** What one array can hold when the file is read. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final int BUFFER = 1 << 16;

  private CheckedFiles() {}

  /** A file, its length and its checksum. */
  public record FileSum(String name, long length, long checksum) implements Serializable {}

  /** What a file is to hold. */
  public interface Content {
    public void write(DataOutput out) throws IOException;
  }

  /** Raised for a file that is missing, shorter or longer than it was, or has other bytes. */
  public static final class TornException extends IOException {
    private static final long serialVersionUID = 1L;

    public TornException(String message) {
      super(message);
    }
  }

  /** The file system of a path; the local one without checksum files beside every file. */
  public static FileSystem fileSystem(Path path, Configuration conf) throws IOException {
    try {
      FileSystem fs = path.getFileSystem(conf);
      return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
    } catch (RuntimeException e) {
      // An unknown host, or a file system whose classes are missing.
      throw new IOException(reason(e), e);
    }
  }

  /** Writes a file, over one of that name. */
  public static FileSum write(FileSystem fs, Path file, Content content) throws IOException {
    CRC32C sum = new CRC32C();
    long length;
    try (FSDataOutputStream raw = fs.create(file, true)) {
      OutputStream buffered = new BufferedOutputStream(raw, BUFFER);
      DataOutputStream out = new DataOutputStream(new CheckedOutputStream(buffered, sum));
      content.write(out);
      out.flush();
      length = raw.getPos();
    } catch (FSError e) {
      // The local file system reports a failed write by this error.
      throw new IOException(reason(e), e);
    }
    if (length > MOST_BYTES) {
      throw new IOException(
          "%s takes %,d MiB, expected at most %,d"
              .formatted(file.getName(), length >> 20, MOST_BYTES >> 20));
    }
    return new FileSum(file.getName(), length, sum.getValue());
  }

  /**
   * Creates a file; false if there is something of that name. Of several processes that create the
   * same file one succeeds.
   *
   * <p>Hadoop's local file system checks first and creates later, so Java creates local files.
   */
  public static boolean create(FileSystem fs, Path file, byte[] bytes) throws IOException {
    OutputStream out;
    try {
      out =
          fs instanceof RawLocalFileSystem local
              ? Files.newOutputStream(
                  local.pathToFile(file).toPath(), StandardOpenOption.CREATE_NEW)
              : fs.create(file, false);
    } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
      return false;
    }
    try {
      try (out) {
        out.write(bytes);
      }
      return true;
    } catch (IOException e) {
      try {
        if (settle(fs, file, bytes)) {
          return true;
        }
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** After a failed write: whether the file is whole all the same; removes the beginning of one. */
  private static boolean settle(FileSystem fs, Path file, byte[] bytes) throws IOException {
    byte[] found = read(fs, file);
    if (found.length < bytes.length && Arrays.equals(found, Arrays.copyOf(bytes, found.length))) {
      fs.delete(file, false);
    }
    return Arrays.equals(found, bytes);
  }

  /**
   * Reads a file whose length and checksum are known.
   *
   * @throws TornException if the file has others
   */
  public static byte[] read(FileSystem fs, Path folder, FileSum expected) throws IOException {
    byte[] bytes = read(fs, new Path(folder, expected.name()));
    if (bytes.length != expected.length()) {
      throw new TornException(
          "%s has %,d bytes, expected %,d"
              .formatted(expected.name(), bytes.length, expected.length()));
    }
    if (checksum(bytes) != expected.checksum()) {
      throw new TornException("the checksum of " + expected.name() + " is wrong");
    }
    return bytes;
  }

  /**
   * Reads a file.
   *
   * @throws TornException if there is no such file
   */
  public static byte[] read(FileSystem fs, Path file) throws IOException {
    String name = file.getName();
    try {
      FileStatus status = fs.getFileStatus(file);
      if (!status.isFile() || status.getLen() > MOST_BYTES) {
        throw new TornException(name + " is not a file that was written");
      }
      byte[] bytes = new byte[(int) status.getLen()];
      try (FSDataInputStream in = fs.open(file)) {
        in.readFully(0, bytes);
      }
      return bytes;
    } catch (FileNotFoundException e) {
      throw new TornException(name + " is missing");
    } catch (ChecksumException | EOFException e) {
      throw new TornException(name + " cannot be read: " + e.getMessage());
    }
  }

  public static long checksum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return sum.getValue();
  }

  /** The message of the innermost cause: those around it name stages and tasks of Spark. */
  public static String reason(Throwable thrown) {
    Throwable root = thrown;
    for (int depth = 0; root.getCause() != null && depth < MOST_CAUSES; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}

package io.github.sparkbilevel.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The files by which runs claim a folder.
 *
 * <p>Hadoop's local file system looks whether a file is there and makes it then, and copies what it
 * cannot rename; so local files are made and replaced by Java's own, in one step. HDFS makes a file
 * in one step. Object stores may let two runs make the same one; the later of the two stays.
 */
record ClaimFiles(FileSystem fs, Path root) {
  private static final Pattern NAME = Pattern.compile("in-use-(\\d{8})");

  /** What a run writes beside its claim, and deletes again. */
  static final Pattern BESIDE = Pattern.compile("(renewed|clock)-[0-9a-f]{8}");

  private static final int MOST_BYTES = 1 << 14;
  private static final int ATTEMPTS = 5;

  /** A claim as it was found. */
  record Found(int number, String text, long time) {}

  static String name(int number) {
    return "in-use-%08d".formatted(number);
  }

  private Path file(int number) {
    return new Path(root, name(number));
  }

  /** All that there are. */
  List<Found> all() throws IOException {
    List<Found> found = new ArrayList<>();
    try {
      for (FileStatus status : fs.listStatus(root)) {
        Matcher name = NAME.matcher(status.getPath().getName());
        if (name.matches()) {
          find(Integer.parseInt(name.group(1))).ifPresent(found::add);
        }
      }
    } catch (FileNotFoundException e) {
      // Without its folder there is none.
    }
    return found;
  }

  /** The claim of a number. */
  Optional<Found> find(int number) throws IOException {
    Path file = file(number);
    try {
      FileStatus status = fs.getFileStatus(file);
      if (!status.isFile()) {
        return Optional.of(new Found(number, "a folder", status.getModificationTime()));
      }
      try (FSDataInputStream in = fs.open(file)) {
        String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        return Optional.of(new Found(number, text, status.getModificationTime()));
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Makes a claim; false when there is one of that number. */
  boolean make(int number, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (fs instanceof RawLocalFileSystem local) {
      try {
        Files.write(local.pathToFile(file(number)).toPath(), bytes, StandardOpenOption.CREATE_NEW);
        return true;
      } catch (java.nio.file.FileAlreadyExistsException e) {
        return false;
      }
    }
    try (OutputStream out = fs.create(file(number), false)) {
      out.write(bytes);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Writes a claim anew. */
  void replace(int number, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (fs instanceof RawLocalFileSystem local) {
      Path beside = new Path(root, "renewed-" + CheckpointFiles.suffix());
      CheckpointFiles.write(fs, root, beside.getName(), out -> out.write(bytes));
      Files.move(
          local.pathToFile(beside).toPath(),
          local.pathToFile(file(number)).toPath(),
          StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    CheckpointFiles.write(fs, root, name(number), out -> out.write(bytes));
  }

  void delete(int number) throws IOException {
    fs.delete(file(number), false);
  }

  /** What time it is for the file system. */
  long now() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path clock = new Path(root, "clock-" + CheckpointFiles.suffix());
      try {
        CheckpointFiles.write(fs, root, clock.getName(), out -> out.write('\n'));
        long time = fs.getFileStatus(clock).getModificationTime();
        fs.delete(clock, false);
        return time;
      } catch (FileNotFoundException e) {
        // A run that got the folder tidied up.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}

package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.spark.CheckpointManifest.FileSum;
import io.github.sparkbilevel.spark.CheckpointOwner.InUseException;
import java.io.BufferedOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The files of the checkpoints in one folder.
 *
 * <pre>
 *   checkpoint-00000007/         whole: written under another name, and renamed
 *     manifest                   what it is of; length and checksum of every other file
 *     driver                     numbers and texts of the driver
 *     rows-0.00003               states beside the rows of partition 3, for each generation
 *   writing-00000008-5f0c21aa/   on its way, or left by a run that was killed
 *   lineage-0c3be2f1/            where Spark cuts the lineages of the run
 *   in-use-00000001              whose run it is, see {@link CheckpointOwner}
 * </pre>
 *
 * <p>Files of other names, and folders of other names, are never touched.
 */
final class CheckpointFiles {
  static final String MANIFEST = "manifest";
  static final String DRIVER = "driver";

  /** What one array can hold when the file is read. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final int BUFFER = 1 << 16;

  /** Causes of an exception that are looked at: they may go in circles. */
  static final int MOST_CAUSES = 100;

  private static final Pattern WHOLE = Pattern.compile("checkpoint-(\\d{8})");
  private static final Pattern WRITING = Pattern.compile("writing-(\\d{8})-[0-9a-f]{8}");
  private static final Pattern LINEAGE = Pattern.compile("lineage-[0-9a-f]{8}");

  /** The folder of an application, as Spark names it. */
  private static final Pattern SPARKS =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final Pattern OURS =
      Pattern.compile(MANIFEST + "|" + DRIVER + "|rows-\\d+\\.\\d{5,}(\\.[0-9a-f-]+)?");

  private final FileSystem fs;
  private final Path root;

  private CheckpointFiles(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = root;
  }

  /** Whether a checkpoint may have a file of this name. */
  static boolean isOurs(String name) {
    return OURS.matcher(name).matches();
  }

  /** Opens a folder that need not exist yet. */
  static CheckpointFiles at(String path, Configuration conf) throws IOException {
    Path root = new Path(path);
    FileSystem fs = fileSystem(root, conf);
    return new CheckpointFiles(fs, fs.makeQualified(root));
  }

  /** The file system of a path; the local one without checksum files beside every file. */
  static FileSystem fileSystem(Path path, Configuration conf) throws IOException {
    try {
      FileSystem fs = path.getFileSystem(conf);
      return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
    } catch (RuntimeException e) {
      // A host that nobody knows, a file system whose classes are not there.
      throw new IOException(reason(e), e);
    }
  }

  /** The folder. */
  Path root() {
    return root;
  }

  /** Makes the folder, and finds out whether files can be written there. */
  void probe() throws IOException {
    fs.mkdirs(root);
    Path folder = writing(0);
    fs.mkdirs(folder);
    write(folder, DRIVER, out -> out.write(0));
    remove(folder);
  }

  /** The numbers of the whole checkpoints, the newest first. */
  List<Integer> whole() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (Path folder : folders(WHOLE)) {
      Matcher name = WHOLE.matcher(folder.getName());
      if (name.matches()) {
        numbers.add(Integer.parseInt(name.group(1)));
      }
    }
    numbers.sort(Comparator.reverseOrder());
    return numbers;
  }

  private List<Path> folders(Pattern of) throws IOException {
    List<Path> found = new ArrayList<>();
    if (fs.exists(root)) {
      for (FileStatus status : fs.listStatus(root)) {
        boolean named = of.matcher(status.getPath().getName()).matches();
        if (named && status.isDirectory() && !isLink(status.getPath())) {
          found.add(status.getPath());
        }
      }
    }
    return found;
  }

  /** Whether it leads elsewhere, where nothing is ours. */
  private boolean isLink(Path path) {
    return fs instanceof RawLocalFileSystem local
        && Files.isSymbolicLink(local.pathToFile(path).toPath());
  }

  /** The folder of a whole checkpoint. */
  Path folder(int number) {
    return new Path(root, "checkpoint-%08d".formatted(number));
  }

  /** A new name for a checkpoint on its way. */
  Path writing(int number) {
    return new Path(root, "writing-%08d-%s".formatted(number, suffix()));
  }

  /** Eight digits that no other name has. */
  static String suffix() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  /** Makes the folder of a checkpoint on its way. */
  void make(Path folder) throws IOException {
    if (!fs.mkdirs(folder)) {
      throw new IOException("could not make the folder " + folder);
    }
  }

  /** What a file is to hold. */
  interface Content {
    void write(DataOutput out) throws IOException;
  }

  /** Writes a file whole, and gives its length and checksum. */
  FileSum write(Path folder, String name, Content content) throws IOException {
    return write(fs, folder, name, content);
  }

  static FileSum write(FileSystem fs, Path folder, String name, Content content)
      throws IOException {
    CRC32C sum = new CRC32C();
    long length;
    try (FSDataOutputStream file = fs.create(new Path(folder, name), true)) {
      OutputStream buffered = new BufferedOutputStream(file, BUFFER);
      DataOutputStream out = new DataOutputStream(new CheckedOutputStream(buffered, sum));
      content.write(out);
      out.flush();
      length = file.getPos();
    } catch (FSError e) {
      // By which the local file system tells of a failed write.
      throw new IOException(e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
    }
    if (length > MOST_BYTES) {
      throw new IOException(
          "%s takes %,d MiB, expected at most %,d".formatted(name, length >> 20, MOST_BYTES >> 20));
    }
    return new FileSum(name, length, sum.getValue());
  }

  /** What is at the root of it: what Spark puts around it names stages and tasks. */
  static String reason(Throwable thrown) {
    Throwable root = thrown;
    for (int depth = 0; root.getCause() != null && depth < MOST_CAUSES; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }

  /** Gives a checkpoint on its way the name of a whole one. */
  void commit(Path folder, int number) throws IOException {
    if (!fs.rename(folder, folder(number))) {
      throw new IOException("could not rename " + folder + " to " + folder(number));
    }
  }

  /** Raised for a file that is missing, shorter or longer than it was, or has other bytes. */
  static final class TornException extends IOException {
    private static final long serialVersionUID = 1L;

    TornException(String message) {
      super(message);
    }
  }

  /**
   * Reads a file of which length and checksum are known.
   *
   * @throws TornException when they are others
   */
  static byte[] read(FileSystem fs, Path folder, FileSum expected) throws IOException {
    byte[] bytes = read(fs, folder, expected.name());
    if (bytes.length != expected.length()) {
      throw new TornException(
          "%s has %,d bytes, expected %,d"
              .formatted(expected.name(), bytes.length, expected.length()));
    }
    if (CheckpointManifest.checksum(bytes) != expected.checksum()) {
      throw new TornException("the checksum of " + expected.name() + " is wrong");
    }
    return bytes;
  }

  private static byte[] read(FileSystem fs, Path folder, String name) throws IOException {
    Path file = new Path(folder, name);
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

  /** Reads the manifest of a whole checkpoint. */
  CheckpointManifest manifest(int number)
      throws IOException, CheckpointManifest.OtherFormatException {
    return CheckpointManifest.read(read(fs, folder(number), MANIFEST));
  }

  /** Reads what the driver wrote. */
  byte[] driver(int number, FileSum expected) throws IOException {
    return read(fs, folder(number), expected);
  }

  /** Removes what checkpoints wrote into a folder, and the folder if nothing else is in it. */
  void remove(Path folder) throws IOException {
    if (!fs.exists(folder)) {
      return;
    }
    // Without its manifest it is not taken for a whole one, should this be cut off.
    fs.delete(new Path(folder, MANIFEST), false);
    boolean others = false;
    for (FileStatus status : fs.listStatus(folder)) {
      if (status.isFile() && isOurs(status.getPath().getName())) {
        fs.delete(status.getPath(), false);
      } else {
        others = true;
      }
    }
    if (!others) {
      fs.delete(folder, false);
    }
  }

  /** Removes what runs left that were killed while they wrote. */
  void removeUnfinished() throws IOException {
    for (Path folder : folders(WRITING)) {
      remove(folder);
    }
    for (FileStatus status : fs.listStatus(root)) {
      if (status.isFile() && ClaimFiles.BESIDE.matcher(status.getPath().getName()).matches()) {
        fs.delete(status.getPath(), false);
      }
    }
  }

  /** Makes the folder and claims it for this run. */
  CheckpointOwner claim(CheckpointOwner.Rhythm rhythm, Consumer<String> tell)
      throws IOException, InUseException {
    fs.mkdirs(root);
    return CheckpointOwner.claim(fs, root, rhythm, tell);
  }

  /** Refuses a folder whose run lives for certain. */
  void requireFree() throws IOException, InUseException {
    CheckpointOwner.requireFree(fs, root);
  }

  /** A new folder for the files by which Spark cuts the lineages of a run. */
  static Path newLineage(Path root) {
    return new Path(root, "lineage-" + suffix());
  }

  /**
   * Removes what Spark left in such folders for runs that were killed.
   *
   * @param ofThisRun where Spark writes now
   */
  void removeLineages(String ofThisRun) throws IOException {
    for (Path folder : folders(LINEAGE)) {
      boolean others = false;
      for (FileStatus status : fs.listStatus(folder)) {
        boolean spark =
            status.isDirectory() && SPARKS.matcher(status.getPath().getName()).matches();
        if (spark && !ofThisRun.endsWith(status.getPath().getName())) {
          fs.delete(status.getPath(), true);
        } else {
          others = true;
        }
      }
      if (!others) {
        fs.delete(folder, false);
      }
    }
  }
}

package io.github.sparkbilevel.spark.checkpoint;

import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Contents;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.Content;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.FileSum;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The files of the checkpoints in one folder.
 *
 * <pre>
 *   checkpoint-00000007          the manifest, which is created last and makes the checkpoint whole
 *   states-00000007-5f0c21aa/    its files
 *     driver                     numbers and texts of the driver
 *     rows-0.00003               states beside the rows of partition 3, for each generation
 *   states-00000008-0b1c33f0/    being written, or left by a run that was killed
 *   lineage-0c3be2f1/            where Spark cuts the lineages of a run
 * </pre>
 *
 * <p>Two runs in one folder write their states apart. Both create the manifest of the next number,
 * which succeeds for one of them.
 *
 * <p>Files of other names, and folders of other names, are never touched.
 */
final class CheckpointFiles {
  private static final String DRIVER = "driver";

  private static final Pattern MANIFEST = Pattern.compile("checkpoint-(\\d{8})");
  private static final Pattern STATES = Pattern.compile("states-(\\d{8})-[0-9a-f]{8}");
  private static final Pattern LINEAGE = Pattern.compile("lineage-[0-9a-f]{8}");

  /** The folder of an application, as Spark names it. */
  private static final Pattern SPARKS =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /** Files of a checkpoint; those with a suffix were being written. */
  private static final Pattern OURS =
      Pattern.compile(DRIVER + "|rows-\\d+\\.\\d{5,}(\\.[0-9a-f-]+)?");

  private final FileSystem fs;
  private final Path root;

  private CheckpointFiles(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = root;
  }

  /** Raised when another run has written a checkpoint; its message is the name of that one. */
  static final class TakenException extends IOException {
    private static final long serialVersionUID = 1L;

    TakenException(int number) {
      super(name(number));
    }
  }

  /** Opens a folder that need not exist yet. */
  static CheckpointFiles at(String path, Configuration conf) throws IOException {
    Path root = new Path(path);
    FileSystem fs = CheckedFiles.fileSystem(root, conf);
    return new CheckpointFiles(fs, fs.makeQualified(root));
  }

  /** A new folder for the files by which Spark cuts the lineages of a run. */
  static Path newLineage(Path root) {
    return new Path(root, "lineage-" + suffix());
  }

  private static String suffix() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  /**
   * Refuses files that no checkpoint has: a manifest leads nowhere else.
   *
   * @throws TornException naming what is wrong
   */
  static void requireOurs(Contents contents) throws TornException {
    List<FileSum> files = contents.files();
    if (files.isEmpty() || !files.get(0).name().equals(DRIVER)) {
      throw new TornException("the manifest has no file " + DRIVER);
    }
    if (!STATES.matcher(contents.folder()).matches()
        || !files.stream().allMatch(file -> OURS.matcher(file.name()).matches())) {
      throw new TornException("the manifest has a file or folder of another name");
    }
  }

  static String name(int number) {
    return "checkpoint-%08d".formatted(number);
  }

  private Path manifestFile(int number) {
    return new Path(root, name(number));
  }

  /** Makes the folder, and checks that files can be written to it. */
  void probe() throws IOException {
    Path folder = newStates(0);
    writeDriver(folder, out -> out.write(0));
    removeStates(folder);
  }

  /** The numbers of the checkpoints, whole or not, the newest first. */
  List<Integer> numbers() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (FileStatus each : list(root)) {
      Matcher name = MANIFEST.matcher(each.getPath().getName());
      if (name.matches()) {
        numbers.add(Integer.parseInt(name.group(1)));
      }
    }
    numbers.sort(Comparator.reverseOrder());
    return numbers;
  }

  /**
   * Makes sure that no other run has written a checkpoint.
   *
   * @param newest the number of the newest checkpoint that this run knows of
   */
  void requireNoneAfter(int newest) throws IOException {
    List<Integer> numbers = numbers();
    if (!numbers.isEmpty() && numbers.get(0) > newest) {
      throw new TakenException(numbers.get(0));
    }
  }

  /** What a folder holds, by name; nothing if it does not exist. */
  private List<FileStatus> list(Path folder) throws IOException {
    try {
      FileStatus[] found = fs.listStatus(folder);
      Arrays.sort(found);
      return List.of(found);
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** A new folder for the files of a checkpoint. */
  Path newStates(int number) {
    return new Path(root, "states-%08d-%s".formatted(number, suffix()));
  }

  /** The folder of the files of a checkpoint. */
  Path states(CheckpointManifest manifest) {
    return new Path(root, manifest.contents().folder());
  }

  /** Writes what the driver keeps, and makes the folder. */
  FileSum writeDriver(Path states, Content content) throws IOException {
    if (!fs.mkdirs(states)) {
      throw new IOException("could not make the folder " + states);
    }
    return CheckedFiles.write(fs, new Path(states, DRIVER), content);
  }

  /** Reads what the driver wrote. */
  byte[] readDriver(CheckpointManifest manifest) throws IOException {
    return CheckedFiles.read(fs, states(manifest), manifest.contents().files().get(0));
  }

  /**
   * Creates the manifest of a checkpoint whose files are written.
   *
   * @throws TakenException if there is a checkpoint of that number
   */
  void commit(int number, CheckpointManifest manifest) throws IOException {
    if (!CheckedFiles.create(fs, manifestFile(number), manifest.bytes())) {
      throw new TakenException(number);
    }
  }

  /**
   * Reads the manifest of a checkpoint.
   *
   * @throws TornException if it is not whole
   */
  CheckpointManifest manifest(int number) throws IOException, OtherFormatException {
    return CheckpointManifest.read(CheckedFiles.read(fs, manifestFile(number)));
  }

  /** Removes the checkpoints up to a number except those to keep, and what was left on the way. */
  void prune(int newest, Set<Integer> kept) throws IOException {
    for (FileStatus each : list(root)) {
      Path path = each.getPath();
      Matcher manifest = MANIFEST.matcher(path.getName());
      Matcher states = STATES.matcher(path.getName());
      if (manifest.matches() && each.isFile() && isOver(manifest, newest, kept)) {
        fs.delete(path, false);
      } else if (states.matches() && isFolder(each) && isOver(states, newest, kept)) {
        removeStates(path);
      }
    }
  }

  private static boolean isOver(Matcher name, int newest, Set<Integer> kept) {
    int number = Integer.parseInt(name.group(1));
    return number <= newest && !kept.contains(number);
  }

  /** Whether it is a folder, and not a link to one elsewhere, where nothing is ours. */
  private boolean isFolder(FileStatus status) {
    boolean isLink =
        fs instanceof RawLocalFileSystem local
            && Files.isSymbolicLink(local.pathToFile(status.getPath()).toPath());
    return status.isDirectory() && !isLink;
  }

  /** Removes what checkpoints wrote to a folder, and the folder if nothing else is in it. */
  void removeStates(Path folder) throws IOException {
    remove(folder, each -> each.isFile() && OURS.matcher(each.getPath().getName()).matches());
  }

  private void remove(Path folder, Predicate<FileStatus> ours) throws IOException {
    boolean others = false;
    for (FileStatus each : list(folder)) {
      if (ours.test(each)) {
        fs.delete(each.getPath(), each.isDirectory());
      } else {
        others = true;
      }
    }
    if (!others) {
      fs.delete(folder, false);
    }
  }

  /**
   * The folders in which other runs cut lineages.
   *
   * @param ofThisRun where Spark cuts the lineages of this run
   */
  List<Path> lineagesOfOthers(String ofThisRun) throws IOException {
    List<Path> others = new ArrayList<>();
    for (FileStatus each : list(root)) {
      String name = each.getPath().getName();
      if (LINEAGE.matcher(name).matches() && isFolder(each) && !ofThisRun.contains(name)) {
        others.add(each.getPath());
      }
    }
    return others;
  }

  /**
   * Removes what Spark left in the folder of a lineage, and the folder if nothing else is in it.
   */
  void removeLineage(Path folder) throws IOException {
    remove(
        folder, each -> each.isDirectory() && SPARKS.matcher(each.getPath().getName()).matches());
  }
}

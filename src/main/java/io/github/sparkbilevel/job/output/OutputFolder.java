package io.github.sparkbilevel.job.output;

import io.github.sparkbilevel.data.FileSystems;
import io.github.sparkbilevel.job.config.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of a job's outputs, which appears at {@code output.path} whole or not at all.
 *
 * <p>Its life: {@link #open} checks that the folder may and can be written, before any work is
 * done; files are written through {@link #path} and {@link #create} into a hidden folder beside it;
 * {@link #commit} renames that folder; {@link #close} without a commit removes it, and the parents
 * that were made for it. All methods may be called from a shutdown hook.
 */
public final class OutputFolder implements AutoCloseable {

  /** The file by which a folder is known as the output of a job, and may be overwritten. */
  public static final String SUMMARY = "summary.json";

  /** What jobs write there, and nothing else is ever removed. */
  private static final Set<String> OURS =
      Set.of(
          SUMMARY,
          "report.html",
          "review",
          "review.html",
          "history.jsonl",
          "scores",
          "cleaned",
          "model",
          "model.onnx",
          "weights.safetensors",
          "hyperparameters.csv",
          "path",
          "hypergradient.csv",
          "results.csv",
          "arena.csv");

  private final FileSystem fs;
  private final Path target;
  private final Path partial;
  private final Path aside;
  private final boolean overwrite;

  /** The parents that were made, the innermost first. */
  private final List<Path> madeParents;

  private final List<Runnable> beforeCommit = new ArrayList<>();
  private final List<Runnable> afterCommit = new ArrayList<>();

  private boolean closed;
  private boolean committed;

  private OutputFolder(FileSystem fs, Path target, boolean overwrite, List<Path> madeParents) {
    String suffix = UUID.randomUUID().toString().substring(0, 8);
    this.fs = fs;
    this.target = target;
    this.overwrite = overwrite;
    this.madeParents = madeParents;
    this.partial = sibling("partial-" + suffix);
    this.aside = sibling("old-" + suffix);
  }

  private Path sibling(String kind) {
    return new Path(target.getParent(), "." + target.getName() + "." + kind);
  }

  /**
   * Makes the hidden folder for the outputs.
   *
   * @throws ConfigException if the path is taken, or cannot be written
   */
  public static OutputFolder open(String path, boolean overwrite, Configuration conf) {
    Path given = hadoopPath(path);
    try {
      FileSystem fs = FileSystems.of(given, conf);
      if (fs instanceof LocalFileSystem local) {
        // Without its checksum files, which would stand beside every output.
        fs = local.getRawFileSystem();
      }
      Path target = fs.makeQualified(given);
      if (target.getParent() == null) {
        throw new ConfigException(
            "output.path = %s is the root of a file system; try a folder in it".formatted(path));
      }
      checkTarget(fs, target, overwrite);
      List<Path> missing = missingParents(fs, target.getParent());
      OutputFolder folder = new OutputFolder(fs, target, overwrite, missing);
      folder.probe();
      return folder;
    } catch (IOException | UnsupportedOperationException e) {
      throw new ConfigException(
          "output.path = %s cannot be used: %s; try a folder on a file system that Spark reaches"
              .formatted(path, reason(e)),
          e);
    }
  }

  private static Path hadoopPath(String path) {
    try {
      return new Path(path);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "output.path = %s is not a path: %s; try out/clean".formatted(path, e.getMessage()), e);
    }
  }

  private static void checkTarget(FileSystem fs, Path target, boolean overwrite)
      throws IOException {
    FileStatus status = statusOrNull(fs, target);
    if (status == null) {
      return;
    }
    if (!status.isDirectory()) {
      throw new ConfigException(
          "output.path = %s is a file; expected a folder to make, try another name"
              .formatted(shown(target)));
    }
    if (!overwrite) {
      throw new ConfigException(
          "output.path = %s exists; try another path, or output.overwrite = true to replace it"
              .formatted(shown(target)));
    }
    FileStatus[] there = fs.listStatus(target);
    for (FileStatus file : there) {
      if (fs.exists(new Path(target, SUMMARY)) && !OURS.contains(file.getPath().getName())) {
        throw new ConfigException(
            ("output.path = %s holds %s, which no job wrote, and is not overwritten; move that, or"
                    + " try another path")
                .formatted(shown(target), file.getPath().getName()));
      }
    }
    if (there.length > 0 && !fs.exists(new Path(target, SUMMARY))) {
      throw new ConfigException(
          ("output.path = %s holds no %s, so it is not the output of an earlier job and is not"
                  + " overwritten; try another path")
              .formatted(shown(target), SUMMARY));
    }
  }

  private static FileStatus statusOrNull(FileSystem fs, Path path) throws IOException {
    try {
      return fs.getFileStatus(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  /** The parents that are not there, the innermost first; a parent that is a file is an error. */
  private static List<Path> missingParents(FileSystem fs, Path parent) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path at = parent; at != null; at = at.getParent()) {
      FileStatus status = statusOrNull(fs, at);
      if (status == null) {
        missing.add(at);
      } else if (status.isDirectory()) {
        break;
      } else {
        throw new ConfigException(
            "output.path: its parent %s is a file; expected a folder, try another path"
                .formatted(shown(at)));
      }
    }
    return Collections.unmodifiableList(missing);
  }

  /** Finds out whether the folder can be written by doing it. */
  private void probe() {
    try {
      if (!fs.mkdirs(partial)) {
        throw new IOException("the folder cannot be made");
      }
      Path file = path("probe");
      try (OutputStream out = fs.create(file, true)) {
        out.write('\n');
      } catch (FSError e) {
        // By which the local file system tells of a failed write.
        throw new IOException(e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
      }
      fs.delete(file, false);
    } catch (IOException e) {
      close();
      if (String.valueOf(e.getMessage()).contains("No space left on device")) {
        throw new UncheckedIOException(e);
      }
      throw new ConfigException(
          "output.path = %s cannot be written: %s; try a folder that you may write to"
              .formatted(shown(target), reason(e)),
          e);
    }
  }

  /** Where the outputs will be. */
  public Path target() {
    return target;
  }

  /** {@link #target()} as its user knows it: without a scheme when it is local. */
  public String shownTarget() {
    return shown(target);
  }

  /** Where a file or folder of the outputs is to be written, until the commit. */
  public Path path(String name) {
    return new Path(partial, name);
  }

  /** {@link #path(String)} as its user knows it. */
  public String shown(String name) {
    return shown(path(name));
  }

  /** A new file of the outputs; the caller closes it. */
  public synchronized OutputStream create(String name) throws IOException {
    checkOpen();
    return fs.create(path(name), true);
  }

  /** Writes a text file of the outputs, in UTF-8, without passwords in addresses. */
  public void writeText(String name, String text) throws IOException {
    try (OutputStream out = create(name)) {
      out.write(Secrets.hidden(text).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Moves the outputs to {@link #target()}. An earlier output there is set aside first and deleted
   * last, so that it is still there when the move fails.
   */
  public synchronized void commit() throws IOException {
    checkOpen();
    boolean replace = statusOrNull(fs, target) != null;
    if (replace) {
      // Somebody else may have written there in the meantime.
      checkTarget(fs, target, overwrite);
      rename(target, aside);
    }
    try {
      rename(partial, target);
    } catch (IOException e) {
      if (replace) {
        rename(aside, target);
      }
      throw e;
    }
    closed = true;
    committed = true;
    if (replace) {
      fs.delete(aside, true);
    }
    afterCommit.forEach(Runnable::run);
  }

  /** Has something written when all else is. */
  public synchronized void beforeCommit(Runnable action) {
    beforeCommit.add(action);
  }

  /** Writes what is to be written last; before {@link #commit}. */
  public void complete() {
    List<Runnable> last;
    synchronized (this) {
      last = List.copyOf(beforeCommit);
    }
    last.forEach(Runnable::run);
  }

  /** Whether an output of that name has been written. */
  public boolean has(String name) throws IOException {
    return fs.exists(path(name));
  }

  /** Has something done once the outputs are at {@link #target()}. */
  public synchronized void afterCommit(Runnable action) {
    afterCommit.add(action);
  }

  /** Whether the outputs are at {@link #target()}. */
  public synchronized boolean isCommitted() {
    return committed;
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("cannot rename %s to %s".formatted(shown(from), shown(to)));
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the output folder " + shown(target) + " is closed");
    }
  }

  /** Removes what was written, unless it was committed. May be called again. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      fs.delete(partial, true);
      for (Path parent : madeParents) {
        if (statusOrNull(fs, parent) != null && fs.listStatus(parent).length == 0) {
          fs.delete(parent, false);
        }
      }
    } catch (IOException e) {
      // What made the job fail may make this fail too, and is the error worth reporting.
      System.Logger log = System.getLogger(OutputFolder.class.getName());
      log.log(System.Logger.Level.WARNING, "cannot remove " + shown(partial), e);
    }
  }

  /** The path as its user wrote it: without a scheme when it is local. */
  private static String shown(Path path) {
    boolean local = "file".equals(path.toUri().getScheme());
    return local ? path.toUri().getPath() : path.toString();
  }

  private static String reason(Exception e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (text.toLowerCase(Locale.ROOT).contains("permission denied")) {
      return "permission denied";
    }
    return text.lines().findFirst().orElse(text);
  }
}

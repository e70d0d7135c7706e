package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a path of the job file stands for. A path that exists means itself, whatever characters its
 * name has. Of any other path the leading folders that exist mean themselves, and the rest is a
 * glob pattern below them.
 *
 * <p>Nobody else resolves paths: readers that hand them to Spark or Hadoop, which would take them
 * for patterns again, use {@link Globs#literal}.
 *
 * @param key the key of the job file, for messages
 * @param origin the path as the user wrote it
 * @param conf how to open the files
 * @param fs the file system
 * @param base the folder below which folders NAME=VALUE are columns: the given folder, the folder
 *     of the given file, or the last folder before the pattern
 * @param found the file, the folder, or what the pattern matches; at least one
 * @param single whether the path means itself and is a file
 */
record Location(
    String key,
    String origin,
    Configuration conf,
    FileSystem fs,
    Path base,
    List<FileStatus> found,
    boolean single) {

  /** Finds what is there. */
  static Location of(Configuration conf, String key, String path) {
    if (path == null || path.isBlank()) {
      throw new IllegalArgumentException(key + " is not set, expected a file, folder or URI");
    }
    try {
      Path given = new Path(path);
      FileSystem fs = FileSystems.of(given, conf);
      Path whole = fs.makeQualified(given);
      if (!fs.exists(whole)) {
        return matches(conf, key, path, fs, whole);
      }
      FileStatus status = fs.getFileStatus(whole);
      requireVisible(key, path, status);
      Path base = status.isFile() ? whole.getParent() : whole;
      return new Location(key, path, conf, fs, base, List.of(status), status.isFile());
    } catch (FileSystems.Missing e) {
      throw new DataException(key + " = '" + path + "': " + e.getMessage(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(key, path, e);
    }
  }

  static DataException unreadable(String key, String path, Exception e) {
    return new DataException(
        key
            + " = '"
            + path
            + "' cannot be read ("
            + Tasks.firstLine(e)
            + "), expected a readable file or folder; check the path and its permissions",
        e);
  }

  private static Location matches(
      Configuration conf, String key, String path, FileSystem fs, Path whole) throws IOException {
    Deque<String> rest = new ArrayDeque<>();
    Path base = whole;
    while (base.getParent() != null && !fs.exists(base)) {
      rest.addFirst(base.getName());
      base = base.getParent();
    }
    if (fs.exists(base) && fs.getFileStatus(base).isFile()) {
      throw new DataException(
          key + " = '" + path + "' does not exist: " + name(base) + " is a file, not a folder");
    }
    String pattern = String.join("/", rest);
    FileStatus[] found = null;
    if (Globs.isPattern(pattern)) {
      String parent = Globs.literal(base.toString());
      found =
          fs.globStatus(new Path(parent.endsWith("/") ? parent + pattern : parent + "/" + pattern));
    }
    if (found == null || found.length == 0) {
      throw new DataException(
          key
              + " = '"
              + path
              + "' does not exist, expected a file or folder at "
              + whole.toUri().getPath()
              + (Globs.isPattern(pattern) ? ", or files that match this pattern" : "")
              + "; check the path");
    }
    return new Location(key, path, conf, fs, base, List.of(found), false);
  }

  private static String name(Path path) {
    return Names.quote(path.getName());
  }

  private static void requireVisible(String key, String path, FileStatus status) {
    if (status.isFile() && HiddenFiles.isHidden(status.getPath().getName())) {
      throw new DataException(
          key
              + " = '"
              + path
              + "' is a file that Spark does not read, because its name begins with _ or . or ends"
              + " in ._COPYING_; rename it");
    }
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * The files behind a path: those that hold data, sorted by name, none of them empty.
 *
 * @param origin what messages call them: the path as the user wrote it
 * @param paths the files
 * @param conf how to open them
 */
record DataFiles(String origin, List<Path> paths, Configuration conf) {
  private static final int HEAD = 512;

  /** Lists a file, a folder or a glob pattern; key is the job-file key that messages name. */
  static DataFiles list(Configuration conf, String key, String path) {
    if (path == null || path.isBlank()) {
      throw new IllegalArgumentException(key + " is not set, expected a file, folder or URI");
    }
    try {
      Path given = new Path(path);
      FileSystem fs = FileSystems.of(given, conf);
      List<FileStatus> found = new ArrayList<>();
      if (fs.exists(given)) {
        found.add(fs.getFileStatus(given));
      } else {
        FileStatus[] matches = fs.globStatus(given);
        if (matches == null || matches.length == 0) {
          throw new DataException(
              key
                  + " = '"
                  + path
                  + "' does not exist, expected a file or folder at "
                  + fs.makeQualified(given).toUri().getPath()
                  + "; check the path");
        }
        found.addAll(List.of(matches));
      }
      return of(conf, key, path, fs, found);
    } catch (DataException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          key
              + " = '"
              + path
              + "' cannot be read ("
              + Tasks.firstLine(e)
              + "), expected a readable file or folder; check the path and its permissions",
          e);
    }
  }

  private static DataFiles of(
      Configuration conf, String key, String path, FileSystem fs, List<FileStatus> found)
      throws IOException {
    List<FileStatus> files = new ArrayList<>();
    boolean folder = false;
    for (FileStatus status : found) {
      if (status.isFile()) {
        files.add(status);
      } else {
        folder = true;
        addFolder(fs, status.getPath(), files);
      }
    }
    List<Path> paths = new ArrayList<>();
    files.sort(Comparator.comparing(status -> status.getPath().toString()));
    for (FileStatus status : files) {
      if (status.getLen() > 0) {
        paths.add(status.getPath());
      }
    }
    if (paths.isEmpty()) {
      throw new DataException(
          key
              + " = '"
              + path
              + "' is "
              + (folder ? "a folder without data files" : "an empty file")
              + ", expected at least one row; check how it was written");
    }
    return new DataFiles(path, Collections.unmodifiableList(paths), conf);
  }

  private static void addFolder(FileSystem fs, Path root, List<FileStatus> files)
      throws IOException {
    RemoteIterator<LocatedFileStatus> all = fs.listFiles(root, true);
    while (all.hasNext()) {
      LocatedFileStatus status = all.next();
      if (isVisible(root, status.getPath())) {
        files.add(status);
      }
    }
  }

  /** Spark's rule: names that begin with a dot or an underscore are not data. */
  private static boolean isVisible(Path root, Path file) {
    for (Path p = file; p != null && !p.equals(root); p = p.getParent()) {
      char first = p.getName().charAt(0);
      if (first == '.' || first == '_' && !p.getName().contains("=")) {
        return false;
      }
    }
    return true;
  }

  /** The name of the first file in lower case, for its extension. */
  String firstName() {
    return paths.get(0).getName().toLowerCase(Locale.ROOT);
  }

  /** The bytes that the first file takes on the disk. */
  long firstLength() {
    Path first = paths.get(0);
    try {
      return first.getFileSystem(conf).getFileStatus(first).getLen();
    } catch (IOException e) {
      throw unreadable(first, e);
    }
  }

  /** The first bytes of the first file as they lie on the disk. */
  byte[] rawHead() {
    Path first = paths.get(0);
    try (InputStream in = first.getFileSystem(conf).open(first)) {
      return in.readNBytes(HEAD);
    } catch (IOException e) {
      throw unreadable(first, e);
    }
  }

  /** The first bytes of the first file after decompression. */
  byte[] head() {
    return head(HEAD);
  }

  /** So many of the first bytes of the first file after decompression. */
  byte[] head(int bytes) {
    try (InputStream in = open(paths.get(0))) {
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw unreadable(paths.get(0), e);
    }
  }

  /** Opens one of the files, decompressed by its extension. */
  InputStream open(Path file) throws IOException {
    return open(conf, file);
  }

  /** Opens a file, decompressed by its extension. */
  static InputStream open(Configuration conf, Path file) throws IOException {
    FSDataInputStream raw = file.getFileSystem(conf).open(file);
    CompressionCodec codec = new CompressionCodecFactory(conf).getCodec(file);
    try {
      return codec == null ? raw : codec.createInputStream(raw);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  DataException unreadable(Path file, IOException e) {
    String what = e instanceof FileNotFoundException ? "cannot be opened" : "cannot be read";
    return new DataException(
        file.getName()
            + " of '"
            + origin
            + "' "
            + what
            + " ("
            + Tasks.firstLine(e)
            + "), expected a complete, readable file; check its permissions and its format",
        e);
  }
}

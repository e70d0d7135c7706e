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
import org.apache.hadoop.fs.LocalFileSystem;
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
 * @param base the folder below which folders NAME=VALUE are columns
 * @param conf how to open them
 * @param notices what was left out
 */
record DataFiles(
    String origin, List<Path> paths, Path base, Configuration conf, List<Notice> notices) {
  private static final int HEAD = 512;

  /** Lists a file, a folder or a glob pattern; key is the job-file key that messages name. */
  static DataFiles list(Configuration conf, String key, String path) {
    return list(Location.of(conf, key, path));
  }

  /** Lists the files of a place, with those of all folders below it. */
  static DataFiles list(Location place) {
    HiddenFiles left = new HiddenFiles(place.base());
    try {
      List<Path> paths = new ArrayList<>();
      for (FileStatus status : files(place, left)) {
        if (status.getLen() > 0) {
          paths.add(status.getPath());
        } else {
          left.addEmpty(status.getPath());
        }
      }
      Collections.sort(paths, Comparator.comparing(Path::toString));
      if (paths.isEmpty()) {
        throw empty(place, left);
      }
      requireNames(place, paths);
      return new DataFiles(
          place.origin(),
          List.copyOf(paths),
          place.base(),
          place.conf(),
          left.notices(place.origin()));
    } catch (IOException e) {
      throw Location.unreadable(place.key(), place.origin(), e);
    }
  }

  private static List<FileStatus> files(Location place, HiddenFiles left) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    for (FileStatus status : place.found()) {
      Path path = status.getPath();
      boolean given = path.equals(place.base()) || place.single();
      Path root = given ? path : place.base();
      if (status.isFile()) {
        if (given || !left.hides(root, path)) {
          files.add(status);
        }
        continue;
      }
      RemoteIterator<LocatedFileStatus> all = place.fs().listFiles(path, true);
      while (all.hasNext()) {
        LocatedFileStatus file = all.next();
        LakeTable.requireNone(place, file.getPath());
        if (!left.hides(root, file.getPath())) {
          files.add(file);
        }
      }
    }
    return files;
  }

  private static DataException empty(Location place, HiddenFiles left) {
    boolean folder = place.found().stream().anyMatch(FileStatus::isDirectory);
    return new DataException(
        place.key()
            + " = '"
            + place.origin()
            + "' is "
            + (folder ? "a folder without data files" : "an empty file")
            + (left.hidden() > 0
                ? " (Spark does not read its "
                    + left.hidden()
                    + " files whose names or folders begin with _ or .)"
                : "")
            + ", expected at least one row; check how it was written");
  }

  /** The checksum file that Hadoop looks for beside a local one cannot have a colon in its name. */
  private static void requireNames(Location place, List<Path> paths) {
    if (!(place.fs() instanceof LocalFileSystem)) {
      return;
    }
    for (Path path : paths) {
      if (path.getName().indexOf(':') >= 0) {
        throw new DataException(
            place.key()
                + " = '"
                + place.origin()
                + "': Hadoop cannot open the local file "
                + Names.quote(path.getName())
                + ", because its name has a colon; rename it");
      }
    }
  }

  /** The same place with some of its files, and more to tell. */
  DataFiles with(List<Path> some, List<Notice> more) {
    List<Notice> all = new ArrayList<>(notices);
    all.addAll(more);
    return new DataFiles(origin, List.copyOf(some), base, conf, List.copyOf(all));
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
    return rawHead(paths.get(0));
  }

  /** The first bytes of a file as they lie on the disk. */
  byte[] rawHead(Path file) {
    try (InputStream in = file.getFileSystem(conf).open(file)) {
      return in.readNBytes(HEAD);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The first bytes of the first file after decompression. */
  byte[] head() {
    return head(paths.get(0));
  }

  /** So many of the first bytes of the first file after decompression. */
  byte[] head(int bytes) {
    return head(paths.get(0), bytes);
  }

  /** The first bytes of a file after decompression. */
  byte[] head(Path file) {
    return head(file, HEAD);
  }

  private byte[] head(Path file, int bytes) {
    try (InputStream in = open(file)) {
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw unreadable(file, e);
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

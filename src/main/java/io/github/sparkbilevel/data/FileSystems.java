package io.github.sparkbilevel.data;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds Hadoop file systems. */
public final class FileSystems {
  private FileSystems() {}

  /**
   * The file system of a path.
   *
   * @throws IOException also where Hadoop throws something else: for a host that nobody knows, for
   *     a file system whose classes are not there
   */
  public static FileSystem of(Path path, Configuration conf) throws IOException {
    try {
      return path.getFileSystem(conf);
    } catch (RuntimeException e) {
      throw new IOException(Tasks.firstLine(Tasks.root(e)), e);
    }
  }
}

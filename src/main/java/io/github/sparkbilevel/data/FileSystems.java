package io.github.sparkbilevel.data;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.util.VersionInfo;

/** Finds Hadoop file systems. */
public final class FileSystems {
  private static final String AWS = "org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion();
  private static final String AZURE = "org.apache.hadoop:hadoop-azure:" + VersionInfo.getVersion();

  /** The packages of the file systems that Spark comes without. */
  private static final Map<String, String> PACKAGES =
      Map.of(
          "s3a", AWS,
          "abfs", AZURE,
          "abfss", AZURE,
          "wasb", AZURE,
          "wasbs", AZURE,
          "gs", "com.google.cloud.bigdataoss:gcs-connector:VERSION");

  /** Names of schemes that nobody implements any more, and what to write instead. */
  private static final Map<String, String> FORMER = Map.of("s3", "s3a", "s3n", "s3a", "gcs", "gs");

  private static final List<String> KNOWN =
      List.of("file", "hdfs", "s3a", "gs", "abfs", "abfss", "wasb", "wasbs", "viewfs", "webhdfs");

  private FileSystems() {}

  /** There is no file system for the scheme of a path; the message says what to do. */
  static final class Missing extends IOException {
    private static final long serialVersionUID = 1L;

    Missing(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The file system of a path.
   *
   * @throws IOException also where Hadoop throws something else: for a host that nobody knows, for
   *     a file system whose classes are not there
   */
  public static FileSystem of(Path path, Configuration conf) throws IOException {
    String scheme =
        path.toUri().getScheme() == null ? "" : path.toUri().getScheme().toLowerCase(Locale.ROOT);
    if (scheme.equals("http") || scheme.equals("https")) {
      // Hadoop has a file system of that name, which can neither list nor seek.
      throw new Missing(
          scheme + ":// is not a file system; download the file first, and give its path", null);
    }
    try {
      return path.getFileSystem(conf);
    } catch (UnsupportedFileSystemException e) {
      throw new Missing(missing(scheme), e);
    } catch (RuntimeException e) {
      Throwable root = Tasks.root(e);
      if (root instanceof ClassNotFoundException) {
        throw new Missing(missing(scheme), e);
      }
      throw new IOException(Tasks.firstLine(root), e);
    }
  }

  private static String missing(String scheme) {
    String none = "there is no file system for " + scheme + "://";
    String former = FORMER.get(scheme);
    if (former != null) {
      return none + "; write " + former + ":// in its place";
    }
    String jar = PACKAGES.get(scheme);
    if (jar != null) {
      return none + "; add its jar, as by -- --packages " + jar;
    }
    String near = Names.nearest(scheme, KNOWN);
    return none
        + (near == null
            ? "; correct the scheme, or add the jar of that file system by -- --packages"
            : "; did you mean " + near + "://?");
  }
}

package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.sources.DataSourceRegister;

/**
 * A table of Delta Lake, Iceberg or Hudi. Its folder looks like one of Parquet files, but holds
 * removed and replaced rows too: only the table's own source knows which files count.
 *
 * @param kind whose table it is
 * @param root the folder of the table
 */
record LakeTable(Kind kind, Path root) {
  private static final String DELTA_LOG = "_delta_log";
  private static final String HUDI_FOLDER = ".hoodie";
  private static final String ICEBERG_FOLDER = "metadata";
  private static final String ICEBERG_FILE = ".metadata.json";

  /** After so many sources that cannot be loaded nobody looks further. */
  private static final int MOST_BROKEN = 100;

  /** Whose tables are recognised. */
  enum Kind {
    DELTA(
        "Delta",
        "delta",
        "--packages io.delta:delta-spark_2.13:VERSION"
            + " --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension"
            + " --conf spark.sql.catalog.spark_catalog="
            + "org.apache.spark.sql.delta.catalog.DeltaCatalog"),
    ICEBERG(
        "Iceberg",
        "iceberg",
        "--packages org.apache.iceberg:iceberg-spark-runtime-SPARK_2.13:VERSION"),
    HUDI("Hudi", "hudi", "--packages org.apache.hudi:hudi-sparkSPARK-bundle_2.13:VERSION");

    private final String title;
    private final String source;
    private final String options;

    Kind(String title, String source, String options) {
      this.title = title;
      this.source = source;
      this.options = options;
    }

    /** The name that Spark knows the source by. */
    String source() {
      return source;
    }
  }

  /**
   * The table that a place is.
   *
   * @throws DataException if the place lies inside a table, or if a pattern matches one
   */
  static Optional<LakeTable> at(Location place) {
    Path given = place.found().get(0).getPath();
    for (FileStatus status : place.found()) {
      Optional<LakeTable> table =
          status.isDirectory() ? of(place.fs(), status.getPath()) : Optional.empty();
      if (table.isPresent()) {
        if (place.found().size() == 1) {
          return table;
        }
        throw table.get().refused(place, "matches");
      }
    }
    for (Path folder = given.getParent(); folder != null; folder = folder.getParent()) {
      Optional<LakeTable> table = of(place.fs(), folder);
      if (table.isPresent()) {
        throw table.get().refused(place, "lies inside");
      }
    }
    return Optional.empty();
  }

  /** Refuses a place with a file below it that belongs to a table's log. */
  static void requireNone(Location place, Path file) {
    Path folder = file.getParent();
    if (folder == null || folder.getParent() == null) {
      return;
    }
    String name = folder.getName();
    Kind kind =
        name.equals(DELTA_LOG)
            ? Kind.DELTA
            : name.equals(HUDI_FOLDER)
                ? Kind.HUDI
                : name.equals(ICEBERG_FOLDER) && file.getName().endsWith(ICEBERG_FILE)
                    ? Kind.ICEBERG
                    : null;
    if (kind != null) {
      throw new LakeTable(kind, folder.getParent()).refused(place, "holds");
    }
  }

  private static Optional<LakeTable> of(FileSystem fs, Path folder) {
    try {
      if (fs.exists(new Path(folder, DELTA_LOG))) {
        return Optional.of(new LakeTable(Kind.DELTA, folder));
      }
      if (fs.exists(new Path(folder, HUDI_FOLDER))) {
        return Optional.of(new LakeTable(Kind.HUDI, folder));
      }
      Path metadata = new Path(folder, ICEBERG_FOLDER);
      if (fs.exists(metadata)) {
        for (FileStatus file : fs.listStatus(metadata)) {
          if (file.getPath().getName().endsWith(ICEBERG_FILE)) {
            return Optional.of(new LakeTable(Kind.ICEBERG, folder));
          }
        }
      }
    } catch (IOException e) {
      // Folders above the given one may be closed to us; what we may not see holds no table of
      // ours.
      return Optional.empty();
    }
    return Optional.empty();
  }

  private DataException refused(Location place, String how) {
    return new DataException(
        place.key()
            + " = '"
            + place.origin()
            + "' "
            + how
            + " the "
            + kind.title
            + " table "
            + root.toUri().getPath()
            + ", whose files hold removed rows too; give the folder of the table as the path, or"
            + " write the rows that you want to a Parquet folder");
  }

  /** Reads the table by its own source. */
  Dataset<Row> read(SparkSession spark, Location place, String format) {
    String what = place.key() + " = '" + place.origin() + "' is a " + kind.title + " table";
    if (!format.equals("auto") && !format.equals("parquet")) {
      throw new DataException(
          what + ", but its format is set to " + format + "; set the format to auto");
    }
    if (!isThere(kind.source, Thread.currentThread().getContextClassLoader())) {
      throw new DataException(
          what
              + ", and the jar that reads it is not there; add -- "
              + kind.options
              + ", or name the table by format = table, or write its rows to a Parquet folder");
    }
    try {
      return spark.read().format(kind.source).load(root.toString());
    } catch (Exception e) {
      // Spark's checked exceptions are not declared.
      if (Tasks.isOfMachines(e)) {
        throw e;
      }
      throw new DataException(
          what
              + " that its source cannot read ("
              + Tasks.firstLine(Tasks.root(e))
              + "); check its version and its settings, or name the table by format = table",
          e);
    }
  }

  /** Whether Spark would find the source of that name. */
  static boolean isThere(String source, ClassLoader loader) {
    Iterator<DataSourceRegister> found =
        ServiceLoader.load(DataSourceRegister.class, loader).iterator();
    for (int broken = 0; broken < MOST_BROKEN; broken++) {
      try {
        while (found.hasNext()) {
          if (found.next().shortName().equalsIgnoreCase(source)) {
            return true;
          }
        }
        return false;
      } catch (ServiceConfigurationError | LinkageError e) {
        // Another source that cannot be loaded: the next one may be the wanted one.
      }
    }
    return false;
  }
}

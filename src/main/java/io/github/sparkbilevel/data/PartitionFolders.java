package io.github.sparkbilevel.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;

/** PartitionFolders and the columns that their names hold, as in {@code year=2020}. */
final class PartitionFolders {
  private PartitionFolders() {}

  /** The path below a folder, or the whole path where it is not below it. */
  static String relative(Path folder, Path path) {
    Deque<String> names = new ArrayDeque<>();
    for (Path p = path; p != null; p = p.getParent()) {
      if (p.equals(folder)) {
        return String.join("/", names);
      }
      names.addFirst(p.getName());
    }
    return path.toString();
  }

  /**
   * The names of the partition columns of a file below {@code base}, the outermost first, found as
   * Spark finds them: the innermost run of folders NAME=VALUE.
   */
  static List<String> partitionColumns(Path base, Path file) {
    List<String> names = new ArrayList<>();
    for (Path p = file.getParent(); p != null && !p.equals(base); p = p.getParent()) {
      int equals = p.getName().indexOf('=');
      if (equals > 0) {
        names.add(0, ExternalCatalogUtils.unescapePathName(p.getName().substring(0, equals)));
      } else if (!names.isEmpty()) {
        break;
      }
    }
    return names;
  }

  /** Tells of the columns in the names of folders that readers of text do not look for. */
  static List<Notice> columnsLeft(String format, DataFiles files) {
    Set<String> names = new LinkedHashSet<>();
    if (!format.equals("parquet")) {
      files.paths().forEach(file -> names.addAll(partitionColumns(files.base(), file)));
    }
    return names.isEmpty()
        ? List.of()
        : List.of(
            new Notice(
                Notice.Code.COLUMNS_LEFT_OUT,
                files.origin()
                    + ": left out, because format "
                    + format
                    + " has no partition columns: "
                    + Names.shortList(names)
                    + " (from the names of folders)",
                names.size()));
  }
}

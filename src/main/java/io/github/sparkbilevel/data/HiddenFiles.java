package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/** The files of a listing that are not read, because of their names or because they are empty. */
final class HiddenFiles {
  /** What Spark, Hadoop and Databricks leave beside data; nobody misses it. */
  private static final Set<String> MARKERS =
      Set.of("_SUCCESS", "_metadata", "_common_metadata", ".DS_Store");

  private final Path base;
  private final Set<String> hidden = new TreeSet<>();
  private final List<String> empty = new ArrayList<>();
  private long hiddenFiles;

  HiddenFiles(Path base) {
    this.base = base;
  }

  /** Spark's rule for the names that are not data. */
  static boolean isHidden(String name) {
    return name.startsWith(".")
        || name.startsWith("_") && !name.contains("=")
        || name.endsWith("._COPYING_");
  }

  /** Whether the file or a folder between it and {@code root} is hidden; if so, notes it. */
  boolean hides(Path root, Path file) {
    Path top = null;
    for (Path p = file; p != null && !p.equals(root); p = p.getParent()) {
      top = isHidden(p.getName()) ? p : top;
    }
    if (top != null && !isMarker(file.getName())) {
      hiddenFiles++;
      hidden.add(PartitionFolders.relative(base, top));
    }
    return top != null;
  }

  void addEmpty(Path file) {
    empty.add(PartitionFolders.relative(base, file));
  }

  private static boolean isMarker(String name) {
    return MARKERS.contains(name)
        || name.startsWith(".") && name.endsWith(".crc")
        || name.startsWith("_started_")
        || name.startsWith("_committed_");
  }

  /** How many files are not read because of their names. */
  long hidden() {
    return hiddenFiles;
  }

  List<Notice> notices(String origin) {
    List<Notice> notices = new ArrayList<>();
    if (hiddenFiles > 0) {
      notices.add(
          new Notice(
              Notice.Code.FILES_IGNORED,
              origin
                  + ": "
                  + count(hiddenFiles)
                  + " not read, because Spark takes names that begin with _ or . for hidden: "
                  + Names.shortList(hidden),
              hiddenFiles));
    }
    if (!empty.isEmpty()) {
      notices.add(
          new Notice(
              Notice.Code.FILES_EMPTY,
              origin + ": " + count(empty.size()) + " empty: " + Names.shortList(empty),
              empty.size()));
    }
    return notices;
  }

  private static String count(long files) {
    return files == 1 ? "1 file is" : files + " files are";
  }
}

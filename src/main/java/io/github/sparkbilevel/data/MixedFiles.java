package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/** Tells the data files of a folder from what else lies there, such as README.txt. */
final class MixedFiles {
  private MixedFiles() {}

  /**
   * The files of one format. Where the extension of some files tells the format, files of other
   * extensions are left out, unless their first bytes show that they belong to the others.
   *
   * @throws DataException if the format is {@code auto} and extensions tell several
   */
  static DataFiles ofOneFormat(String role, TableSpec spec, DataFiles files) {
    TreeMap<String, Path> told = new TreeMap<>();
    for (Path path : files.paths()) {
      String format = Formats.byExtension(path.getName());
      if (format != null) {
        told.putIfAbsent(format, path);
      }
    }
    String format = spec.format().toLowerCase(Locale.ROOT);
    if (format.equals("auto")) {
      if (told.size() > 1) {
        throw new DataException(
            files.origin()
                + " holds files of several formats: "
                + Names.shortList(told.values().stream().map(Path::getName).toList())
                + "; set data."
                + role
                + ".format, or name the files by a pattern such as *.csv");
      }
      format = told.isEmpty() ? format : told.firstKey();
    }
    Path example = told.get(format);
    if (files.paths().size() < 2 || example == null) {
      return files;
    }
    List<Path> kept = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (Path path : files.paths()) {
      String own = Formats.byExtension(path.getName());
      if (Objects.equals(own, format) || own == null && isLike(format, files, example, path)) {
        kept.add(path);
      } else {
        left.add(PartitionFolders.relative(files.base(), path));
      }
    }
    if (left.isEmpty()) {
      return files;
    }
    return files.with(
        kept,
        List.of(
            new Notice(
                Notice.Code.FILES_IGNORED,
                files.origin()
                    + ": "
                    + (left.size() == 1 ? "1 file is" : left.size() + " files are")
                    + " not read, being no "
                    + format
                    + " by name and content: "
                    + Names.shortList(left),
                left.size())));
  }

  private static boolean isLike(String format, DataFiles files, Path example, Path path) {
    return switch (format) {
      case "parquet" -> "parquet".equals(Formats.magic(files.rawHead(path)));
      case "csv" -> firstLine(files, path).equals(firstLine(files, example));
      case "libsvm" -> LibsvmReader.looksLike(firstLine(files, path));
      default -> false;
    };
  }

  private static String firstLine(DataFiles files, Path path) {
    String text = new String(files.head(path), StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    return TextEncoding.withoutMark(end < 0 ? text : text.substring(0, end)).strip();
  }
}

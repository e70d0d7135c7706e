package io.github.sparkbilevel.job.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The folders that relative paths are looked up in: the current one first, then the repository's.
 *
 * @param current the folder the command was called from
 * @param root the root of the repository; null where it is not known
 */
public record Folders(Path current, Path root) {

  /** The environment variable by which submit.sh says where the repository is. */
  public static final String ROOT_VARIABLE = "SPARK_BILEVEL_HOME";

  /**
   * The environment variable by which submit.sh says where the command was called from, for a
   * driver that a worker of a cluster starts in a folder of its own.
   */
  public static final String CURRENT_VARIABLE = "SPARK_BILEVEL_CURRENT";

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  /** The folders of this process. */
  public static Folders ofProcess() {
    return of(System.getenv());
  }

  /** The folders by the variables of an environment. */
  static Folders of(Map<String, String> environment) {
    String current = environment.getOrDefault(CURRENT_VARIABLE, "");
    String root = environment.getOrDefault(ROOT_VARIABLE, "");
    return new Folders(
        Path.of(current).toAbsolutePath(), root.isBlank() ? null : Path.of(root).toAbsolutePath());
  }

  /** The local file or folder of that name, if there is one. */
  public Optional<Path> find(String name) {
    try {
      Path here = current.resolve(name).normalize();
      if (Files.exists(here)) {
        return Optional.of(here);
      }
      Path there = root == null ? here : root.resolve(name).normalize();
      return Files.exists(there) ? Optional.of(there) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * The Hadoop path to read. A local file or folder is named with {@code file:}, so that it is read
   * from there when another file system is the default; a path with a scheme is taken as it is;
   * anything else is left to the default file system.
   */
  public String input(String path) {
    // First, for a file may have a colon in its name.
    Optional<Path> local = find(path);
    if (local.isPresent()) {
      return "file:" + local.get();
    }
    if (SCHEME.matcher(path).matches()) {
      return path;
    }
    // A pattern such as part-*.csv is not a file, but its folder is.
    int wildcard = indexOfWildcard(path);
    if (wildcard >= 0 && !path.startsWith("/")) {
      int cut = path.lastIndexOf('/', wildcard);
      String folder = cut < 0 ? "" : path.substring(0, cut);
      Optional<Path> base = find(folder);
      if (base.isPresent()) {
        return "file:" + base.get() + "/" + path.substring(cut + 1);
      }
    }
    return path;
  }

  /**
   * The Hadoop path to write. A relative path is in the current folder; an absolute path without a
   * scheme belongs to the default file system.
   */
  public String output(String path) {
    if (SCHEME.matcher(path).matches() || path.startsWith("/")) {
      return path;
    }
    return "file:" + current.resolve(path).normalize();
  }

  private static int indexOfWildcard(String path) {
    for (int i = 0; i < path.length(); i++) {
      if ("*?[{".indexOf(path.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }
}

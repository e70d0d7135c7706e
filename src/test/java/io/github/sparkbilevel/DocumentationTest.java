package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The README stays short, lines fit a screen, and links lead somewhere. */
class DocumentationTest {
  private static final Path README = Path.of("README.md");
  private static final int MOST_LINES = 150;
  private static final int MOST_COLUMNS = 100;

  /** Pages that tests write from the code: their lines are as long as the texts there. */
  private static final Set<Path> GENERATED =
      Set.of(Path.of("docs/keys.md"), Path.of("docs/params.md"));

  private static final Pattern LINK = Pattern.compile("\\]\\(([^()\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("#{1,6} (.+)");
  private static final Pattern LINK_TEXT = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");
  private static final Pattern NOT_IN_ANCHORS = Pattern.compile("[^\\p{L}\\p{M}\\p{N}_ -]");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(README, Path.of("python/README.md")));
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  @Test
  void theReadmeIsShort() throws IOException {
    int lines = Files.readAllLines(README).size();
    assertTrue(lines <= MOST_LINES, () -> "README.md has " + lines + " lines");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linesFitAScreen(Path page) throws IOException {
    if (GENERATED.contains(page)) {
      return;
    }
    List<String> lines = Files.readAllLines(page);
    List<String> tooLong = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean table = line.startsWith("|");
      if (!table && line.codePointCount(0, line.length()) > MOST_COLUMNS) {
        tooLong.add(page + ":" + (i + 1) + ": " + line);
      }
    }
    assertEquals(List.of(), tooLong);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadSomewhere(Path page) throws IOException {
    List<String> broken = new ArrayList<>();
    for (String line : prose(page)) {
      Matcher links = LINK.matcher(line);
      while (links.find()) {
        if (!leadsSomewhere(page, links.group(1))) {
          broken.add(page + ": " + links.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @ParameterizedTest
  @CsvSource({
    "Why it holds, why-it-holds",
    "The field's algorithms, the-fields-algorithms",
    "Steps of `nbo` in tune, steps-of-nbo-in-tune",
    "'Tile size, p = 784', tile-size-p--784",
    "'[Linked](page.md) heading', linked-heading",
  })
  void anchorsAreThoseOfGitHub(String heading, String anchor) {
    assertEquals(anchor, anchor(heading));
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    if (link.matches("[a-z]+:.*")) {
      return true; // another site: nothing is fetched by a test
    }
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
    return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
  }

  /** The anchors of a page's headings; of equal ones all but the first have a number. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : prose(page)) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor = anchor(heading.group(1));
        int before = seen.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }

  private static String anchor(String heading) {
    String text = LINK_TEXT.matcher(heading.strip()).replaceAll("$1").toLowerCase(Locale.ROOT);
    return NOT_IN_ANCHORS.matcher(text).replaceAll("").replace(' ', '-');
  }

  /** The paragraphs of a page, each on one line, without code blocks; tables row by row. */
  private static List<String> prose(Path page) throws IOException {
    List<String> lines = new ArrayList<>();
    StringBuilder paragraph = new StringBuilder();
    boolean fenced = false;
    for (String line : Files.readAllLines(page)) {
      boolean fence = line.startsWith("```");
      boolean indented = paragraph.isEmpty() && line.startsWith("    ");
      boolean alone = line.startsWith("|") || line.startsWith("#") || line.isBlank();
      if (fence || alone) {
        lines.add(paragraph.toString());
        paragraph.setLength(0);
      }
      if (fence) {
        fenced = !fenced;
      } else if (!fenced && alone) {
        lines.add(line);
      } else if (!fenced && !indented) {
        paragraph.append(line.strip()).append(' ');
      }
    }
    lines.add(paragraph.toString());
    return lines;
  }
}

package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.all;
import static io.github.sparkbilevel.job.report.Markup.element;
import static io.github.sparkbilevel.job.report.Markup.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A self-contained page under construction: a head, then sections in reading order, then {@link
 * #html()}. It needs no network, no script and no other file, and every job's report is one.
 *
 * <p>Life cycle: create, add, call {@link #html()}; not safe for use by several threads. The page
 * forbids its own network use by a content security policy, so that even a mistake here could not
 * make a report about private data call out.
 */
public final class Page {
  private static final String STYLE = "page.css";
  private static final String NOTE = "note";
  private static final int LONGEST_VALUE = 240;

  private record Section(String id, String title, Markup content) {}

  private final String kicker;
  private final String title;
  private final List<Markup> head = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private String foot = "";

  /** An empty page; the kicker is the small line above the title. */
  public Page(String kicker, String title) {
    this.kicker = kicker;
    this.title = title;
  }

  /** Adds the sentence that says what came out; an empty one leaves nothing behind. */
  public Page headline(String sentence) {
    return sentence(sentence, "headline");
  }

  /** Adds a paragraph under the headline, likewise. */
  public Page lead(String sentence) {
    return sentence(sentence, "lead");
  }

  private Page sentence(String sentence, String style) {
    if (!sentence.isEmpty()) {
      head.add(element("p", sentence).with("class", style));
    }
    return this;
  }

  /** Adds a row of large figures, each with the words below it; unknown ones are left out. */
  public Page figures(Map<String, String> valueByName) {
    Map<String, String> known = new LinkedHashMap<>(valueByName);
    known.values().removeIf(Numbers.ABSENT::equals);
    if (!known.isEmpty()) {
      head.add(pairs("figures", known));
    }
    return this;
  }

  /** Adds the warnings of the run; none leaves nothing behind. */
  public Page warnings(List<String> warnings) {
    if (!warnings.isEmpty()) {
      List<Markup> items = new ArrayList<>();
      warnings.forEach(warning -> items.add(element("li", warning)));
      head.add(
          element("aside")
              .with("class", "warnings")
              .with("aria-label", "Warnings")
              .add(element("strong", warnings.size() == 1 ? "Warning" : "Warnings"))
              .add(element("ul").addAll(items)));
    }
    return this;
  }

  /** Adds a section; one that shows nothing but notes is left out. */
  public Page section(String sectionTitle, Markup... content) {
    if (Stream.of(content).anyMatch(part -> !part.isEmpty() && !isNote(part))) {
      sections.add(new Section("s" + (sections.size() + 1), sectionTitle, all(content)));
    }
    return this;
  }

  private static boolean isNote(Markup part) {
    return part instanceof Markup.Element element && NOTE.equals(element.attributes().get("class"));
  }

  /** Sets the line at the foot of the page. */
  public Page foot(String line) {
    foot = line;
    return this;
  }

  /** A paragraph. */
  public static Markup paragraph(String sentence) {
    return element("p", sentence);
  }

  /** A paragraph in smaller type. */
  public static Markup note(String sentence) {
    return element("p", sentence).with("class", NOTE);
  }

  /** Names with their values, as a list in columns; entries with an empty value are left out. */
  public static Markup facts(Map<String, String> valueByName) {
    Map<String, String> known = new LinkedHashMap<>(valueByName);
    known.values().removeIf(String::isEmpty);
    return known.isEmpty() ? Markup.all() : pairs("facts", known);
  }

  private static Markup pairs(String style, Map<String, String> valueByName) {
    Markup.Element list = element("dl").with("class", style);
    for (Map.Entry<String, String> pair : valueByName.entrySet()) {
      Markup value = Markup.clipped(pair.getValue(), LONGEST_VALUE);
      list = list.add(element("div", element("dt", pair.getKey()), element("dd", value)));
    }
    return list;
  }

  /** Content that the reader opens. */
  public static Markup folded(String summary, Markup... content) {
    return Markup.all(content).isEmpty()
        ? Markup.all()
        : element("details", element("summary", summary)).add(content);
  }

  /** Text shown letter by letter, as in a file. */
  public static Markup listing(String content) {
    return element("pre", element("code", content)).with("tabindex", "0");
  }

  /** Figures side by side where there is room; nothing without any. */
  public static Markup sideBySide(List<? extends Markup> figures) {
    List<? extends Markup> shown = figures.stream().filter(one -> !one.isEmpty()).toList();
    return shown.isEmpty() ? Markup.all() : element("div").with("class", "multiples").addAll(shown);
  }

  /** The finished page. */
  public String html() {
    StringBuilder html = new StringBuilder("<!DOCTYPE html>\n");
    root().appendTo(html);
    return html.append('\n').toString();
  }

  private Markup root() {
    return element("html")
        .with("xmlns", "http://www.w3.org/1999/xhtml")
        .with("lang", "en")
        .add(
            element(
                "head",
                element("meta").with("charset", "utf-8"),
                element("meta")
                    .with("http-equiv", "Content-Security-Policy")
                    .with(
                        "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
                element("meta").with("name", "referrer").with("content", "no-referrer"),
                element("meta")
                    .with("name", "viewport")
                    .with("content", "width=device-width, initial-scale=1"),
                element("meta").with("name", "color-scheme").with("content", "light dark"),
                element("title", title + " – spark-bilevel"),
                element("style", resource(STYLE))))
        .add(element("body", header(), main(), element("footer", foot)));
  }

  private Markup header() {
    Markup.Element header =
        element("header", element("p", kicker).with("class", "kicker"), element("h1", title))
            .addAll(head);
    if (sections.size() < 3) {
      return header;
    }
    Markup.Element links = element("ul");
    for (Section section : sections) {
      links =
          links.add(element("li", element("a", section.title()).with("href", "#" + section.id())));
    }
    return header.add(element("nav", links).with("aria-label", "Sections"));
  }

  private Markup main() {
    Markup.Element main = element("main");
    for (Section section : sections) {
      String headingId = section.id() + "-title";
      main =
          main.add(
              element("section")
                  .with("id", section.id())
                  .with("aria-labelledby", headingId)
                  .add(element("h2", text(section.title())).with("id", headingId))
                  .add(section.content()),
              text("\n"));
    }
    return main;
  }

  static String resource(String name) {
    try (InputStream stream = Page.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(
            "the resource " + name + " is not in the jar; build it again with its resources");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + name, e);
    }
  }
}

package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A piece of a page: text, an element, or several of them in a row.
 *
 * <p>Everything on a page is built from this type, so text that comes from data can only enter as
 * {@link Text}, which escapes it; no method takes ready-made markup. The result is valid as HTML
 * and well-formed as XML: tests parse it, and other tools can read it back.
 */
public sealed interface Markup {

  /** Appends this piece to a page. */
  void appendTo(StringBuilder page);

  /** Whether this shows nothing. */
  default boolean isEmpty() {
    return false;
  }

  /** Text, shown as it is whatever it contains; null shows nothing. */
  static Markup text(String text) {
    return new Text(text == null ? "" : text);
  }

  /** Text from data, cut after {@code longest} characters; the whole is shown on hovering. */
  static Markup clipped(String text, int longest) {
    if (text == null || text.length() <= longest) {
      return text(text);
    }
    // A cut between the halves of a character outside the basic plane would leave a broken one.
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    String hint = text.length() <= 1000 ? text : text.substring(0, 1000) + "…";
    return element("span", text(text.substring(0, end) + "…")).with("title", hint);
  }

  /** Several pieces, one after the other. */
  static Markup all(List<? extends Markup> parts) {
    return new Sequence(List.copyOf(parts));
  }

  /** Several pieces, one after the other. */
  static Markup all(Markup... parts) {
    return new Sequence(List.of(parts));
  }

  /** An element with its children. */
  static Element element(String name, Markup... children) {
    return new Element(name, Map.of(), List.of(children));
  }

  /** An element whose only child is text. */
  static Element element(String name, String text) {
    return element(name, text(text));
  }

  /** Escaped text. */
  record Text(String text) implements Markup {
    @Override
    public void appendTo(StringBuilder page) {
      escape(text, page);
    }
  }

  /** Pieces in a row. */
  record Sequence(List<Markup> parts) implements Markup {
    /** Takes a copy. */
    public Sequence {
      parts = List.copyOf(parts);
    }

    @Override
    public void appendTo(StringBuilder page) {
      parts.forEach(part -> part.appendTo(page));
    }

    @Override
    public boolean isEmpty() {
      return parts.stream().allMatch(Markup::isEmpty);
    }
  }

  /** An element; {@link #with} and {@link #add} return a changed copy. */
  record Element(String name, Map<String, String> attributes, List<Markup> children)
      implements Markup {
    // The only elements that HTML wants without an end tag, among those used here; every other
    // empty element must have one, or an HTML parser would swallow what follows.
    private static final Set<String> VOID = Set.of("meta", "img", "br", "hr", "col");

    /** Takes copies and keeps the order of the attributes. */
    public Element {
      attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
      children = List.copyOf(children);
    }

    /** This element with one more attribute. */
    public Element with(String attribute, String value) {
      Map<String, String> more = new LinkedHashMap<>(attributes);
      more.put(attribute, value);
      return new Element(name, more, children);
    }

    /** This element with more children. */
    public Element add(Markup... more) {
      return addAll(List.of(more));
    }

    /** This element with more children. */
    public Element addAll(List<? extends Markup> more) {
      List<Markup> longer = new ArrayList<>(children);
      longer.addAll(more);
      return new Element(name, attributes, longer);
    }

    @Override
    public void appendTo(StringBuilder page) {
      page.append('<').append(name);
      attributes.forEach(
          (attribute, value) -> {
            page.append(' ').append(attribute).append("=\"");
            escape(value, page);
            page.append('"');
          });
      if (VOID.contains(name)) {
        page.append("/>");
        return;
      }
      page.append('>');
      children.forEach(child -> child.appendTo(page));
      page.append("</").append(name).append('>');
    }
  }

  private static void escape(String text, StringBuilder page) {
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> page.append("&amp;");
                case '<' -> page.append("&lt;");
                case '>' -> page.append("&gt;");
                case '"' -> page.append("&quot;");
                case '\'' -> page.append("&#39;");
                default -> page.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
              }
            });
  }

  /** True for the characters of XML 1.0 that HTML does not object to either. */
  private static boolean isAllowed(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c < 0x7F)
        || (c >= 0xA0 && c <= 0xD7FF)
        || (c >= 0xE000 && c < 0xFFFE)
        || (c >= 0x10000 && (c & 0xFFFF) < 0xFFFE);
  }
}

package io.github.sparkbilevel.job.report;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A page read back by a parser of XML, which refuses one that is not well-formed. */
record PageText(Document document) {

  static PageText of(String html) {
    try {
      DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      return new PageText(parser.parse(new InputSource(new StringReader(html))));
    } catch (Exception e) {
      throw new AssertionError("the page is not well-formed", e);
    }
  }

  /** The text of every element of this name, in order. */
  List<String> texts(String element) {
    return elements(element).stream().map(Element::getTextContent).toList();
  }

  List<Element> elements(String name) {
    NodeList found = document.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  /** The cells of the rows below the head of the table with this caption. */
  List<List<String>> table(String caption) {
    for (Element table : elements("table")) {
      if (table.getElementsByTagName("caption").item(0).getTextContent().equals(caption)) {
        List<List<String>> rows = new ArrayList<>();
        Element body = (Element) table.getElementsByTagName("tbody").item(0);
        NodeList lines = body.getElementsByTagName("tr");
        for (int i = 0; i < lines.getLength(); i++) {
          List<String> cells = new ArrayList<>();
          NodeList children = lines.item(i).getChildNodes();
          for (int j = 0; j < children.getLength(); j++) {
            cells.add(children.item(j).getTextContent());
          }
          rows.add(cells);
        }
        return rows;
      }
    }
    throw new AssertionError("no table is called " + caption);
  }

  /** The titles of the figures without their legends. */
  List<String> figures() {
    return elements("figcaption").stream()
        .map(caption -> caption.getFirstChild().getTextContent())
        .toList();
  }

  /** What the figure of this title says to those who cannot see it. */
  String description(String title) {
    for (Element figure : elements("figure")) {
      Element caption = (Element) figure.getElementsByTagName("figcaption").item(0);
      if (caption.getFirstChild().getTextContent().equals(title)) {
        return ((Element) figure.getLastChild()).getAttribute("aria-label");
      }
    }
    throw new AssertionError("no figure is called " + title);
  }

  String text() {
    return document.getDocumentElement().getTextContent();
  }
}

package io.github.sparkbilevel.data;

import java.nio.charset.StandardCharsets;

/** Bytes that Jazzer makes up, as records of CSV and as numbers. */
public final class CsvFuzz {
  private CsvFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    CsvLine line = new CsvLine(CsvDialect.PLAIN);
    String[] cells = line.split(text);
    if (line.isOpen() != new CsvLine.Quotes(CsvDialect.PLAIN).isOpenAfter(text)
        && line.behind() == null) {
      throw new IllegalStateException("open and closed at once: " + text);
    }
    if (!line.isWell()) {
      return; // The next line would belong to it, or it is refused.
    }
    for (String cell : cells) {
      String[] again = line.split('"' + cell.replace("\"", "\"\"") + '"');
      if (again.length != 1 || !again[0].equals(cell)) {
        throw new IllegalStateException("quoted and split, a cell is another one: " + cell);
      }
      if (Numbers.isNumber(cell)) {
        Numbers.parse(cell);
        Numbers.canonical(cell);
      }
    }
  }
}

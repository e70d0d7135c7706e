package io.github.sparkbilevel.data;

import java.nio.charset.StandardCharsets;

/** Bytes that Jazzer makes up, as records of CSV and as numbers. */
public final class CsvFuzz {
  private CsvFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (CsvLine.isOpen(text)) {
      return; // The next line would belong to it.
    }
    for (String cell : CsvLine.split(text)) {
      String[] again = CsvLine.split('"' + cell.replace("\"", "\"\"") + '"');
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

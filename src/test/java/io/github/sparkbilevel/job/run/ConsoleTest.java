package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void aTerminalRewritesOneLine() {
    Console console = new Console(stream, true);
    console.progress("one");
    console.update("two");
    console.progress("x".repeat(100));
    console.line("done");
    console.warn("odd");
    assertEquals(
        "\rone\u001b[K\r\rtwo\u001b[K\r\r"
            + "x".repeat(79)
            + "\u001b[K\r\r\u001b[Kdone\nwarning: odd\n",
        text());
  }

  @Test
  void aPipeGetsPlainLines() {
    Console console = new Console(stream, false);
    console.progress("one");
    console.update("two");
    console.progress("x".repeat(100));
    console.last("bye");
    console.line("too late");
    console.progress("too late");
    assertEquals("one\n" + "x".repeat(100) + "\nbye\n", text());
  }
}

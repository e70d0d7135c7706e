package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.job.output.Secrets;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a job tells the person who started it, without passwords in addresses, on standard error,
 * and the tables that a job is run for, on standard output. On a terminal progress is one line that
 * is rewritten; elsewhere it is one line after the other. Safe to use from several threads.
 */
public final class Console {
  private static final int DEFAULT_WIDTH = 80;

  private final PrintStream out;
  private final PrintStream results;
  private final boolean terminal;
  private final int width;
  private boolean onProgressLine;
  private boolean muted;

  /** A console of the given kind, with everything on one stream. */
  public Console(PrintStream out, boolean terminal) {
    this(out, out, terminal, DEFAULT_WIDTH);
  }

  private Console(PrintStream out, PrintStream results, boolean terminal, int width) {
    this.out = out;
    this.results = results;
    this.terminal = terminal;
    this.width = width;
  }

  /** The console of this process, which writes to the given streams. */
  public static Console ofProcess(PrintStream out, PrintStream err) {
    return new Console(err, out, writesToTerminal(), columns());
  }

  /** Prints what was asked for to standard output. */
  public synchronized void result(String text) {
    if (muted) {
      return;
    }
    endProgress();
    results.print(Secrets.hidden(text));
    results.flush();
  }

  /** Whether progress is one line that is rewritten. */
  boolean isTerminal() {
    return terminal;
  }

  /** Says where the run is; on a terminal the next call takes the place of this one. */
  public synchronized void progress(String text) {
    if (muted) {
      return;
    }
    if (terminal) {
      String cut = text.length() < width ? text : text.substring(0, width - 1);
      // What a longer text may have left is cleared; the log, which knows nothing of this line,
      // then writes over it from its start.
      out.print("\r" + cut + "\u001b[K\r");
      onProgressLine = true;
      out.flush();
    } else {
      out.println(text);
    }
  }

  /** Says more of the progress on a terminal, and nothing elsewhere. */
  public synchronized void update(String text) {
    if (terminal) {
      progress(text);
    }
  }

  /** Says something that stays. */
  public synchronized void line(String text) {
    if (muted) {
      return;
    }
    endProgress();
    out.println(Secrets.hidden(text));
    out.flush();
  }

  /** Says something that stays and that the person should look at. */
  public void warn(String text) {
    line("warning: " + text);
  }

  /** Clears the line that progress is written on. */
  public synchronized void endProgress() {
    if (onProgressLine) {
      out.print("\r\u001b[K");
      out.flush();
      onProgressLine = false;
    }
  }

  /** Says a last word, and nothing after it. */
  public synchronized void last(String text) {
    line(text);
    muted = true;
  }

  private static boolean writesToTerminal() {
    String term = System.getenv("TERM");
    if (term == null || term.isEmpty() || term.equals("dumb")) {
      return false;
    }
    Path standardError = Path.of("/proc/self/fd/2");
    try {
      // System.console() speaks of input and output, and it is standard error that is written.
      String file = Files.readSymbolicLink(standardError).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }

  private static int columns() {
    try {
      return Math.max(20, Integer.parseInt(System.getenv("COLUMNS")));
    } catch (NumberFormatException e) {
      return DEFAULT_WIDTH;
    }
  }
}

package io.github.sparkbilevel.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;

/** The lines of one text file from its beginning, and how far they reach. */
final class TextLines implements AutoCloseable {
  private final InputStream in;
  private final Charset charset;

  /** Reads bytes, where lines are plain; it ends them as Hadoop's input formats do. */
  private final LineReader bytes;

  private final BufferedReader characters;
  private final Text buffer = new Text();
  private long lines;
  private long position;
  private boolean undecodable;

  TextLines(Configuration conf, Path file, Charset charset) throws IOException {
    this.charset = charset;
    in = DataFiles.open(conf, file);
    boolean plain = TextEncoding.hasPlainLines(charset);
    bytes = plain ? new LineReader(in) : null;
    characters =
        plain
            ? null
            : new BufferedReader(
                new InputStreamReader(
                    in,
                    charset
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
  }

  /**
   * The next line, or null at the end of the file; with other characters where it cannot be
   * decoded.
   */
  String next() throws IOException {
    String line;
    undecodable = false;
    if (characters != null) {
      try {
        line = characters.readLine();
      } catch (CharacterCodingException e) {
        undecodable = true;
        line = "\uFFFD";
      }
    } else {
      int read = bytes.readLine(buffer);
      if (read == 0) {
        return null;
      }
      position += read;
      line = TextEncoding.decode(buffer.getBytes(), buffer.getLength(), charset);
      if (line == null) {
        undecodable = true;
        line = buffer.toString();
      }
    }
    if (line == null) {
      return null;
    }
    return lines++ == 0 ? TextEncoding.withoutMark(line) : line;
  }

  /** Whether the last line cannot be decoded. */
  boolean isUndecodable() {
    return undecodable;
  }

  /** How many lines were read. */
  long lines() {
    return lines;
  }

  /** How many bytes the lines that were read take; 0 where lines are not plain. */
  long position() {
    return position;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

package io.github.sparkbilevel.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;

/** Writes small files, compressed by their extension. */
public final class TestFiles {
  private TestFiles() {}

  public static String text(Path folder, String name, String content) {
    return bytes(folder, name, content.getBytes(StandardCharsets.UTF_8));
  }

  public static String bytes(Path folder, String name, byte[] content) {
    Path file = folder.resolve(name);
    try (OutputStream out = open(file)) {
      out.write(content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return file.toString();
  }

  private static OutputStream open(Path file) throws IOException {
    OutputStream raw = Files.newOutputStream(file);
    if (file.toString().endsWith(".gz")) {
      return new GZIPOutputStream(raw);
    }
    if (file.toString().endsWith(".bz2")) {
      BZip2Codec codec = new BZip2Codec();
      codec.setConf(new Configuration(false));
      return codec.createOutputStream(raw);
    }
    return raw;
  }

  /** An IDX file of unsigned bytes: the sizes, then {@code count} bytes 0, 1, 2, … mod 251. */
  public static byte[] idx(int count, int... sizes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x800 | sizes.length);
    for (int size : sizes) {
      out.writeInt(size);
    }
    for (int k = 0; k < count; k++) {
      out.writeByte(k % 251);
    }
    return bytes.toByteArray();
  }
}

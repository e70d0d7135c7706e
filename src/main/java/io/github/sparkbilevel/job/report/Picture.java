package io.github.sparkbilevel.job.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A small square grey image made of a row's features, as they were read (not standardised).
 *
 * @param side pixels in a row and in a column
 * @param values the pixels, row by row from the top; their range is the page's affair
 */
public record Picture(int side, List<Float> values) {
  /** Fewer pixels than this in a row are a coincidence, not an image. */
  public static final int SMALLEST_SIDE = 6;

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  /** Takes a copy. */
  public Picture {
    values = List.copyOf(values);
    if (side < 1 || values.size() != side * side) {
      throw new IllegalArgumentException(
          "got %d values, expected %d for a picture of side %d"
              .formatted(values.size(), side * side, side));
    }
  }

  /** Whether so many features could be a square image. */
  public static boolean canBe(int features) {
    int side = (int) Math.round(Math.sqrt(features));
    return side >= SMALLEST_SIDE && side * side == features;
  }

  /** The picture of a row whose number of features is a square. */
  public static Picture of(double[] features) {
    List<Float> values = new ArrayList<>(features.length);
    for (double feature : features) {
      values.add((float) feature);
    }
    return new Picture((int) Math.round(Math.sqrt(features.length)), values);
  }

  /**
   * The picture as a PNG in a data URI, black at {@code low} and white at {@code high}.
   *
   * <p>Written here because {@code javax.imageio} needs AWT, which a server's Java may lack.
   */
  String dataUri(double low, double high) {
    byte[] scanLines = new byte[side * (side + 1)];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double share = (values.get(row * side + column) - low) / (high - low);
        // The comparison sends a value that is not a number to black.
        int grey = share > 0 ? (int) Math.round(255 * Math.min(share, 1)) : 0;
        // Byte 0 of each line stays 0: the PNG filter type "none".
        scanLines[row * (side + 1) + column + 1] = (byte) grey;
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(SIGNATURE);
    // 8 bits of grey; standard compression and filters; not interlaced.
    ByteBuffer header = ByteBuffer.allocate(13).putInt(side).putInt(side).put((byte) 8);
    chunk(png, "IHDR", header.array());
    chunk(png, "IDAT", deflate(scanLines));
    chunk(png, "IEND", new byte[0]);
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(name);
    check.update(content);
    png.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    png.writeBytes(name);
    png.writeBytes(content);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
  }

  private static byte[] deflate(byte[] plain) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      byte[] buffer = new byte[1024];
      while (!deflater.finished()) {
        packed.write(buffer, 0, deflater.deflate(buffer));
      }
      return packed.toByteArray();
    } finally {
      deflater.end();
    }
  }
}

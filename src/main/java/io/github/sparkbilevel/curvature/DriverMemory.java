package io.github.sparkbilevel.curvature;

/** Bytes of the driver as messages show them. */
public final class DriverMemory {
  private DriverMemory() {}

  /** The bytes in MiB, or in GB where there are many. */
  public static String text(long bytes) {
    long mebibytes = bytes >> 20;
    if (mebibytes == 0) {
      return "less than 1 MiB";
    }
    return mebibytes < 10_000
        ? "%,d MiB".formatted(mebibytes)
        : "%,d GB".formatted(bytes / 1_000_000_000);
  }
}

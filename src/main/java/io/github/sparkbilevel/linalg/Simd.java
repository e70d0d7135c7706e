package io.github.sparkbilevel.linalg;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Whether loops are written with the Vector API on this virtual machine.
 *
 * <p>They need the module {@code jdk.incubator.vector} and the second compiler, without which every
 * vector is an object. Where either is missing the same operations run one number at a time, in the
 * same order: the bits are the same. {@code -Dbilevel.simd=false} asks for that.
 */
public final class Simd {
  private static final String PROPERTY = "bilevel.simd";
  private static final String MODULE = "jdk.incubator.vector";
  private static final int SECOND_COMPILER = 4;

  private static final boolean AVAILABLE = find();

  private Simd() {}

  /** Whether vectors are compiled to instructions of the CPU. */
  public static boolean isAvailable() {
    return AVAILABLE;
  }

  private static boolean find() {
    String wanted = System.getProperty(PROPERTY);
    return ModuleLayer.boot().findModule(MODULE).isPresent()
        && (wanted == null ? hasSecondCompiler() : Boolean.parseBoolean(wanted));
  }

  private static boolean hasSecondCompiler() {
    try {
      HotSpotDiagnosticMXBean hotSpot =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      String level = hotSpot.getVMOption("TieredStopAtLevel").getValue();
      return Integer.parseInt(level) >= SECOND_COMPILER;
    } catch (RuntimeException | LinkageError e) {
      return false; // Another virtual machine, of which nothing is known.
    }
  }
}

package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which backend is chosen, and what is said when one is missing. */
@Tag("vectors")
class DenseBackendsTest {

  @Test
  void shapeDecides() {
    assertEquals("netlib", DenseBackends.forColumns(DenseBackends.MATRIX_COLUMNS - 1).name());
    assertEquals("nd4j", DenseBackends.forColumns(DenseBackends.MATRIX_COLUMNS).name());
    assertEquals("nd4j", DenseBackends.forColumns(784).name());
  }

  @Test
  void everyBackendIsFoundByName() {
    for (String name : new String[] {"jvm", "netlib", "nd4j"}) {
      DenseBackend backend = DenseBackends.byName(name);
      assertEquals(name, backend.name());
      assertTrue(backend.isAvailable());
      assertEquals("", backend.unavailableReason());
    }
  }

  @Test
  void anUnknownNameNamesTheKnownOnes() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> DenseBackends.byName("mkl"))
            .getMessage();
    assertEquals("got backend 'mkl', expected one of auto, jvm, netlib, nd4j", message);
  }

  @Test
  void aForcedNameIsCheckedForSparseRowsToo() {
    CsrFeatures sparse = Naive.sparse(1, 3, 4, 0.5, null);
    assertThrows(IllegalArgumentException.class, () -> DenseBackends.open(sparse, 1, 16, "mkl"));
    try (RowProducts products = DenseBackends.open(sparse, 1, 16, "jvm")) {
      assertInstanceOf(CsrProducts.class, products);
    }
  }

  @Test
  void tilesFillHalfOfTheSecondLevelCacheWithinBounds() {
    assertEquals(167, DenseBackends.tileRows(784, true));
    assertEquals(83, DenseBackends.tileRows(784, false));
    assertEquals(4096, DenseBackends.tileRows(0, true));
    assertEquals(4096, DenseBackends.tileRows(1, true));
    assertEquals(16, DenseBackends.tileRows(1_000_000, true));
    Features dense = DenseFeatures.ofFloats(0, 784, new float[0]);
    assertEquals(167, DenseBackends.tileRows(dense, 10));
    assertEquals(668, DenseBackends.tileRows(dense, 50));
    assertEquals(4096, DenseBackends.tileRows(Naive.sparse(1, 3, 40, 0.5, null), 1));
  }

  /** Without the ND4J jars the others still work and the error tells the reason. */
  @Test
  void nd4jMayBeMissing() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains("nd4j") || new File(entry).isDirectory()) {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    try (URLClassLoader without =
        new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      Class<?> backends = without.loadClass(DenseBackends.class.getName());
      Object chosen = backends.getMethod("forColumns", int.class).invoke(null, 50);
      assertEquals("NetlibBackend", chosen.getClass().getSimpleName());
      Throwable thrown =
          assertThrows(
              ReflectiveOperationException.class,
              () -> backends.getMethod("byName", String.class).invoke(null, "nd4j"));
      String message = thrown.getCause().getMessage();
      assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
      assertTrue(message.contains("ND4J does not load"), message);
      assertTrue(message.contains("expected one of auto, jvm, netlib"), message);
      assertFalse(message.contains("netlib, nd4j"), message);
    }
  }
}

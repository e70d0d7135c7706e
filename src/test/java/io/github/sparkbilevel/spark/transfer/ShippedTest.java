package io.github.sparkbilevel.spark.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What arrives is what was sent, by either serializer of Spark. */
class ShippedTest {

  /** The serializers that a user may choose. */
  enum By {
    JAVA,
    KRYO;

    private Serializer serializer() {
      SparkConf conf = new SparkConf(false);
      return this == JAVA ? new JavaSerializer(conf) : new KryoSerializer(conf);
    }
  }

  private record Inner(String name, double[] first, double[] second) implements Serializable {}

  private record Outer(
      int number, double[] none, double[][] rows, List<Inner> inner, Serializable any)
      implements Serializable {}

  /** What Spark's serializers make nothing of. */
  private static <T> ClassTag<T> any() {
    return ClassTag$.MODULE$.apply(Object.class);
  }

  private static <T extends Serializable> T sent(By by, T value) {
    SerializerInstance instance = by.serializer().newInstance();
    ByteBuffer bytes = instance.serialize(new Shipped<>(value), any());
    Shipped<T> arrived = instance.deserialize(bytes, any());
    return arrived.value();
  }

  private static double[] numbers(int length) {
    Random random = new Random(length);
    double[] numbers = new double[length];
    // All patterns of bits: denormal numbers and those that are none.
    Arrays.setAll(numbers, j -> Double.longBitsToDouble(random.nextLong()));
    return numbers;
  }

  private static void assertSameBits(double[] expected, double[] got) {
    assertArrayEquals(
        Arrays.stream(expected).mapToLong(Double::doubleToRawLongBits).toArray(),
        Arrays.stream(got).mapToLong(Double::doubleToRawLongBits).toArray());
  }

  @ParameterizedTest
  @EnumSource(By.class)
  void arraysOfAnyLengthArriveBitForBit(By by) {
    int chunk = Shipped.CHUNK;
    for (int length : new int[] {0, 1, 2, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5}) {
      double[] numbers = numbers(length);
      double[] arrived = sent(by, numbers);
      assertNotSame(numbers, arrived);
      assertSameBits(numbers, arrived);
    }
  }

  @ParameterizedTest
  @EnumSource(By.class)
  void recordsArriveWithTheirNullsAndTheirArraysAtAnyDepth(By by) {
    double[] empty = {};
    List<Inner> inner = new ArrayList<>();
    inner.add(new Inner("one", numbers(3), null));
    inner.add(null);
    inner.add(new Inner(null, empty, numbers(Shipped.CHUNK + 1)));
    Outer outer =
        new Outer(
            7, null, new double[][] {numbers(4), null, empty}, inner, new int[][] {{1, 2}, {3}});
    Outer arrived = sent(by, outer);
    assertEquals(7, arrived.number());
    assertNull(arrived.none());
    assertEquals(3, arrived.rows().length);
    assertSameBits(numbers(4), arrived.rows()[0]);
    assertNull(arrived.rows()[1]);
    assertEquals(0, arrived.rows()[2].length);
    assertEquals("one", arrived.inner().get(0).name());
    assertSameBits(numbers(3), arrived.inner().get(0).first());
    assertNull(arrived.inner().get(0).second());
    assertNull(arrived.inner().get(1));
    assertSameBits(numbers(Shipped.CHUNK + 1), arrived.inner().get(2).second());
    assertTrue(Arrays.deepEquals(new int[][] {{1, 2}, {3}}, (int[][]) arrived.any()));
    assertNull(sent(by, null));
  }

  @ParameterizedTest
  @EnumSource(By.class)
  void anArrayThatIsHeldTwiceArrivesAsOne(By by) {
    double[] shared = numbers(5);
    Inner inner = new Inner("shared", shared, shared);
    Outer arrived =
        sent(by, new Outer(0, shared, new double[][] {shared}, List.of(inner), shared.clone()));
    assertSame(arrived.none(), arrived.rows()[0]);
    assertSame(arrived.none(), arrived.inner().get(0).first());
    assertSame(arrived.none(), arrived.inner().get(0).second());
    assertNotSame(arrived.none(), arrived.any(), "equal numbers are not the same array");
    assertSameBits(shared, arrived.none());
  }

  @ParameterizedTest
  @EnumSource(By.class)
  void valuesThatFollowOneAnotherInAStreamStayApart(By by) {
    SerializerInstance instance = by.serializer().newInstance();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    var out = instance.serializeStream(bytes);
    for (int length = 0; length < 4; length++) {
      out.writeObject(new Shipped<>(numbers(length)), any());
      out.writeObject("after " + length, any());
    }
    out.close();
    var in = instance.deserializeStream(new ByteArrayInputStream(bytes.toByteArray()));
    for (int length = 0; length < 4; length++) {
      Shipped<double[]> arrived = in.readObject(any());
      assertSameBits(numbers(length), arrived.value());
      assertEquals("after " + length, in.<Object>readObject(any()));
    }
    in.close();
  }

  @ParameterizedTest
  @EnumSource(By.class)
  void theNumbersTravelAsTheyLieInMemory(By by) {
    int length = 10 * Shipped.CHUNK;
    int bytes =
        by.serializer().newInstance().serialize(new Shipped<>(numbers(length)), any()).limit();
    // Java's stream has a header of five bytes before each KiB, here twice.
    assertTrue(bytes <= 8 * length * 1.02 + 1000, "bytes: " + bytes);
  }

  /** A class loader that nobody but the thread knows, as that of an executor. */
  private static final class Isolated extends ClassLoader {
    Isolated() {
      super(null);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (!name.startsWith(ShippedTest.class.getName())) {
        return ClassLoader.getSystemClassLoader().loadClass(name);
      }
      String file = name.replace('.', '/') + ".class";
      try (var in = ClassLoader.getSystemResourceAsStream(file)) {
        byte[] code = in.readAllBytes();
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void classesAreThoseOfTheThread() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Shipped<>(new Inner("mine", numbers(3), null)));
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader isolated = new Isolated();
    try {
      thread.setContextClassLoader(isolated);
      try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        Object value = ((Shipped<?>) in.readObject()).value();
        assertSame(isolated, value.getClass().getClassLoader());
        assertEquals(Inner.class.getName(), value.getClass().getName());
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}

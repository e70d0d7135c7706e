package io.github.sparkbilevel.spark.transfer;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * A value on its way between driver and executors, with its vectors in bulk.
 *
 * <p>Java's serialisation writes a {@code double[]} number by number; here every one that the value
 * holds, at any depth, is written as blocks of bytes. All else is as Java does it: an array that is
 * held twice arrives as one, and records arrive as records.
 *
 * <p>Kryo, which a user may choose and which cannot write records, leaves it to the same code.
 */
@DefaultSerializer(JavaSerializer.class)
public final class Shipped<T extends Serializable> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Numbers that are written at a time: 64 KiB. */
  static final int CHUNK = 8192;

  private transient T value;

  public Shipped(T value) {
    this.value = value;
  }

  public T value() {
    return value;
  }

  /** The same as it arrives elsewhere: nobody else's. */
  public Shipped<T> arrived() {
    SerializerInstance java = SparkEnv.get().closureSerializer().newInstance();
    ClassTag<Shipped<T>> type = ClassTag$.MODULE$.apply(Shipped.class);
    return java.deserialize(java.serialize(this, type), type);
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    BulkOutput bulk = new BulkOutput(out);
    bulk.writeObject(value);
    bulk.flush();
  }

  @SuppressWarnings("unchecked") // What was written is a T.
  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    value = (T) new BulkInput(in).readObject();
  }

  private static final class BulkOutput extends ObjectOutputStream {
    BulkOutput(OutputStream out) throws IOException {
      super(out);
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object object) {
      return object instanceof double[] numbers ? new Vector(numbers) : object;
    }
  }

  private static final class BulkInput extends ObjectInputStream {
    BulkInput(InputStream in) throws IOException {
      super(in);
    }

    /** Executors know the classes of a job by the class loader of the thread. */
    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(
            description.getName(), false, Thread.currentThread().getContextClassLoader());
      } catch (ClassNotFoundException e) {
        // A primitive type, or a thread that Spark did not start.
        return super.resolveClass(description);
      }
    }
  }

  /** Stands for an array while it is written, and gives way to it when it is read. */
  private static final class Vector implements Serializable {
    private static final long serialVersionUID = 1L;

    private transient double[] numbers;

    Vector(double[] numbers) {
      this.numbers = numbers;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeInt(numbers.length);
      byte[] bytes = chunk(numbers.length);
      DoubleBuffer view = view(bytes);
      int count;
      for (int at = 0; at < numbers.length; at += count) {
        count = Math.min(CHUNK, numbers.length - at);
        view.put(0, numbers, at, count);
        out.write(bytes, 0, count * Double.BYTES);
      }
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      numbers = new double[in.readInt()];
      byte[] bytes = chunk(numbers.length);
      DoubleBuffer view = view(bytes);
      int count;
      for (int at = 0; at < numbers.length; at += count) {
        count = Math.min(CHUNK, numbers.length - at);
        in.readFully(bytes, 0, count * Double.BYTES);
        view.get(0, numbers, at, count);
      }
    }

    private Object readResolve() {
      return numbers;
    }

    private static byte[] chunk(int length) {
      return new byte[Math.min(CHUNK, length) * Double.BYTES];
    }

    private static DoubleBuffer view(byte[] bytes) {
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
    }
  }
}

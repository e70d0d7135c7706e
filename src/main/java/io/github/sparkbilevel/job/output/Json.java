package io.github.sparkbilevel.job.output;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;

/**
 * JSON text of maps, lists, records and numbers. A number that is not finite is written as null,
 * for JSON has no other way; maps keep their order.
 */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(finiteNumbers());
  private static final ObjectWriter PRETTY =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private Json() {}

  /** The value as indented text, ending in a line break. */
  public static String pretty(Object value) {
    return write(PRETTY, value) + "\n";
  }

  /** The value on one line, ending in a line break. */
  public static String line(Object value) {
    return write(MAPPER.writer(), value) + "\n";
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static SimpleModule finiteNumbers() {
    SimpleModule module = new SimpleModule("finite numbers");
    JsonSerializer<Double> number = new FiniteDouble();
    module.addSerializer(Double.class, number);
    module.addSerializer(Double.TYPE, number);
    JsonSerializer<Float> single = new FiniteFloat();
    module.addSerializer(Float.class, single);
    module.addSerializer(Float.TYPE, single);
    module.addSerializer(double[].class, new FiniteDoubles());
    return module;
  }

  private static void write(double value, JsonGenerator out) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeNull();
    }
  }

  private static final class FiniteDouble extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      write(value, out);
    }
  }

  private static final class FiniteFloat extends JsonSerializer<Float> {
    @Override
    public void serialize(Float value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (Float.isFinite(value)) {
        out.writeNumber(value);
      } else {
        out.writeNull();
      }
    }
  }

  private static final class FiniteDoubles extends JsonSerializer<double[]> {
    @Override
    public void serialize(double[] values, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeStartArray();
      for (double value : values) {
        write(value, out);
      }
      out.writeEndArray();
    }
  }
}

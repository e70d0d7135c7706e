package io.github.sparkbilevel.ml;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build. */
public final class Version {
  private static final String MAVEN =
      "/META-INF/maven/io.github.spark-bilevel/spark-bilevel/pom.properties";

  private Version() {}

  /** As Maven wrote it into the jar; {@code development} when run from class files. */
  public static String current() {
    try (InputStream in = Version.class.getResourceAsStream(MAVEN)) {
      if (in == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

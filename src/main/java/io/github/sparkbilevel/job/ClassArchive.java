package io.github.sparkbilevel.job;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The archive of the classes that Java and Spark load, which makes later starts faster. submit.sh
 * names it by a system property when there is none yet.
 */
final class ClassArchive {
  private static final String FILE = "bilevel.archive";

  private ClassArchive() {}

  /** Writes the archive if one is asked for; it appears whole or not at all. */
  static void keep() {
    String name = System.getProperty(FILE);
    if (name == null) {
      return;
    }
    System.setOut(new PrintStream(OutputStream.nullOutputStream())); // where Java tells of it
    Path draft = Path.of(name + "." + ProcessHandle.current().pid());
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "vmCds",
              new Object[] {new String[] {"dynamic_dump", draft.toString()}},
              new String[] {String[].class.getName()});
      Files.move(draft, Path.of(name), StandardCopyOption.REPLACE_EXISTING);
    } catch (JMException | IOException | RuntimeException e) {
      // The next run tries again.
    }
  }
}

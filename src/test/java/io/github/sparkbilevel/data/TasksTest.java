package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.zip.ZipException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** What went wrong in a task: a file, or the machines that read it. */
class TasksTest {

  private static RuntimeException translated(Throwable task) {
    return assertThrows(
        RuntimeException.class,
        () ->
            Tasks.run(
                "rows.csv",
                () -> {
                  throw new IllegalStateException(new SparkException("job", task));
                }));
  }

  @Test
  void filesThatAreWrongAreNamed() {
    for (IOException task :
        List.of(
            new FileNotFoundException("File /data/rows.csv does not exist"),
            new ZipException("invalid stored block lengths"),
            new IOException("Unexpected end of input stream"))) {
      DataException e = assertInstanceOf(DataException.class, translated(task));
      assertEquals(0, e.getMessage().indexOf("rows.csv "), e.getMessage());
    }
  }

  /** None of it is a file that was cut off, though Spark tells of it by the same exception. */
  @Test
  void troubleOfTheMachinesStaysAsItIs() {
    for (Throwable task :
        List.of(
            new IOException("No space left on device"),
            new IOException(new SparkException("Failed to get broadcast_3_piece0 of broadcast_3")),
            new IOException(
                "Failed to connect to /10.0.0.7:41234", new ConnectException("refused")),
            new IOException("Connection from /10.0.0.7:41234 closed"),
            new FileNotFoundException("/tmp/blockmgr-0a1b2c3d-11/0c/shuffle_0_1_0.data"))) {
      assertSame(task, translated(task).getCause().getCause(), task::toString);
    }
  }

  @Test
  void causesThatGoInCirclesEnd() {
    Exception a = new IOException("a");
    a.initCause(new IOException("b", a));
    assertInstanceOf(DataException.class, translated(a));
  }
}

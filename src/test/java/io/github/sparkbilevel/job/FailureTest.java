package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.job.config.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class FailureTest {

  @Test
  void ourOwnSentencesAreFoundInTheCauses() {
    assertEquals(
        new Failure(ExitCode.DATA, "row 3 is bad"),
        Failure.of(
            new ExecutionException(new RuntimeException(new DataException("row 3 is bad")))));
    assertEquals(
        new Failure(ExitCode.NUMERICS, "diverged"), Failure.of(new NumericsException("diverged")));
    assertEquals(ExitCode.CONFIG, Failure.of(new ConfigException("key x")).exit());
  }

  @Test
  void ourOwnSentencesAreFoundInWhatATaskReported() {
    String text =
        """
        Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent failure: \
        Lost task 0.0 in stage 0.0 (TID 0) (host executor driver): \
        io.github.sparkbilevel.block.DataException: rows.csv, line 7: found 3 fields, expected 4; try it
        \tat io.github.sparkbilevel.data.CsvReader.parse(CsvReader.java:1)

        Driver stacktrace:\
        """;
    assertEquals(
        new Failure(ExitCode.DATA, "rows.csv, line 7: found 3 fields, expected 4; try it"),
        Failure.of(new SparkException(text)));
  }

  @Test
  void resourcesThatRanOutComeWithAdvice() {
    Failure disk =
        Failure.of(new SparkException("x\njava.io.IOException: No space left on device"));
    assertEquals(ExitCode.OTHER, disk.exit());
    assertTrue(disk.sentence().startsWith("the disk is full"));
    Failure memory = Failure.of(new RuntimeException(new OutOfMemoryError("Java heap space")));
    assertEquals(ExitCode.OTHER, memory.exit());
    assertTrue(memory.sentence().contains("--driver-memory"));
    Failure results =
        Failure.of(
            new SparkException(
                "Job aborted due to stage failure: Total size of serialized results of 9 tasks"
                    + " (1032.8 KiB) is bigger than spark.driver.maxResultSize (1024.0 KiB)."));
    assertEquals(ExitCode.OTHER, results.exit());
    assertTrue(results.sentence().contains("1032.8 KiB"), results.sentence());
    assertTrue(results.sentence().contains("maxResultSize=4g"), results.sentence());
  }

  @Test
  void connectionThatFailsNamesWhatItLedTo() {
    Exception refused = new ConnectException("Connection refused");
    Exception call = new ConnectException("Call From here to there:8020 failed; For more see x\n");
    call.initCause(refused);
    for (Throwable thrown :
        List.of(new IllegalStateException(call), new SparkException("job aborted", call))) {
      Failure failure = Failure.of(thrown);
      assertEquals(ExitCode.OTHER, failure.exit());
      assertTrue(failure.sentence().contains("here to there:8020"), failure.sentence());
      assertTrue(failure.sentence().contains("start the job again"), failure.sentence());
    }
    assertTrue(Failure.of(new UnknownHostException("nn1")).sentence().contains("nn1"));
  }

  @Test
  void anythingElseNamesTheRoot() {
    Failure failure = Failure.of(new RuntimeException("a", new IOException("b\nc")));
    assertEquals(ExitCode.OTHER, failure.exit());
    assertTrue(failure.sentence().startsWith("IOException: b; try --verbose"), failure.sentence());
    assertEquals(ExitCode.DATA, Failure.of(new FileNotFoundException("no x")).exit());
    assertEquals(ExitCode.OTHER, Failure.of(new NullPointerException()).exit());
  }

  @Test
  void aLostFileOfSparksOwnIsNotMissingData() {
    Failure failure =
        Failure.of(
            new SparkException(
                "job", new FileNotFoundException("/tmp/blockmgr-0a1b2c3d-4e5f/0c/temp_shuffle_9")));
    assertEquals(ExitCode.OTHER, failure.exit(), failure.sentence());
  }

  @Test
  void causesThatGoInCirclesEnd() {
    RuntimeException a = new RuntimeException("a");
    a.initCause(new RuntimeException("b", a));
    assertEquals(ExitCode.OTHER, Failure.of(a).exit());
  }

  @Test
  void masterThatSparkDoesNotKnowIsTheCommandLine() {
    Failure failure = Failure.of(new SparkException("Could not parse Master URL: 'spark:/x'"));
    assertEquals(ExitCode.CONFIG, failure.exit());
    assertTrue(failure.sentence().startsWith("--master = spark:/x is no master"));
  }
}

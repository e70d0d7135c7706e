package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;

/**
 * Computes as {@code jvm} does, and leaves a file whose name tells which executor computed with
 * which accelerator. Executors find it by a file of services of their own.
 */
public final class RecordingBackend implements DenseBackend {
  static final String NAME = "recording";

  /** The environment variable that names the folder of the files. */
  static final String FOLDER = "RECORDING_FOLDER";

  /** Called by the service loader. */
  public RecordingBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public boolean isAccelerated() {
    return true;
  }

  @Override
  public String unavailableReason() {
    return "";
  }

  @Override
  public RowProducts open(DenseFeatures features, int maxTileRows) {
    String address = Accelerator.address().orElse("none");
    try {
      Files.createFile(
          Path.of(System.getenv(FOLDER), SparkEnv.get().executorId() + " on " + address));
    } catch (FileAlreadyExistsException e) {
      // It was told before.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return DenseBackends.byName("jvm").open(features, maxTileRows);
  }
}

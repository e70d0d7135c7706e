package io.github.sparkbilevel.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;

/**
 * The files of a tuned model: Spark's metadata, {@code linear}, the linear model with its own
 * format version, {@code penalties}, and {@code summary}.
 */
final class TunedFiles {
  private static final String LINEAR = "linear";

  private TunedFiles() {}

  static final class Writer<L extends MLWritable> extends MLWriter {
    private final Params model;
    private final L linear;
    private final Tuned tuned;

    public Writer(Params model, L linear, Tuned tuned) {
      this.model = model;
      this.linear = linear;
      this.tuned = tuned;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
      try {
        linear.save(new Path(path, LINEAR).toString());
      } catch (IOException e) {
        throw new UncheckedIOException("the model cannot be saved at " + path, e);
      }
      tuned.save(path, sparkSession());
    }
  }

  /** Makes a model of its uid, the folder of its linear model, and the rest. */
  interface Maker<M> {
    M make(String uid, String linear, Tuned tuned);
  }

  static final class Reader<M extends Params> extends MLReader<M> {
    private final Class<M> type;
    private final Maker<M> maker;

    public Reader(Class<M> type, Maker<M> maker) {
      this.type = type;
      this.maker = maker;
    }

    @Override
    public M load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
      M model =
          maker.make(
              metadata.uid(), new Path(path, LINEAR).toString(), Tuned.load(path, sparkSession()));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }
}

package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.ml.PortableModel;
import java.io.IOException;

/** The model of a job among its outputs. */
public final class SavedModel {
  private SavedModel() {}

  /** Saves it, and what is asked for beside it. */
  public static void write(JobContext context, PortableModel model) throws IOException {
    model.write().save(context.output().path("model").toString());
    if (context.config().output().weights()) {
      model.writeWeights(context.output().path("weights.safetensors").toString());
    }
    if (!context.config().output().onnx()) {
      return;
    }
    try {
      model.writeOnnx(context.output().path("model.onnx").toString());
    } catch (UnsupportedOperationException e) {
      // The rest of a run is not lost for it.
      context.console().warn("model.onnx was not written: " + e.getMessage());
    }
  }
}

package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.oracle.Tally;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Syncable;

/**
 * {@code history.jsonl}, which grows by a line with every iteration, among the outputs that are not
 * in place yet.
 *
 * <p>Life cycle: {@link #begin} before the first iteration, {@link #add} after each, {@link
 * #finish} with all of them, {@link #close} in any case. A line that cannot be written is a
 * warning, and none are written from then on: the run goes on, and {@link #finish} writes the file
 * whole or fails.
 */
public final class HistoryFile implements AutoCloseable {
  static final String NAME = "history.jsonl";

  /** λ of more entries is not written out in every line. */
  private static final int MOST_LAMBDA = 100;

  private final OutputFolder output;
  private final Consumer<String> warn;
  private final List<IterationRecord> written = new ArrayList<>();
  private Curvature curvature;
  private Loss loss;
  private OutputStream out;

  HistoryFile(OutputFolder output, Consumer<String> warn) {
    this.output = output;
    this.warn = warn;
  }

  /** Where it is while the job runs. */
  String shownPath() {
    return output.shown(NAME);
  }

  /** Makes the file, empty. */
  void begin(Curvature howSolved, Loss lossOfRows) {
    curvature = howSolved;
    loss = lossOfRows;
    try {
      out = output.create(NAME);
    } catch (IOException e) {
      giveUp(e);
    }
  }

  /** Adds the line of an iteration, where others can read it when this returns. */
  void add(IterationRecord record) {
    if (out == null) {
      return;
    }
    try {
      out.write(Json.line(figures(record)).getBytes(StandardCharsets.UTF_8));
      if (out instanceof Syncable shared) {
        shared.hflush();
      } else {
        out.flush();
      }
      written.add(record);
    } catch (IOException | FSError e) {
      giveUp(e);
    }
  }

  /** The figures of every iteration. */
  public List<ObjectNode> of(List<IterationRecord> history) {
    return history.stream().map(this::figures).toList();
  }

  private ObjectNode figures(IterationRecord record) {
    ObjectNode figures =
        Json.object()
            .put("iteration", record.iteration())
            .put("curvature", curvature.label())
            .put("upperObjective", record.figures().upper().loss())
            .put("heldOutObjective", record.figures().heldOut().loss())
            .put("heldOutAccuracy", record.figures().heldOut().accuracy());
    figures.setAll(Json.<ObjectNode>tree(record.spent()));
    figures.setAll(Json.<ObjectNode>tree(record.point()));
    figures.setAll(Json.<ObjectNode>tree(record.step()));
    Tally test = record.figures().test();
    if (test.rows() > 0) {
      if (loss instanceof SquaredLoss) {
        figures.put("testRmse", test.rootMeanSquaredError());
      } else if (loss.hasAccuracy()) {
        figures.put("testAccuracy", test.accuracy());
      }
      figures.put("testLoss", test.loss());
    }
    int lambda = record.point().lambda().length;
    if (lambda == 0 || lambda > MOST_LAMBDA) {
      figures.remove("lambda");
    }
    return figures;
  }

  private void giveUp(Throwable why) {
    close();
    warn.accept(
        "history.jsonl is written at the end only, as %s cannot be written now: %s"
            .formatted(shownPath(), why.getMessage()));
  }

  /**
   * The last word: what is there stays when it is the whole history, and is written again when it
   * is not, as in a run that went on from a checkpoint.
   */
  public void finish(List<IterationRecord> history) throws IOException {
    boolean whole = out != null && written.equals(history);
    close();
    if (!whole) {
      output.writeText(NAME, of(history).stream().map(Json::line).collect(Collectors.joining()));
    }
  }

  /** Lets go of the file; whoever owns the folder removes or keeps it. */
  @Override
  public void close() {
    if (out == null) {
      return;
    }
    try {
      out.close();
    } catch (IOException | FSError e) {
      // The folder may be gone already: what ended the run is what is told.
    }
    out = null;
  }
}

package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.event.IterationEnded.Figures;
import io.github.sparkbilevel.spark.event.RunEvents;
import io.github.sparkbilevel.spark.event.StatusChanged;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Locale;

/**
 * Tells of a run in two ways: the caller's listener on its own thread, and everybody else by
 * events.
 */
public record RunTelling(RunEvents events, RunListener listener) {

  public void prepared(PreparedData data, BilevelProblem problem, Curvature.Choice choice) {
    events.status(
        StatusChanged.PREPARED,
        String.format(
            Locale.ROOT,
            "%,d training rows x %,d features, %,d coefficients, curvature %s",
            data.blocks().rows().get(Part.TRAIN),
            data.tables().train().columns(),
            problem.model().size(),
            choice.curvature().label()));
  }

  public void iteration(IterationRecord record) {
    events.iterationEnded(
        record.iteration(),
        record.spent().seconds(),
        new Figures(
            record.figures().upper().loss(),
            record.figures().heldOut().loss(),
            record.point().lowerObjective(),
            record.point().lowerGradientNorm(),
            record.step().hypergradientNorm()));
    listener.iteration(record);
  }

  public void ended(Status status) {
    events.status(status.isUsable() ? StatusChanged.DONE : StatusChanged.FAILED, status.advice());
  }
}

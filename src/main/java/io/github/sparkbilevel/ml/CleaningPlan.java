package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.spark.Placement;

/**
 * What a cleaner is going to do with rows that are blocks already.
 *
 * @param upper what is tuned
 * @param curvature how linear systems are solved, and why so
 * @param settings of the run, with its problem
 * @param checkpointInterval generations of λ beside the rows between two checkpoints
 * @param placement where products are computed
 */
public record CleaningPlan(
    UpperLevel upper,
    Curvature.Choice curvature,
    CleaningSettings settings,
    int checkpointInterval,
    Placement placement) {}

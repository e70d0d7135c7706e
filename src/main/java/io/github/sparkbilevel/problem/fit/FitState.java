package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Reals;
import java.io.Serializable;

/**
 * What plain fits keep beside the rows of one partition; one array for each block.
 *
 * @param training weights of the training rows for the models that use them, rows × models
 * @param trusted weights of the trusted rows for the models that use them
 * @param trainingPredictions at the last point, or null before the first
 * @param trustedPredictions at the last point, or null before the first
 */
record FitState(
    long fingerprint,
    double[][] training,
    double[][] trusted,
    Reals[] trainingPredictions,
    Reals[] trustedPredictions)
    implements Serializable {}

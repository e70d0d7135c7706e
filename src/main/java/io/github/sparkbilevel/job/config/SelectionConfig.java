package io.github.sparkbilevel.job.config;

/**
 * How the model that is returned is chosen.
 *
 * @param metric {@code loss, accuracy, balancedAccuracy} or {@code auc}
 */
public record SelectionConfig(String metric) {}

package io.github.sparkbilevel.job.config;

/**
 * The lower-level model.
 *
 * @param family {@code softmax, logistic} or {@code linear}
 * @param l2 the penalty is half of this times the squared coefficients
 */
public record ModelConfig(String family, double l2, boolean penalizeIntercept) {}

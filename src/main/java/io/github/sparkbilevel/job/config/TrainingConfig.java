package io.github.sparkbilevel.job.config;

/**
 * How networks are trained.
 *
 * @param optimizer {@code adam} or {@code momentum}
 * @param step length of the first steps
 * @param batch rows of a batch
 * @param warmup passes before λ moves
 * @param each passes in an outer iteration; 0 for Newton steps
 * @param plain passes for the models of trusted rows, of baselines and of refits
 * @param shift the most pixels that a picture moves before a step
 * @param flip whether pictures are mirrored before a step
 */
public record TrainingConfig(
    String optimizer,
    double step,
    int batch,
    int warmup,
    int each,
    int plain,
    int shift,
    boolean flip) {}

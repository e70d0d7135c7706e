package io.github.sparkbilevel.job.config;

/**
 * How the bilevel problem is solved; the catalogue says what each of these does.
 *
 * @param algorithm {@code nbo} or {@code lbfgs}
 * @param curvature a word of {@link io.github.sparkbilevel.bilevel.Curvature}, or {@code auto}
 * @param sketch columns of the sketch of {@code nystrom-cg}
 * @param products Hessian products in one iteration of {@code nbo}
 * @param precision {@code single} or {@code double}
 * @param backend {@code auto, jvm, netlib} or {@code nd4j}
 * @param device {@code auto, cpu} or {@code gpu}
 * @param deviceMemory the share of a GPU's memory that rows may take
 */
public record SolverConfig(
    String algorithm,
    String curvature,
    int sketch,
    int products,
    int iterations,
    int warmupPasses,
    double tolerance,
    double damping,
    int patience,
    double heldOut,
    String precision,
    String backend,
    String device,
    double deviceMemory,
    TrainingConfig training,
    KfacConfig kfac) {}

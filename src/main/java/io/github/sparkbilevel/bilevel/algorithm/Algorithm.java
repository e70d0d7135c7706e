package io.github.sparkbilevel.bilevel.algorithm;

import java.util.Locale;
import java.util.function.Supplier;

/**
 * The algorithms by name, and the settings that each is made for.
 *
 * <p>Defaults are the same for all data: lengths of steps come from {@link StepSizes}, and λ moves
 * by Adam with steps that shrink like 1/√t, 0.5 at first where the inner problems are solved well
 * in every iteration, 0.3 where they move along with λ. Steps on samples without memory shrink like
 * (1 + epochs)^−0.4, the exponent of the inner steps in SOBA's theorem. The Q + 1 steps of
 * NSBO-SAGA on v add up to one of SAGA, whose memory bears no longer one.
 */
public enum Algorithm implements NamedAlgorithm {
  /** NBO with gradient descent on the shared system (2025). */
  NBO_GD(NboGd::new, 10, 5, Draws.ALL),
  /** Implicit differentiation by conjugate gradients (2016, 2021). */
  AID_CG(AidCg::new, 10, 10, Draws.ALL),
  /** Implicit differentiation by a Neumann series (2020). */
  AID_NEUMANN(AidNeumann::new, 10, 10, Draws.ALL),
  /** The derivative of one lower step (2016). */
  ONE_STEP(OneStep::new, 1, 1, Draws.ALL),
  /** The derivative of T lower steps, backward (2017). */
  UNROLLED(Unrolled::new, 20, 1, Draws.ALL),
  /** The dynamic barrier on the value function (2022). */
  BOME(Bome::new, 10, 1, Draws.ALL),
  /** BFGS for both inner problems (2025). */
  QNBO(Qnbo::new, 5, 5, Draws.ALL),
  /** The penalty with a growing multiplier (2023). */
  F2SA(F2sa::new, 5, 1, Draws.SOME),
  /** Amortised implicit gradients (2022). */
  AMIGO(Amigo::new, 10, 10, Draws.SOME),
  /** Stochastic steps and a sampled Neumann series (2021). */
  STOCBIO(StocBio::new, 10, 10, Draws.SOME),
  /** One loop for θ, u and λ (2022). */
  SOBA(Soba::new, 1, 1, Draws.SOME),
  /** SOBA with the memory of SAGA (2022). */
  SABA(Saba::new, 1, 1, Draws.REMEMBERED),
  /** SOBA with a moving average for λ (2024). */
  MA_SOBA(MaSoba::new, 1, 1, Draws.SOME),
  /** NBO on samples (2025). */
  NSBO_SGD(NsboSgd::new, 1, 1, Draws.SOME),
  /** NBO on samples with the memory of SAGA (2025). */
  NSBO_SAGA(NsboSaga::new, 1, 1, Draws.REMEMBERED);

  private enum Draws {
    ALL,
    SOME,
    REMEMBERED
  }

  private static final double SHARE = 0.05;

  private final Supplier<BilevelAlgorithm> supplier;
  private final int lowerSteps;
  private final int linearSteps;
  private final Draws draws;

  Algorithm(Supplier<BilevelAlgorithm> supplier, int lowerSteps, int linearSteps, Draws draws) {
    this.supplier = supplier;
    this.lowerSteps = lowerSteps;
    this.linearSteps = linearSteps;
    this.draws = draws;
  }

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public double share() {
    return draws == Draws.ALL ? 1 : SHARE;
  }

  @Override
  public BilevelAlgorithm create() {
    return supplier.get();
  }

  @Override
  public AlgorithmSettings defaults(int iterations, AlgorithmSettings.Bounds bounds, long seed) {
    AlgorithmSettings usual =
        AlgorithmSettings.oneLoop(iterations, share(), bounds, seed).inner(lowerSteps, linearSteps);
    AlgorithmSettings.Steps steps = usual.steps();
    UpperRule rule =
        lowerSteps == 1 || this == BOME
            ? steps.upper()
            : new UpperRule(UpperRule.Kind.ADAM, 0.5, steps.upper().decay());
    double decay = draws == Draws.REMEMBERED ? 0 : steps.decay();
    double ofSystem = this == NSBO_SAGA ? 1.0 / (1 + linearSteps) : 1;
    return usual.steps(new AlgorithmSettings.Steps(1, ofSystem, decay, rule));
  }
}

package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.ARENA;
import static io.github.sparkbilevel.settings.Keys.CLEAN;
import static io.github.sparkbilevel.settings.Keys.HYPERGRADIENT;

import java.util.List;
import java.util.stream.Stream;

/** How networks are trained, and what their Kronecker factors are made of. */
public final class NetworkSettings {
  private static final Group SGD = new Group("solver.training.", CLEAN, HYPERGRADIENT, ARENA);
  private static final Group KFAC = new Group("solver.kfac.", CLEAN, HYPERGRADIENT, ARENA);

  public static final Setting<String> OPTIMIZER =
      SGD.key("optimizer", Types.name("adam", "momentum"), "adam")
          .param("optimizer", Stage.CLEANER)
          .text("How a network is trained by stochastic gradients");

  public static final Setting<Double> RATE =
      SGD.key("step", Types.positive(), "1e-3")
          .param("learningRate", Stage.CLEANER)
          .text("Length of the first steps of the training of a network");

  public static final Setting<Integer> BATCH =
      SGD.key("batch", Types.integer(1), "32")
          .unit("rows")
          .param("batchSize", Stage.CLEANER)
          .text("Rows of a batch in the training of a network");

  public static final Setting<Integer> WARMUP =
      SGD.key("warmup", Types.integer(1), "3")
          .unit("passes")
          .param("warmupEpochs", Stage.CLEANER)
          .text(
              "Passes that train a network before the upper variable moves, and in the job"
                  + " hypergradient before the lower level is solved by Newton steps in a trust region");

  public static final Setting<Integer> EACH =
      SGD.key("each", Types.integer(0), "1")
          .unit("passes")
          .only(CLEAN)
          .param("epochs", Stage.CLEANER)
          .text(
              "Passes that train a network in each outer iteration; 0 takes Newton steps instead");

  public static final Setting<Integer> PLAIN =
      SGD.key("plain", Types.integer(1), "15")
          .unit("passes")
          .param("plainEpochs", Stage.CLEANER)
          .text(
              "Passes that train the networks of the trusted rows, of baselines and of refits; half"
                  + " of them in each of the three rounds of the polish");

  public static final Setting<Integer> SHIFT =
      SGD.key("shift", Types.integer(0), "0")
          .unit("pixels")
          .only(CLEAN)
          .param("imageShift", Stage.CLEANER)
          .text(
              "How far each training picture moves at most before a step, up or down and to either"
                  + " side, drawn anew in every pass; for a network whose rows have the shape of"
                  + " pictures");

  public static final Setting<Boolean> FLIP =
      SGD.key("flip", Types.bool(), "false")
          .only(CLEAN)
          .param("imageFlip", Stage.CLEANER)
          .text("Mirror one of two training pictures, left to right, before a step");

  public static final Setting<String> FISHER =
      KFAC.key("fisher", Types.name("exact", "monte-carlo", "empirical"), "exact")
          .param("fisher", Stage.CLEANER)
          .text(
              "Whose gradients make the Kronecker factors of a network: those of all classes, of"
                  + " labels drawn from the model, or of the labels as they are");

  public static final Setting<Integer> SAMPLES =
      KFAC.key("samples", Types.integer(1), "1")
          .unit("labels")
          .param("fisherSamples", Stage.CLEANER)
          .text("Labels drawn for each row with {solver.kfac.fisher} = monte-carlo");

  public static final Setting<Double> DECAY =
      KFAC.key("decay", Types.belowOne(), "0.0")
          .param("factorDecay", Stage.CLEANER)
          .text(
              "Share of the old Kronecker factors of a network that stays in their average at a"
                  + " refresh");

  public static final Setting<String> FACTOR_DAMPING =
      KFAC.key("damping", Types.name("exact", "per-factor"), "exact")
          .param("factorDamping", Stage.CLEANER)
          .text(
              "How penalty and damping get between the Kronecker factors of a network: exact in"
                  + " their eigenbases, or split between the two factors");

  public static final Setting<String> SHARING =
      KFAC.key("sharing", Types.name("expand", "reduce"), "expand")
          .param("factorSharing", Stage.CLEANER)
          .text(
              "How weights that the positions of an image or a sequence share make Kronecker factors:"
                  + " expand takes every position as a row, reduce takes their sum as one");

  public static final Setting<Integer> FACTOR_REFRESH =
      KFAC.key("refresh", Types.integer(1), "auto")
          .unit("iterations")
          .only(CLEAN)
          .param("factorRefresh", Stage.CLEANER)
          .auto(use -> use.network() ? 5 : 20, "auto is 20, and 5 with a network")
          .text("Iterations from one computation of the Kronecker factors to the next");

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return Stream.concat(SGD.all().stream(), KFAC.all().stream()).toList();
  }

  private NetworkSettings() {}
}

package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.job.config.ValueType.Choice;
import io.github.sparkbilevel.ml.NetworkParams;
import java.util.ArrayList;
import java.util.List;

/** The keys that say how networks are trained, and what their Kronecker factors are made of. */
final class NetworkKeys {

  /** What {@code solver.kfac.refresh = auto} stands for. */
  static final int REFRESH = NetworkParams.LINEAR_FACTOR_REFRESH;

  /** The same for networks. */
  static final int NETWORK_REFRESH = NetworkParams.FACTOR_REFRESH;

  final Key<String> optimizer;
  final Key<Double> step;
  final Key<Integer> batch;
  final Key<Integer> warmup;
  final Key<Integer> each;
  final Key<Integer> plain;
  final Key<String> fisher;
  final Key<Integer> samples;
  final Key<Double> decay;
  final Key<String> damping;
  final Key<Choice<Integer>> refresh;
  private final List<Key<?>> all = new ArrayList<>();

  NetworkKeys() {
    optimizer =
        put(
            Keys.key(
                "solver.training.optimizer",
                ValueType.name("adam", "momentum"),
                "adam",
                "How mlp is trained by stochastic gradients."));
    step =
        put(
            Keys.key(
                "solver.training.step",
                ValueType.positive(),
                "1e-3",
                "Length of the first steps of the training of mlp."));
    batch =
        put(
            Keys.key(
                    "solver.training.batch",
                    ValueType.integer(1),
                    "128",
                    "Rows of a batch in the training of mlp.")
                .in("rows"));
    warmup =
        put(
            Keys.key(
                    "solver.training.warmup",
                    ValueType.integer(1),
                    "3",
                    "Passes that train mlp before the upper variable moves, and in the job"
                        + " hypergradient before the lower level is solved by Newton steps in a"
                        + " trust region.")
                .in("passes"));
    each =
        put(
            Keys.key(
                    "solver.training.each",
                    ValueType.integer(0),
                    "1",
                    "Passes that train mlp in each outer iteration; 0 takes Newton steps instead.")
                .in("passes")
                .onlyFor(Keys.CLEAN));
    plain =
        put(
            Keys.key(
                    "solver.training.plain",
                    ValueType.integer(1),
                    "15",
                    "Passes that train the networks of the trusted rows, of baselines and of"
                        + " refits; half of them in each of the three rounds of the polish.")
                .in("passes"));
    fisher =
        put(
            Keys.key(
                "solver.kfac.fisher",
                ValueType.name("exact", "monte-carlo", "empirical"),
                "exact",
                "Whose gradients make the Kronecker factors of mlp: those of all classes, of labels"
                    + " drawn from the model, or of the labels as they are."));
    samples =
        put(
            Keys.key(
                    "solver.kfac.samples",
                    ValueType.integer(1),
                    "1",
                    "Labels drawn for each row with solver.kfac.fisher = monte-carlo.")
                .in("labels"));
    decay =
        put(
            Keys.key(
                "solver.kfac.decay",
                ValueType.belowOne(),
                "0.0",
                "Share of the old Kronecker factors of mlp that stays in their average at a"
                    + " refresh."));
    damping =
        put(
            Keys.key(
                "solver.kfac.damping",
                ValueType.name("exact", "per-factor"),
                "exact",
                "How penalty and damping get between the Kronecker factors of mlp: exact in their"
                    + " eigenbases, or split between the two factors."));
    refresh =
        put(
            Keys.key(
                    "solver.kfac.refresh",
                    ValueType.integer(1).orWord("auto"),
                    "auto",
                    "Iterations from one computation of the Kronecker factors to the next; auto is "
                        + REFRESH
                        + ", and "
                        + NETWORK_REFRESH
                        + " with mlp.")
                .in("iterations")
                .onlyFor(Keys.CLEAN));
  }

  private <T> Key<T> put(Key<T> key) {
    Key<T> read =
        key.jobs().contains(Keys.TUNE) ? key.onlyFor(Keys.CLEAN, Keys.HYPERGRADIENT) : key;
    all.add(read);
    return read;
  }

  /** All of them, in the order of the documentation. */
  List<Key<?>> all() {
    return all;
  }
}

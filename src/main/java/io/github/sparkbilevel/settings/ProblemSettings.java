package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.ARENA;
import static io.github.sparkbilevel.settings.Keys.BENCHMARK;
import static io.github.sparkbilevel.settings.Keys.CLEAN;
import static io.github.sparkbilevel.settings.Keys.HYPERGRADIENT;
import static io.github.sparkbilevel.settings.Keys.TUNE;

import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Preset;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The lower-level model, and what the upper level tunes. */
public final class ProblemSettings {
  static final Group BASE = new Group("model.");
  static final Group TOP = new Group("upper.");

  /** No preset. */
  static final String NONE = "none";

  /** The library's penalties that make coefficients 0. */
  static final List<String> SPARSE =
      BuiltInVariable.labels().stream().filter(Kind.SPARSITY::has).toList();

  public static final Setting<String> FAMILY =
      BASE.key(
              "family",
              Types.name(
                  "softmax", "logistic", Keys.LINEAR, Keys.MULTI_LABEL, Keys.MLP, Keys.NETWORK),
              "softmax")
          .param("family", Stage.CLEANER)
          .narrow(
              Types.name("softmax", "logistic", Keys.LINEAR, Keys.MLP, Keys.NETWORK), Stage.CLEANER)
          .text(
              "The lower-level model: softmax, logistic for two classes, linear for real-valued"
                  + " labels, multi-label for several labels a row, and with softmax mlp for a"
                  + " network of dense layers or network for one of any layers");

  public static final Setting<List<Integer>> HIDDEN =
      BASE.key("hidden", Types.integer(1).list(), "[256]")
          .unit("units")
          .only(CLEAN, HYPERGRADIENT)
          .param("hiddenLayers", Stage.CLEANER)
          .text("The widths of the hidden layers of mlp, from the first on");

  public static final Setting<String> ACTIVATION =
      BASE.key("activation", Types.name("relu", "tanh", "gelu", "identity"), "relu")
          .only(CLEAN, HYPERGRADIENT)
          .param("activation", Stage.CLEANER)
          .text("What the hidden layers of mlp make of their sums");

  public static final Setting<String> LAYERS =
      BASE.key("layers", Types.layers(), "[]")
          .only(CLEAN, HYPERGRADIENT)
          .param("layers", Stage.CLEANER)
          .text(
              "The layers of network, from the first on, as in [{dense = 64}, {activation = tanh},"
                  + " {residual = [{dense = 64}, {activation = tanh}]}]; a last one with an output"
                  + " for each class is added, and a jar may add more kinds (docs/extending.md)");

  public static final Setting<String> PRESET =
      BASE.key("preset", Types.name(presets()), NONE)
          .only(CLEAN, HYPERGRADIENT)
          .param("preset", Stage.CLEANER)
          .text("Layers of network by name, in place of {model.layers} (docs/networks.md)");

  public static final Setting<List<Integer>> SHAPE =
      BASE.key("shape", Types.integer(1).list(), "[]")
          .only(CLEAN, HYPERGRADIENT)
          .param("shape", Stage.CLEANER)
          .text(
              "What the features of a row are for network: height, width and channels of an image"
                  + " whose pixels follow row by row, each with all its channels; or the steps of a"
                  + " sequence and the width of a step. Empty, it is a vector, or in front of conv"
                  + " and pool the picture whose pixels features are called by, as in pixel_0_0");

  public static final Setting<Optional<String>> WEIGHTS =
      BASE.key("weights", Types.string().orNull(), "null")
          .only(CLEAN, HYPERGRADIENT)
          .except(ARENA)
          .param("weightsPath", Stage.CLEANER)
          .none("{none} for random weights")
          .text(
              "A file in the format safetensors whose weights layers of a network start from:"
                  + " those that it names layer1.weight, layer1.bias and so on, or those of"
                  + " {model.weightNames}");

  public static final Setting<String> WEIGHT_NAMES =
      BASE.key("weightNames", Types.tensorNames(), "{}")
          .only(CLEAN, HYPERGRADIENT)
          .except(ARENA)
          .param("weightNames", Stage.CLEANER)
          .text(
              "What the tensors of layers are called in {model.weights}, without .weight and .bias,"
                  + " as in {layer1 = conv1, layer2 = [query, key, value]}, where several tensors"
                  + " make up one; only these layers start from there");

  public static final Setting<Integer> FROZEN =
      BASE.key("frozen", Types.integer(0), "0")
          .unit("layers")
          .only(CLEAN, HYPERGRADIENT)
          .except(ARENA)
          .param("frozenLayers", Stage.CLEANER)
          .text(
              "How many of the first layers of a network stay as they are in {model.weights}: what"
                  + " they give is computed once and kept in place of the features");

  /** The names of tensors for each layer, from their JSON. */
  public static Map<String, List<String>> tensorNames(String json) {
    return TensorNames.read(json);
  }

  /** The layers of a network but the last one, as one list. */
  public static List<Map<String, Object>> form(List<Integer> shape, String preset, String layers) {
    List<Map<String, Object>> form = new ArrayList<>();
    if (!shape.isEmpty()) {
      form.add(Layers.shape(shape));
    }
    form.addAll(preset.equals(NONE) ? Layers.read(layers) : Preset.of(preset).form());
    return form;
  }

  private static List<String> presets() {
    return Stream.concat(Stream.of(NONE), Preset.labels().stream()).toList();
  }

  /** What the layers of networks are. */
  public static List<Setting<?>> ofNetworks() {
    return List.of(HIDDEN, ACTIVATION, LAYERS, PRESET, SHAPE);
  }

  /** What their weights from outside are. */
  public static List<Setting<?>> ofWeights() {
    return List.of(WEIGHTS, WEIGHT_NAMES, FROZEN);
  }

  public static final Setting<String> LOSS =
      BASE.key("loss", Types.string(), "auto")
          .only(CLEAN, TUNE, HYPERGRADIENT, BENCHMARK)
          .except(ARENA)
          .param("loss", Stage.CLEANER, Stage.CLASSIFIER, Stage.REGRESSOR)
          .narrow(Types.name(Losses.OF_TWO_CLASSES.toArray(String[]::new)), Stage.CLASSIFIER)
          .auto(
              ProblemSettings::automaticLoss,
              "auto is huber for the family linear in the job clean, squared for it elsewhere, and"
                  + " cross-entropy for the other families")
          .text(
              "The loss: for the family logistic cross-entropy or squared-hinge, and for the family"
                  + " linear squared; huber (the job clean knows these two), or huber δ with the error from which"
                  + " it grows linearly; quantile τ, as in quantile 0.9, or quantile τ h with the"
                  + " width of its smoothing; poisson, gamma or tweedie q with the logarithm as link;"
                  + " or the name or the class of a loss in a jar (docs/extending.md)");

  public static final Setting<Double> PENALTY =
      BASE.key("l2", Types.nonNegative(), "0.01")
          .param("regParam")
          .text(
              "The l2 penalty where it is not tuned, and where it starts when it is: half of it"
                  + " times the squared coefficients is added to the training objective");

  public static final Setting<Boolean> PENALIZE_INTERCEPT =
      BASE.key("penalizeIntercept", Types.bool(), "false")
          .param("penalizeIntercept")
          .text("Let the l2 penalty take in the intercept");

  public static final Setting<List<String>> VARIABLE =
      TOP.key("variable", variables(List.of()).nonEmptyList(), "auto")
          .except(ARENA)
          .param("upperVariables")
          .narrow(variables(SPARSE).list(), Stage.CLEANER)
          .narrow(variables(List.of(Keys.WEIGHT_FUNCTION, Keys.L2_PER_LAYER)).list(), Stage.TUNERS)
          .auto(
              use -> List.of(automatic(use)),
              "auto is l2-per-feature in the jobs tune and benchmark, and weight-function"
                  + " elsewhere, or noise-model where the job clean has no trusted rows")
          .text(
              "What the upper level tunes: one of the kinds of weights, one of the l2 penalties,"
                  + " one of those that make coefficients 0 (l1, group-lasso), or a list of these"
                  + " with the weights first; a jar may add more (docs/extending.md)");

  public static final Setting<Optional<String>> GROUPS =
      TOP.key("groups", Types.string().orNull(), "null")
          .except(ARENA)
          .text(
              "The CSV file that puts feature columns into groups for the penalties per group and"
                  + " for group-lasso, with the header column,group");

  public static final Setting<List<Double>> INITIAL =
      TOP.key("initial", Types.number().nonEmptyList(), "auto")
          .unit("λ: a weight is σ(λ), a penalty is e^λ")
          .param("initialLambda")
          .auto(use -> List.of(), "0 in the job hypergradient")
          .none(
              "{none} is 0 for weights, ln({model.l2}) for an l2 penalty and ln(1e-4) for those"
                  + " that make coefficients 0; in the job tune a single one of these begins at the"
                  + " best of 1, ½, ¼, … 2⁻¹⁷")
          .text(
              "Where the upper variable starts, in λ: one number, or one for each variable; in the"
                  + " job clean one number leaves a penalty beside weights where it is");

  public static final Setting<Optional<Double>> STEP =
      TOP.key("step", Types.positive().orNone(), "auto")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("stepSize")
          .auto(use -> Optional.empty(), "")
          .none("{none} is 0.2 for weights and penalties on the driver and 0.5 for example-weights")
          .text("How far nbo moves the upper variable in one of the first iterations");

  public static final Setting<Optional<List<Double>>> BOUNDS =
      TOP.key("bounds", Types.number().pair().orNull(), "null")
          .unit("λ")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("lambdaBounds")
          .none("{none} is ln(1e-10) to ln(1e4) for penalties and -10 to 10 for weights of rows")
          .text("The smallest and the largest value of the upper variable, as in [-10, 10]");

  public static final Setting<Integer> REFRESH =
      TOP.key("refresh", Types.integer(1), "5")
          .unit("iterations")
          .only(CLEAN)
          .param("refreshInterval", Stage.CLEANER)
          .text("After how many iterations the features of the weight function are computed anew");

  public static final Setting<Double> TOLERANCE =
      TOP.key("tolerance", Types.positive(), "1e-5")
          .only(TUNE)
          .param("tol", Stage.TUNERS)
          .text(
              "The run ends when the upper objective has fallen, by nbo moved, by less than this"
                  + " share of itself over {solver.patience} iterations");

  /** The names of the library's variables but some, or one that a jar adds. */
  private static ValueType<String> variables(List<String> without) {
    return Types.name(
        but(without, BuiltInVariable.labels()), () -> but(without, UpperVariables.names()));
  }

  private static String automaticLoss(Use use) {
    if (!use.isOfRealLabels()) {
      return Losses.CROSS_ENTROPY;
    }
    return use.cleans() ? Keys.HUBER : Keys.SQUARED;
  }

  private static String automatic(Use use) {
    if (use.tunes()) {
      return Keys.L2_PER_FEATURE;
    }
    return use.isGuided() ? Keys.WEIGHT_FUNCTION : Keys.NOISE_MODEL;
  }

  static List<String> but(List<String> without, List<String> names) {
    return names.stream().filter(name -> !without.contains(name)).toList();
  }

  private ProblemSettings() {}
}

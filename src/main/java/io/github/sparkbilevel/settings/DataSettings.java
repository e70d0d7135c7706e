package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.ARENA;

import io.github.sparkbilevel.data.ColumnKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where rows come from, and what is done to them before the fit. */
public final class DataSettings {
  private static final Group DATA = new Group("data.");

  public static final SourceSettings TRAIN = new SourceSettings("train", "the training rows");

  public static final SourceSettings VALIDATION =
      new SourceSettings("validation", "the trusted (validation) rows");

  public static final SourceSettings TEST = new SourceSettings("test", "the test rows");

  public static final Setting<Optional<Map<String, ColumnKind>>> COLUMNS =
      DATA.key("columns", Types.columns().orNone(), "auto")
          .word("none", use -> Optional.empty())
          .text(
              "What the columns of the tables become, by their names; the others go by what is in"
                  + " them. auto takes numeric columns as they are and leaves the others out, but"
                  + " where numbers have gaps or there are none, all columns go by what is in them;"
                  + " none takes numeric columns as they are in any case");

  public static final Setting<Boolean> STANDARDIZE =
      DATA.key("standardize", Types.bool(), "true")
          .param("standardization")
          .text(
              "Give every feature mean 0 and variance 1 by the training rows; a constant one is 0");

  public static final Setting<Optional<Double>> CLIP =
      DATA.key("clip", Types.positive().orNone(), "auto")
          .unit("standard deviations")
          .param("clip")
          .auto(
              use -> use.cleans() ? Optional.of(5.0) : Optional.empty(),
              "auto is 5 in the jobs clean and arena, and none elsewhere")
          .word("none", use -> Optional.empty())
          .text("Limit standardised features to this many standard deviations either way");

  public static final Setting<Boolean> INTERCEPT =
      DATA.key("intercept", Types.bool(), "true")
          .param("fitIntercept")
          .text("Give each output of the model an intercept");

  public static final Setting<Optional<Integer>> PARTITIONS =
      DATA.key("partitions", Types.integer(1).orNone(), "auto")
          .param("numPartitions")
          .auto(use -> Optional.empty(), "")
          .none("{none} makes them of about 16 MiB")
          .text("How many partitions the rows are spread over");

  public static final Setting<Long> BLOCK_BYTES =
      DATA.key("blockBytes", Types.bytes(4096), "8 MiB")
          .unit("bytes")
          .param("maxBlockSizeInMB")
          .scale(1 << 20)
          .text("How much memory one block of rows may take");

  public static final Setting<String> CORRUPT_KIND =
      DATA.key("corrupt.kind", Types.name(Keys.CORRUPTIONS), "uniform")
          .except(ARENA)
          .text(
              "For experiments, spoil training labels and keep the truth: redraw some over all"
                  + " classes, move some to the next class, move some of each class to one to three"
                  + " other classes by a random confusion matrix, make up 10 sources with shares of"
                  + " 0 to 0.9, put in the predictions of a model fitted on 150 other rows, or give"
                  + " some images of {model.shape} a patch of 3 x 3 pixels and the label"
                  + " {data.corrupt.target}; or leave labels right and thin classes to a long"
                  + " tail. Real labels: move some by up to {data.corrupt.factor} of their deviations"
                  + " (outliers), or multiply some by {data.corrupt.factor} (units)");

  public static final Setting<Double> CORRUPT_FRACTION =
      DATA.key("corrupt.fraction", Types.between(0, 1), "0.0")
          .unit("share of the rows")
          .except(ARENA)
          .text(
              "The share of the training labels to spoil; the mean of the classes' shares for"
                  + " class-dependent, no effect for by-group and long-tail");

  public static final Setting<Long> CORRUPT_SEED =
      DATA.key("corrupt.seed", Types.longInteger(), "7").text("Which labels are spoiled");

  public static final Setting<Optional<String>> CORRUPT_TARGET =
      DATA.key("corrupt.target", Types.string().orNull(), "null")
          .text(
              "The class that the kind backdoor labels rows with its patch as; null is the first"
                  + " one");

  public static final Setting<Double> CORRUPT_FACTOR =
      DATA.key("corrupt.factor", Types.atLeast(1), "100")
          .except(ARENA)
          .text(
              "The imbalance factor of the kind long-tail: the smallest class keeps one in so many"
                  + " of its rows, the largest all, and the others shares that fall geometrically"
                  + " between these; what units multiplies labels by; the most deviations by which"
                  + " outliers moves them");

  static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>();
    for (SourceSettings source : List.of(TRAIN, VALIDATION, TEST)) {
      all.addAll(source.all());
    }
    all.addAll(DATA.all());
    return all;
  }

  private DataSettings() {}
}

package io.github.sparkbilevel.equivalence;

import static io.github.sparkbilevel.equivalence.Problem.Job.CLEAN;
import static io.github.sparkbilevel.equivalence.Problem.Job.HYPERGRADIENT;
import static io.github.sparkbilevel.equivalence.Problem.Job.TUNE;

import io.github.sparkbilevel.equivalence.Layout.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;

/** The problems that jobs solve. */
enum JobProblem implements Problem {
  CLEAN_BY_WEIGHT_FUNCTION(CLEAN, "weight-function", "", Tables::dense),
  CLEAN_BY_EXAMPLE_WEIGHTS(CLEAN, "example-weights", "", Tables::dense),
  CLEAN_BY_GROUP_WEIGHTS(CLEAN, "group-weights", "", Tables::dense),
  CLEAN_BY_WEIGHTS_AND_L2(CLEAN, "weight-function", "l2", Tables::dense),
  CLEAN_SPARSE_ROWS(CLEAN, "weight-function", "", Tables::sparse),
  CLEAN_IN_SINGLE_PRECISION(CLEAN, "weight-function", "", Tables::dense),
  CLEAN_BY_NETWORK(CLEAN, "weight-function", "", Tables::dense),
  TUNE_L2(TUNE, "", "l2", Tables::dense),
  TUNE_L2_PER_CLASS(TUNE, "", "l2-per-class", Tables::dense),
  TUNE_L2_PER_FEATURE(TUNE, "", "l2-per-feature", Tables::dense),
  TUNE_L2_PER_COEFFICIENT(TUNE, "", "l2-per-coefficient", Tables::dense),
  TUNE_L2_PER_GROUP(TUNE, "", "l2-per-group", Tables::dense),
  TUNE_SPARSE_ROWS(TUNE, "", "l2-per-feature", Tables::sparse),
  TUNE_REGRESSION(TUNE, "", "l2-per-feature", Tables::regression),
  GRADIENT_OF_L2_PER_FEATURE(HYPERGRADIENT, "", "l2-per-feature", Tables::dense),
  GRADIENT_OF_EXAMPLE_WEIGHTS(HYPERGRADIENT, "example-weights", "", Tables::dense),
  GRADIENT_OF_WEIGHT_FUNCTION(HYPERGRADIENT, "weight-function", "", Tables::dense),
  GRADIENT_OF_SPARSE_ROWS(HYPERGRADIENT, "", "l2", Tables::sparse);

  private static final double L2 = 0.02;

  private final Traits traits;
  private final Supplier<Tables> tables;

  JobProblem(Job job, String rows, String penalty, Supplier<Tables> tables) {
    boolean single = name().endsWith("SINGLE_PRECISION");
    boolean grouped = rows.equals("group-weights") || !rows.isEmpty() && !penalty.isEmpty();
    this.traits = new Traits(job, rows, penalty, grouped, !single, name().endsWith("NETWORK"));
    this.tables = tables;
  }

  @Override
  public Traits traits() {
    return traits;
  }

  @Override
  public boolean isEstimator() {
    return false;
  }

  @Override
  public Setup setup() {
    return Setup.of(tables.get());
  }

  private boolean isRegression() {
    return this == TUNE_REGRESSION;
  }

  @Override
  public Answer solve(Setup setup, Path folder) throws Exception {
    Path file = folder.resolve("job.conf");
    Files.writeString(file, text(setup, folder));
    double shift = Math.log(setup.settings().penaltyFactor());
    return switch (traits.job()) {
      case CLEAN -> Answers.clean(file, shift);
      case TUNE -> Answers.tune(file, shift);
      default -> Answers.hypergradient(file, folder.resolve("out"));
    };
  }

  private String text(Setup setup, Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    Setup.Settings settings = setup.settings();
    text.append("job = ").append(traits.job().name().toLowerCase(Locale.ROOT)).append('\n');
    text.append(data(setup, folder));
    text.append("data.standardize = ").append(settings.standardize()).append('\n');
    text.append("data.partitions = ").append(settings.partitions()).append('\n');
    text.append("output.path = ").append(quoted(folder.resolve("out").toString())).append('\n');
    text.append("upper.variable = [").append(traits.rows());
    text.append(traits.rows().isEmpty() || traits.penalty().isEmpty() ? "" : ", ");
    text.append(traits.penalty()).append("]\n");
    text.append("model.l2 = ").append(L2 * settings.penaltyFactor()).append('\n');
    if (traits.has("l2-per-group")) {
      Path groups = folder.resolve("groups.csv");
      Files.writeString(groups, groups(setup.tables()));
      text.append("upper.groups = ").append(quoted(groups.toString())).append('\n');
    }
    return text.append(solver(settings)).toString();
  }

  private String solver(Setup.Settings settings) {
    String family = isRegression() ? "linear" : traits.network() ? "mlp" : "softmax";
    String text = "model.family = " + family + "\n";
    if (traits.network()) {
      text += "model.hidden = [4]\nmodel.activation = tanh\nsolver.training.plain = 2\n";
    }
    String precision =
        "solver.precision = " + (traits.doublePrecision() ? "double" : "single") + "\n";
    return text
        + switch (traits.job()) {
          case CLEAN -> precision + "solver.iterations = 3\nbaselines = []\n";
          case TUNE ->
              precision + "solver.iterations = 12\nbaselines = []\noutput.sensitivity = false\n";
          default ->
              "hypergradient.methods = [exact]\nupper.initial = "
                  + (traits.penalty().isEmpty() ? 0.3 : Math.log(L2 * settings.penaltyFactor()))
                  + "\n";
        };
  }

  private String data(Setup setup, Path folder) {
    Format format = setup.layout().format();
    Store train = new Store(setup.tables().features(), setup.layout());
    Store others =
        new Store(setup.tables().features(), new Layout(format, setup.layout().files(), false));
    String path = train.write(folder, "train", setup.tables().train(), format);
    StringBuilder text =
        new StringBuilder("data.train.format = ").append(word(format)).append('\n');
    text.append("data.train.path = ").append(quoted(path)).append('\n');
    boolean weighted = setup.settings().weighted();
    if (format != Format.LIBSVM) {
      text.append("data.train.id = id\n");
      text.append(weighted ? "data.train.weight = w\n" : "");
      text.append(traits.grouped() ? "data.train.group = source\n" : "");
      if (!format.isVectors()) {
        String features = String.join("\", \"", setup.tables().features());
        if (!weighted) {
          // Else the weights were a feature.
          text.append("data.train.features = [\"").append(features).append("\"]\n");
        }
      }
    }
    String validation = others.write(folder, "validation", setup.tables().validation(), format);
    text.append("data.validation.path = ").append(quoted(validation)).append('\n');
    String test = others.write(folder, "test", setup.tables().test(), format);
    text.append("data.test.path = ").append(quoted(test)).append('\n');
    text.append(weighted ? "data.validation.weight = w\ndata.test.weight = w\n" : "");
    text.append(setup.settings().groupsOfValidation() ? "data.validation.group = source\n" : "");
    return text.toString();
  }

  private static String word(Format format) {
    return format.isFile() ? format.name().toLowerCase(Locale.ROOT) : "table";
  }

  private static String groups(Tables tables) {
    StringBuilder text = new StringBuilder("column,group\n");
    for (String feature : tables.features()) {
      text.append(feature).append(',').append(groupOf(feature)).append('\n');
    }
    return text.toString();
  }

  /** Copies of a feature are in its group. */
  static String groupOf(String feature) {
    String digits = feature.replaceAll("\\D", "");
    int number = digits.isEmpty() ? 0 : Integer.parseInt(digits);
    return number < 3 ? "first" : number < 5 ? "second" : "third";
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}

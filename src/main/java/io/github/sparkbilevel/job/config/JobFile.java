package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.ml.AlgorithmRule;
import io.github.sparkbilevel.ml.tracking.MlflowServer;
import io.github.sparkbilevel.problem.UpperVariables;
import io.github.sparkbilevel.settings.ComparisonSettings;
import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.FoldRules;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.NetworkSettings;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.Rules;
import io.github.sparkbilevel.settings.RunSettings;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.SolverSettings;
import io.github.sparkbilevel.settings.Use;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A job file with the overrides of the command line, read into a {@link JobConfig}. Everything that
 * can be wrong with it is found here, before Spark starts.
 */
public final class JobFile {
  private final Config resolved;
  private final Values values;
  private final Folders folders;
  private final CorruptionRule corruption;

  private JobFile(Config resolved, Folders folders) {
    this.resolved = resolved;
    this.values = new Values(resolved);
    this.folders = folders;
    this.corruption = new CorruptionRule(values);
  }

  /** Reads a job file, looked up in the current folder and then in the repository. */
  public static JobConfig load(String file, List<String> overrides, Folders folders) {
    Path path = folders.find(file).orElseThrow(() -> notFound(file, folders));
    if (Files.isDirectory(path)) {
      throw new ConfigException(
          "job file \"%s\" is a folder; expected a file, try --list for the job files there are"
              .formatted(file));
    }
    try {
      Config parsed =
          ConfigFactory.parseFile(
              path.toFile(),
              ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF));
      return of(Overrides.over(parsed, overrides).resolve(), folders);
    } catch (com.typesafe.config.ConfigException e) {
      throw unreadable(path.getFileName().toString(), e);
    } catch (StackOverflowError e) {
      throw tooDeep(path.getFileName().toString(), e);
    }
  }

  /** Reads a job from text instead of a file. */
  public static JobConfig parse(String text, List<String> overrides, Folders folders) {
    try {
      return of(Overrides.over(ConfigFactory.parseString(text), overrides).resolve(), folders);
    } catch (com.typesafe.config.ConfigException e) {
      throw unreadable("text", e);
    } catch (StackOverflowError e) {
      throw tooDeep("text", e);
    }
  }

  private static ConfigException tooDeep(String name, StackOverflowError e) {
    return new ConfigException(
        "job file %s cannot be read: its values lie too deep in each other; expected keys and values"
                .formatted(name)
            + " as in spark-job/",
        e);
  }

  private static ConfigException notFound(String file, Folders folders) {
    String places =
        folders.root() == null || folders.root().equals(folders.current())
            ? folders.current().toString()
            : "%s or %s".formatted(folders.current(), folders.root());
    return new ConfigException(
        "job file \"%s\" was not found in %s; try --list for the job files there are"
            .formatted(file, places));
  }

  private static ConfigException unreadable(String name, com.typesafe.config.ConfigException e) {
    String problem =
        e.getMessage().lines().findFirst().orElse("").strip().replaceAll("\\p{Cntrl}", "?");
    String advice = "correct the syntax there (HOCON)";
    if (e instanceof com.typesafe.config.ConfigException.UnresolvedSubstitution) {
      advice =
          "set it in the file, on the command line or in the environment, or write ${?NAME} where"
              + " it may be missing";
    } else if (e instanceof com.typesafe.config.ConfigException.IO) {
      advice = "check the file and its permissions";
    }
    return new ConfigException(
        "job file %s cannot be read: %s; %s".formatted(name, problem, advice), e);
  }

  private static JobConfig of(Config resolved, Folders folders) {
    return new JobFile(resolved, folders).read();
  }

  private JobConfig read() {
    Use use = values.use();
    Optional<ArenaConfig> arena =
        use.job().equals(Keys.ARENA) ? Optional.of(arena()) : Optional.empty();
    DataConfig data =
        arena
            .map(cells -> cells.sets().get(0).data())
            .orElseGet(() -> scales() ? madeUp() : data());
    Rules rules = new Rules(values, use);
    rules.check();
    corruption.check();
    if (!data.corrupt().byGroup()) {
      rules.requireGroups();
    }
    Map<String, Object> whole = new HashMap<>();
    whole.put("data", data);
    whole.put("arena", arena);
    whole.put("upper.variable", rules.variables());
    whole.put("upper.initial", rules.starts());
    whole.put("upper.groups", groups(rules.variables()));
    whole.put("model.loss", LossRule.check(values));
    whole.put("model.weights", values.get(ProblemSettings.WEIGHTS).map(folders::input));
    checkSoftLabels();
    checkLabelColumns();
    checkPath(rules.variables());
    whole.put("solver.algorithm", AlgorithmRule.check(values, use).text());
    whole.put("output.path", folders.output(values.get(RunSettings.OUTPUT_PATH)));
    whole.put("checkpoint.path", values.get(RunSettings.CHECKPOINT_PATH).map(folders::output));
    whole.put("mlflow", mlflow());
    whole.put("benchmark.runs", runs());
    whole.put("resolvedText", values.text(use.job(), corruption.unreadWith(unread())));
    whole.put("warnings", warnings(rules));
    return Records.read(JobConfig.class, "", whole, path -> values.get(Registry.keys().get(path)));
  }

  private Optional<String> groups(List<String> variables) {
    Optional<String> file = values.get(ProblemSettings.GROUPS).map(folders::input);
    if (UpperVariables.needFeatureGroups(variables) && file.isEmpty()) {
      throw values.refusal(
          ProblemSettings.VARIABLE,
          "needs the group of each feature; give upper.groups, a CSV with the header column,group");
    }
    return file;
  }

  private void checkSoftLabels() {
    String cleaned = values.get(RunSettings.CLEANED);
    if (values.get(RunSettings.SOFT_LABELS) && !cleaned.equals("rows")) {
      throw values.refusal(
          RunSettings.SOFT_LABELS,
          "is a column of the whole rows in cleaned/, which output.cleaned = %s does not write; try"
                  .formatted(cleaned)
              + " output.cleaned = rows");
    }
  }

  private void checkLabelColumns() {
    Setting<?> columns = DataSettings.TRAIN.labelColumns;
    boolean isOfSeveral = values.use().family().equals(Keys.MULTI_LABEL);
    if (isOfSeveral && values.get(DataSettings.TRAIN.labelColumns).isEmpty()) {
      throw values.refusal(columns, "names no column, expected those of the labels, each 0 or 1");
    }
    if (!isOfSeveral && !values.get(DataSettings.TRAIN.labelColumns).isEmpty()) {
      throw values.refusal(
          columns,
          "is for model.family = multi-label, and that is %s; try data.train.label"
              .formatted(values.use().family()));
    }
  }

  private void checkPath(List<String> variables) {
    boolean isSingle = variables.equals(List.of(Keys.L1)) || variables.equals(List.of(Keys.L2));
    if (values.get(RunSettings.REGULARIZATION_PATH).isPresent() && !isSingle) {
      throw values.refusal(
          RunSettings.REGULARIZATION_PATH,
          "is for one penalty, and upper.variable is %s; try upper.variable = l1 or l2"
              .formatted(variables));
    }
  }

  private Optional<MlflowServer> mlflow() {
    try {
      return values
          .get(RunSettings.MLFLOW_URI)
          .map(uri -> new MlflowServer(uri, values.get(RunSettings.MLFLOW_EXPERIMENT)));
    } catch (IllegalArgumentException refused) {
      throw new ConfigException("mlflow." + refused.getMessage(), refused);
    }
  }

  private ArenaConfig arena() {
    return new ArenaReader(resolved, values, config -> new JobFile(config, folders).data()).read();
  }

  /** Whether the job makes up its rows. */
  private boolean scales() {
    return values.use().job().equals(Keys.BENCHMARK)
        && !values.get(ComparisonSettings.SCALING).isEmpty();
  }

  /** Stands for rows that the job makes up: nothing reads it. */
  private DataConfig madeUp() {
    String rows = "data { train.path = made-up, validation.rows = 1 }";
    Config made = ConfigFactory.parseString(rows).withFallback(resolved.withoutPath("data"));
    return new JobFile(made, folders).data();
  }

  private List<String> warnings(Rules rules) {
    Use use = values.use();
    List<String> result = new ArrayList<>();
    values
        .idle(use.job())
        .forEach(path -> result.add(path + " has no effect in the job " + use.job()));
    result.addAll(idle(corruption.reason(), corruption.unread()));
    if (!UpperVariables.takeFeatureGroups(rules.variables())) {
      result.addAll(
          idle("without penalties per group in upper.variable", List.of(ProblemSettings.GROUPS)));
    }
    result.addAll(idle("with model.family = " + use.family(), unread()));
    if (use.job().equals(Keys.BENCHMARK)) {
      result.addAll(
          scales()
              ? idle("with benchmark.scaling", notOfScaling())
              : idle("without benchmark.scaling", ofScaling()));
    }
    if (!use.isGuided()) {
      result.addAll(idle("without trusted rows", Rules.ofTrustedRows()));
    }
    if (use.job().equals(Keys.TUNE) && rules.algorithm().equals(Keys.LBFGS)) {
      result.addAll(
          idle(
              "with solver.algorithm = lbfgs",
              List.of(
                  ProblemSettings.STEP,
                  SolverSettings.PRODUCTS,
                  SolverSettings.WARMUP_PASSES,
                  SolverSettings.WARMUP_TOLERANCE)));
    }
    if (use.job().equals(Keys.TUNE)) {
      result.addAll(idleSearches());
    }
    return List.copyOf(result);
  }

  private List<String> idleSearches() {
    List<String> baselines = values.get(RunSettings.BASELINES);
    List<String> result = new ArrayList<>();
    if (baselines.isEmpty() && values.get(RunSettings.REGULARIZATION_PATH).isEmpty()) {
      result.addAll(idle("without baselines", List.of(RunSettings.SEARCH_RANGE)));
    }
    if (List.of(Keys.CROSS_VALIDATION).containsAll(baselines)) {
      result.addAll(
          idle("without grid, random or mllib in baselines", List.of(RunSettings.SEARCH_POINTS)));
    }
    return result;
  }

  /** The keys of networks that the model does not read. */
  private List<Setting<?>> unread() {
    List<Setting<?>> ofMlp = List.of(ProblemSettings.HIDDEN, ProblemSettings.ACTIVATION);
    List<Setting<?>> ofNetwork = new ArrayList<>(ProblemSettings.ofNetworks());
    ofNetwork.removeAll(ofMlp);
    List<Setting<?>> ofBoth = new ArrayList<>(NetworkSettings.all());
    ofBoth.remove(NetworkSettings.FACTOR_REFRESH);
    ofBoth.add(ComparisonSettings.HESSIAN);
    if (corruption.readsShape()) {
      ofNetwork.remove(ProblemSettings.SHAPE);
    }
    return switch (values.use().family()) {
      case Keys.MLP -> ofNetwork;
      case Keys.NETWORK -> ofMlp;
      default -> Stream.of(ofMlp, ofNetwork, ofBoth).flatMap(List::stream).toList();
    };
  }

  private static List<Setting<?>> ofScaling() {
    return Registry.keys().values().stream().filter(ComparisonSettings::isOfScaling).toList();
  }

  private static List<Setting<?>> notOfScaling() {
    return Registry.keys().values().stream()
        .filter(key -> key.jobs().contains(Keys.BENCHMARK) && !ComparisonSettings.isOfScaling(key))
        .filter(key -> key.path().matches("(data|model|upper|solver|search|benchmark)[.].*"))
        .filter(key -> key != ComparisonSettings.REPETITIONS)
        .toList();
  }

  private List<String> idle(String why, List<Setting<?>> keys) {
    return keys.stream()
        .filter(values::isGiven)
        .map(key -> key.path() + " has no effect " + why)
        .toList();
  }

  private DataConfig data() {
    SourceReader sources = new SourceReader(values, folders);
    String job = values.use().job();
    Optional<Rows> validation =
        job.equals(Keys.ARENA)
            ? ArenaConfig.draw(values.get(ComparisonSettings.TRUSTED).get(0))
            : sources.rows(DataSettings.VALIDATION);
    Optional<Setting<?>> folds = job.equals(Keys.TUNE) ? FoldRules.key(values) : Optional.empty();
    if (folds.isPresent() && validation.isPresent()) {
      throw values.refusal(
          folds.get(),
          "takes the training rows in turn as validation rows, and others are given; keep one of"
              + " the two");
    }
    if (validation.isEmpty()
        && folds.isEmpty()
        && values.use().isGuided()
        && !job.equals(Keys.ARENA)) {
      throw missingValidation(job);
    }
    Optional<Rows> test = sources.rows(DataSettings.TEST);
    double drawn =
        validation.map(JobFile::share).orElse(0.0) + test.map(JobFile::share).orElse(0.0);
    if (drawn >= 1) {
      throw values.refusal(
          DataSettings.TEST.fraction,
          "leaves no training rows: expected it and data.validation.fraction to add up to less"
              + " than 1; try 0.2");
    }
    Map<String, Object> whole = new HashMap<>();
    whole.put("data.train", sources.train());
    whole.put("data.validation", validation);
    whole.put("data.folds", values.get(DataSettings.VALIDATION.folds));
    whole.put("data.foldColumn", values.get(DataSettings.VALIDATION.foldColumn));
    whole.put("data.test", test);
    whole.put("data.clip", clip());
    return Records.read(
        DataConfig.class, "data.", whole, path -> values.get(Registry.keys().get(path)));
  }

  private static ConfigException missingValidation(String job) {
    return new ConfigException(
        (job.equals(Keys.TUNE) ? "the validation rows" : "the trusted rows")
            + " are missing; give "
            + DataSettings.VALIDATION.ways().stream()
                .map(Setting::path)
                .collect(Collectors.joining(" or "))
            + (job.equals(Keys.TUNE) ? " or " + DataSettings.VALIDATION.folds.path() : ""));
  }

  private static double share(Rows rows) {
    return rows instanceof Draw draw ? draw.fraction().orElse(0) : 0;
  }

  private Optional<Double> clip() {
    Optional<Double> clip = values.get(DataSettings.CLIP);
    if (clip.isPresent() && !values.get(DataSettings.STANDARDIZE)) {
      if (values.isWord(DataSettings.CLIP)) {
        return Optional.empty();
      }
      throw values.refusal(
          DataSettings.CLIP,
          "limits standardised features, and data.standardize is false; try data.clip = none");
    }
    return clip;
  }

  private List<Contender> runs() {
    List<Contender> runs = new ArrayList<>();
    for (String text : values.get(ComparisonSettings.RUNS)) {
      try {
        Contender contender = Contender.of(text);
        if (runs.contains(contender)) {
          throw new IllegalArgumentException(
              "got '%s' twice, expected different runs; benchmark.repetitions repeats them"
                  .formatted(text));
        }
        runs.add(contender);
      } catch (IllegalArgumentException unknown) {
        throw values.refusal(ComparisonSettings.RUNS, "is not valid: " + unknown.getMessage());
      }
    }
    return List.copyOf(runs);
  }
}

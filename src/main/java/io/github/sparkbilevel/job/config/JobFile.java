package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.job.ConfigException;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.ValueType.Choice;
import io.github.sparkbilevel.ml.LowerLevel;
import io.github.sparkbilevel.ml.tracking.MlflowServer;
import io.github.sparkbilevel.model.Losses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A job file with the overrides of the command line, read into a {@link JobConfig}. Everything that
 * can be wrong with it is found here, before Spark starts.
 */
public final class JobFile {
  private final Config resolved;
  private final Values values;
  private final Folders folders;

  private JobFile(Config resolved, Folders folders) {
    this.resolved = resolved;
    this.values = new Values(resolved);
    this.folders = folders;
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
  static JobConfig parse(String text, List<String> overrides, Folders folders) {
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
    String job = values.get(Keys.JOB);
    Optional<ArenaConfig> arena = job.equals(Keys.ARENA) ? Optional.of(arena()) : Optional.empty();
    DataConfig data = arena.map(cells -> cells.sets().get(0).data()).orElseGet(() -> data(job));
    ModelConfig model = model(job);
    UpperConfig upper = new UpperReader(values, folders, job).read(model, data);
    SolverConfig solver = solver(job, model, upper);
    List<String> baselines = baselines(job);
    return new JobConfig(
        job,
        values.get(Keys.SEED),
        data,
        model,
        upper,
        solver,
        new OutputConfig(
            folders.output(values.get(Keys.OUTPUT_PATH)),
            values.get(Keys.OUTPUT_FORMAT),
            values.get(Keys.OVERWRITE)),
        new CheckpointConfig(
            values.get(Keys.CHECKPOINT_PATH).map(folders::output),
            values.get(Keys.CHECKPOINT_INTERVAL),
            values.get(Keys.RESUME)),
        mlflow(),
        new HypergradientConfig(
            values.get(Keys.METHODS),
            values.get(Keys.HYPERGRADIENT_TOLERANCE),
            values.get(Keys.HYPERGRADIENT_PRECISION),
            values.get(Keys.HYPERGRADIENT_MOST_PRODUCTS),
            values.get(Keys.HYPERGRADIENT_PRODUCTS),
            values.get(Keys.HYPERGRADIENT_HESSIAN).equals("exact")),
        baselines,
        search(),
        benchmark(),
        arena,
        values.text(job, model.isNetwork() ? List.of() : ofNetworks()),
        warnings(job, model, upper, solver, baselines));
  }

  private MlflowConfig mlflow() {
    try {
      return new MlflowConfig(
          values
              .get(Keys.MLFLOW_URI)
              .map(uri -> new MlflowServer(uri, values.get(Keys.MLFLOW_EXPERIMENT))));
    } catch (IllegalArgumentException refused) {
      throw new ConfigException("mlflow." + refused.getMessage(), refused);
    }
  }

  private ArenaConfig arena() {
    return new ArenaReader(
            resolved, values, config -> new JobFile(config, folders).data(Keys.ARENA))
        .read();
  }

  private List<String> warnings(
      String job,
      ModelConfig model,
      UpperConfig upper,
      SolverConfig solver,
      List<String> baselines) {
    List<String> result = new ArrayList<>();
    values.idle(job).forEach(path -> result.add(path + " has no effect in the job " + job));
    if (values.get(Keys.CORRUPT_KIND).equals(Corruption.BY_GROUP)) {
      result.addAll(idle("with data.corrupt.kind = by-group", Keys.CORRUPT_FRACTION));
    }
    if (!upper.variables().contains(Keys.L2_PER_GROUP)) {
      result.addAll(idle("without l2-per-group in upper.variable", Keys.UPPER.groups));
    }
    if (!model.isNetwork()) {
      result.addAll(idle("without model.family = mlp", ofNetworks().toArray(Key<?>[]::new)));
    }
    if (job.equals(Keys.TUNE) && solver.algorithm().equals(Keys.LBFGS)) {
      result.addAll(
          idle(
              "with solver.algorithm = lbfgs",
              Keys.UPPER.step,
              Keys.SOLVER.products,
              Keys.SOLVER.warmupPasses,
              Keys.SOLVER.tolerance));
    }
    if (job.equals(Keys.TUNE) && baselines.isEmpty()) {
      result.addAll(idle("without baselines", Keys.SEARCH_POINTS, Keys.SEARCH_RANGE));
    }
    return List.copyOf(result);
  }

  /** The keys that networks alone read. */
  private static List<Key<?>> ofNetworks() {
    return Stream.concat(
            Stream.of(Keys.HIDDEN, Keys.ACTIVATION, Keys.HYPERGRADIENT_HESSIAN),
            Keys.NETWORK.all().stream().filter(key -> key != Keys.NETWORK.refresh))
        .toList();
  }

  private List<String> idle(String why, Key<?>... keys) {
    return Arrays.stream(keys)
        .filter(values::isGiven)
        .map(key -> key.path() + " has no effect " + why)
        .toList();
  }

  private ModelConfig model(String job) {
    String family = values.get(Keys.FAMILY);
    if (family.equals(Keys.LINEAR) && Keys.cleans(job)) {
      throw values.error(
          Keys.FAMILY,
          "has real-valued labels; the job "
              + job
              + " needs classes, try softmax or logistic, or job = tune");
    }
    if (family.equals(Keys.MLP) && (job.equals(Keys.TUNE) || job.equals(Keys.BENCHMARK))) {
      throw values.error(
          Keys.FAMILY,
          "is for the jobs clean, arena and hypergradient; expected softmax, logistic or linear in"
              + " the job "
              + job);
    }
    if (family.equals(Keys.MLP) && !values.get(Keys.INTERCEPT)) {
      throw values.error(
          Keys.INTERCEPT,
          "does not go with model.family = mlp, whose layers have biases; try true");
    }
    return new ModelConfig(
        family,
        values.get(Keys.MODEL_L2),
        values.get(Keys.PENALIZE_INTERCEPT),
        values.get(Keys.HIDDEN),
        values.get(Keys.ACTIVATION),
        loss(family));
  }

  private String loss(String family) {
    Choice<String> given = values.get(Keys.LOSS);
    String name = given.orElse(LowerLevel.SQUARED);
    if (!given.is("auto") && !family.equals(Keys.LINEAR)) {
      throw values.error(Keys.LOSS, "is for model.family = linear; try auto");
    }
    try {
      return Losses.of(name).label();
    } catch (IllegalArgumentException unknown) {
      throw values.error(Keys.LOSS, "is not valid: " + unknown.getMessage() + "; try auto");
    }
  }

  private DataConfig data(String job) {
    Source train = source(Keys.TRAIN);
    boolean standardize = values.get(Keys.STANDARDIZE);
    Rows validation =
        job.equals(Keys.ARENA)
            ? ArenaConfig.draw(values.get(Keys.ARENAS.trusted).get(0))
            : rows(Keys.VALIDATION).orElseThrow(() -> missingValidation(job));
    Optional<Rows> test = rows(Keys.TEST);
    double drawn = share(validation) + test.map(JobFile::share).orElse(0.0);
    if (drawn >= 1) {
      throw values.error(
          Keys.TEST.fraction,
          "leaves no training rows: expected it and data.validation.fraction to add up to less"
              + " than 1; try 0.2");
    }
    Choice<Integer> partitions = values.get(Keys.PARTITIONS);
    return new DataConfig(
        train,
        validation,
        test,
        standardize,
        clip(job, standardize),
        values.get(Keys.INTERCEPT),
        new Corruption(
            values.get(Keys.CORRUPT_KIND),
            values.get(Keys.CORRUPT_FRACTION),
            values.get(Keys.CORRUPT_SEED)),
        partitions.is("auto") ? OptionalInt.empty() : OptionalInt.of(partitions.value()),
        values.get(Keys.BLOCK_BYTES));
  }

  private static ConfigException missingValidation(String job) {
    return new ConfigException(
        (job.equals(Keys.TUNE) ? "the validation rows" : "the trusted rows")
            + " are missing; give data.validation.path, data.validation.fraction or"
            + " data.validation.rows");
  }

  private static double share(Rows rows) {
    return rows instanceof Draw draw ? draw.fraction().orElse(0) : 0;
  }

  private OptionalDouble clip(String job, boolean standardize) {
    Choice<Double> clip = values.get(Keys.CLIP);
    if (clip.is("auto")) {
      return standardize && Keys.cleans(job)
          ? OptionalDouble.of(Keys.CLEAN_CLIP)
          : OptionalDouble.empty();
    }
    if (clip.is("none")) {
      return OptionalDouble.empty();
    }
    if (!standardize) {
      throw values.error(
          Keys.CLIP,
          "limits standardised features, and data.standardize is false; try data.clip = none");
    }
    return OptionalDouble.of(clip.value());
  }

  private Optional<Rows> rows(SourceKeys keys) {
    List<Key<?>> ways = List.of(keys.path, keys.fraction, keys.rows);
    List<String> given = ways.stream().filter(values::isGiven).map(Key::path).toList();
    if (given.size() > 1) {
      throw new ConfigException(
          "%s are given together; expected one of them, keep one"
              .formatted(String.join(" and ", given)));
    }
    if (given.isEmpty()) {
      return Optional.empty();
    }
    Optional<Double> fraction = values.get(keys.fraction);
    Optional<Long> count = values.get(keys.rows);
    if (fraction.isEmpty() && count.isEmpty()) {
      return Optional.of(source(keys));
    }
    return Optional.of(
        new Draw(
            fraction.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
            count.map(OptionalLong::of).orElseGet(OptionalLong::empty)));
  }

  private Source source(SourceKeys keys) {
    String path = values.get(keys.path).orElseThrow();
    String format = values.get(keys.format);
    Optional<String> labels = values.get(keys.labels);
    Set<String> inherited = new TreeSet<>();
    for (Key<?> role :
        List.of(keys.label, keys.id, keys.features, keys.truth, keys.group, keys.weight)) {
      if (values.isInherited(role)) {
        inherited.add(role.path().substring(role.path().lastIndexOf('.') + 1));
      }
    }
    return new Source(
        format.equals("table") ? path : folders.input(path),
        labels.map(folders::input),
        format,
        values.get(keys.label),
        values.get(keys.id),
        values.get(keys.features),
        values.get(keys.truth),
        values.get(keys.group),
        values.get(keys.weight),
        values.get(keys.limit).map(OptionalLong::of).orElseGet(OptionalLong::empty),
        keys.options(values),
        Set.copyOf(inherited));
  }

  private SolverConfig solver(String job, ModelConfig model, UpperConfig upper) {
    SolverKeys keys = Keys.SOLVER;
    boolean network = model.isNetwork();
    return new SolverConfig(
        algorithm(job, model, upper),
        curvature(job, network),
        values.get(keys.sketch),
        values
            .get(keys.products)
            .orElse(network ? SolverKeys.NETWORK_PRODUCTS : SolverKeys.PRODUCTS),
        values.get(keys.iterations).orElse(SolverKeys.AUTO_ITERATIONS.in(job)),
        values.get(keys.warmupPasses),
        values.get(keys.tolerance),
        values
            .get(keys.damping)
            .orElse(network && Keys.cleans(job) ? SolverKeys.NETWORK_DAMPING : 0),
        values.get(keys.patience).orElse(SolverKeys.AUTO_PATIENCE.in(job)),
        values.get(keys.heldOut),
        values.get(keys.precision).orElse(SolverKeys.AUTO_PRECISION.in(job)),
        values.get(keys.backend),
        values.get(keys.device),
        new TrainingConfig(
            values.get(Keys.NETWORK.optimizer),
            values.get(Keys.NETWORK.step),
            values.get(Keys.NETWORK.batch),
            values.get(Keys.NETWORK.warmup),
            values.get(Keys.NETWORK.each),
            values.get(Keys.NETWORK.plain)),
        new KfacConfig(
            values.get(Keys.NETWORK.fisher),
            values.get(Keys.NETWORK.samples),
            values.get(Keys.NETWORK.decay),
            values.get(Keys.NETWORK.damping),
            values
                .get(Keys.NETWORK.refresh)
                .orElse(network ? NetworkKeys.NETWORK_REFRESH : NetworkKeys.REFRESH)));
  }

  private String curvature(String job, boolean network) {
    String curvature = values.get(Keys.SOLVER.curvature);
    if ((job.equals(Keys.TUNE) || job.equals(Keys.BENCHMARK))
        && Keys.MORE_CURVATURES.contains(curvature)) {
      throw values.error(
          Keys.SOLVER.curvature,
          "does not solve systems to accuracy, as the job %s needs; try one of auto | "
                  .formatted(job)
              + String.join(" | ", Keys.CURVATURES));
    }
    if (curvature.equals("ekfac-cg") && !network && Keys.cleans(job)) {
      throw values.error(Keys.SOLVER.curvature, "is for model.family = mlp; try kfac-cg");
    }
    return curvature;
  }

  private String algorithm(String job, ModelConfig model, UpperConfig upper) {
    boolean perRow = upper.variables().contains(Keys.EXAMPLE_WEIGHTS);
    String auto = perRow ? Keys.NBO : SolverKeys.AUTO_ALGORITHM.in(job);
    Contender contender;
    try {
      contender = Contender.ofSolver(values.get(Keys.SOLVER.algorithm).orElse(auto));
    } catch (IllegalArgumentException unknown) {
      throw values.error(
          Keys.SOLVER.algorithm, "is not valid: " + unknown.getMessage() + "; try auto");
    }
    String algorithm = contender.algorithm();
    if (algorithm.equals(Keys.NBO)) {
      return algorithm;
    }
    if (job.equals(Keys.ARENA) || algorithm.equals(Keys.LBFGS) && Keys.cleans(job)) {
      throw values.error(
          Keys.SOLVER.algorithm,
          "is for the job tune; expected nbo in the job " + job + ", try auto");
    }
    if (Keys.SOLVER.algorithm.jobs().contains(job) && perRow) {
      throw values.error(
          Keys.SOLVER.algorithm,
          "keeps the upper variable on the driver, where example-weights are not; expected nbo,"
              + " try auto");
    }
    if (model.isNetwork() && contender.isOfField()) {
      throw values.error(
          Keys.SOLVER.algorithm,
          "is for linear models; expected nbo with model.family = mlp, try auto");
    }
    return contender.text();
  }

  private List<String> baselines(String job) {
    List<String> names = values.get(Keys.BASELINES).orElse(Keys.AUTO_BASELINES.in(job));
    if (!Keys.BASELINES.jobs().contains(job)) {
      return names;
    }
    List<String> offered = Keys.BASELINE_NAMES.in(job);
    for (String name : names) {
      if (!offered.contains(name)) {
        throw values.error(
            Keys.BASELINES,
            "names %s, which the job %s does not fit; try some of %s"
                .formatted(name, job, String.join(" | ", offered)));
      }
    }
    return names;
  }

  private BenchmarkConfig benchmark() {
    List<Contender> runs = new ArrayList<>();
    for (String text : values.get(Keys.BENCHMARK_RUNS)) {
      try {
        Contender contender = Contender.of(text);
        if (runs.contains(contender)) {
          throw new IllegalArgumentException(
              "got '%s' twice, expected different runs; benchmark.repetitions repeats them"
                  .formatted(text));
        }
        runs.add(contender);
      } catch (IllegalArgumentException unknown) {
        throw values.error(Keys.BENCHMARK_RUNS, "is not valid: " + unknown.getMessage());
      }
    }
    return new BenchmarkConfig(
        List.copyOf(runs),
        values.get(Keys.BENCHMARK_REPETITIONS),
        values.get(Keys.BENCHMARK_ITERATIONS),
        values.get(Keys.BENCHMARK_SECONDS),
        values.get(Keys.BENCHMARK_TARGETS));
  }

  private SearchConfig search() {
    List<Double> range = values.get(Keys.SEARCH_RANGE);
    if (range.get(0) >= range.get(1)) {
      throw values.error(
          Keys.SEARCH_RANGE,
          "is empty; expected the smaller number first, try " + Keys.SEARCH_RANGE.defaultText());
    }
    return new SearchConfig(values.get(Keys.SEARCH_POINTS), range.get(0), range.get(1));
  }
}

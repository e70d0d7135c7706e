package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.github.sparkbilevel.job.ConfigException;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.ValueType.Choice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * A job file with the overrides of the command line, read into a {@link JobConfig}. Everything that
 * can be wrong with it is found here, before Spark starts.
 */
public final class JobFile {
  private final Values values;
  private final Folders folders;

  private JobFile(Config resolved, Folders folders) {
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
    }
  }

  /** Reads a job from text instead of a file. */
  static JobConfig parse(String text, List<String> overrides, Folders folders) {
    try {
      return of(Overrides.over(ConfigFactory.parseString(text), overrides).resolve(), folders);
    } catch (com.typesafe.config.ConfigException e) {
      throw unreadable("text", e);
    }
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
    DataConfig data = data(job);
    ModelConfig model =
        new ModelConfig(
            values.get(Keys.FAMILY),
            values.get(Keys.MODEL_L2),
            values.get(Keys.PENALIZE_INTERCEPT));
    return new JobConfig(
        job,
        values.get(Keys.SEED),
        data,
        model,
        upper(job, model, data),
        solver(),
        new OutputConfig(
            folders.output(values.get(Keys.OUTPUT_PATH)),
            values.get(Keys.OUTPUT_FORMAT),
            values.get(Keys.OVERWRITE)),
        new CheckpointConfig(
            values.get(Keys.CHECKPOINT_PATH).map(folders::output),
            values.get(Keys.CHECKPOINT_INTERVAL),
            values.get(Keys.RESUME)),
        new HypergradientConfig(
            values.get(Keys.METHODS),
            values.get(Keys.HYPERGRADIENT_TOLERANCE),
            values.get(Keys.HYPERGRADIENT_PRECISION)),
        values.get(Keys.BASELINES),
        values.text(job),
        warnings(job));
  }

  private List<String> warnings(String job) {
    List<String> result = new ArrayList<>();
    values.idle(job).forEach(path -> result.add(path + " has no effect in the job " + job));
    boolean byGroup = values.get(Keys.CORRUPT_KIND).equals(Corruption.BY_GROUP);
    if (byGroup && values.isGiven(Keys.CORRUPT_FRACTION)) {
      result.add("data.corrupt.fraction has no effect with data.corrupt.kind = by-group");
    }
    return List.copyOf(result);
  }

  private DataConfig data(String job) {
    Source train = source(Keys.TRAIN);
    boolean standardize = values.get(Keys.STANDARDIZE);
    Rows validation =
        rows(Keys.VALIDATION)
            .orElseThrow(
                () ->
                    new ConfigException(
                        "the trusted rows are missing; give data.validation.path,"
                            + " data.validation.fraction or data.validation.rows"));
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

  private static double share(Rows rows) {
    return rows instanceof Draw draw ? draw.fraction().orElse(0) : 0;
  }

  private OptionalDouble clip(String job, boolean standardize) {
    Choice<Double> clip = values.get(Keys.CLIP);
    if (clip.is("auto")) {
      return standardize && job.equals(Keys.CLEAN)
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
        Set.copyOf(inherited));
  }

  private UpperConfig upper(String job, ModelConfig model, DataConfig data) {
    List<String> variables = values.get(Keys.VARIABLE);
    long weights = variables.stream().filter(name -> !name.equals(Keys.L2)).count();
    if (weights > 1) {
      throw values.error(
          Keys.VARIABLE, "names two kinds of weights; expected one kind, alone or with l2");
    }
    if (weights == 0 && job.equals(Keys.CLEAN)) {
      throw values.error(
          Keys.VARIABLE,
          "names no weights to find wrong labels by; try %s or [%s, l2]"
              .formatted(Keys.WEIGHT_FUNCTION, Keys.WEIGHT_FUNCTION));
    }
    if (variables.size() == 2 && variables.get(0).equals(Keys.L2)) {
      throw values.error(Keys.VARIABLE, "is out of order; expected the weights first, then l2");
    }
    boolean grouped = data.train().group().isPresent() || data.corrupt().byGroup();
    if (variables.contains(Keys.GROUP_WEIGHTS) && !grouped) {
      throw values.error(
          Keys.VARIABLE,
          "needs the group of each row; give data.train.group, the column of the row's source");
    }
    if (variables.contains(Keys.L2) && job.equals(Keys.CLEAN) && model.l2() == 0) {
      throw values.error(Keys.MODEL_L2, "cannot be where the tuned penalty e^λ starts; try 0.01");
    }
    Choice<Double> step = values.get(Keys.STEP);
    Optional<UpperConfig.Bounds> bounds = values.get(Keys.BOUNDS);
    if (bounds.isPresent() && bounds.get().lower() >= bounds.get().upper()) {
      throw values.error(Keys.BOUNDS, "is empty; expected the smaller number first, try [-10, 10]");
    }
    return new UpperConfig(
        variables,
        initial(job, model, variables),
        step.is("auto") ? OptionalDouble.empty() : OptionalDouble.of(step.value()),
        bounds,
        values.get(Keys.REFRESH));
  }

  private List<Double> initial(String job, ModelConfig model, List<String> variables) {
    List<Double> given = values.get(Keys.INITIAL);
    if (given.size() == variables.size()) {
      return given;
    }
    if (given.size() > 1) {
      throw values.error(
          Keys.INITIAL,
          "has %d numbers for %d variables; expected one number, or one for each variable"
              .formatted(given.size(), variables.size()));
    }
    // One number for weights and a penalty. The hypergradient job evaluates where it was told to;
    // the job clean leaves the penalty where the model has it, for weights are what it tunes first.
    double second = job.equals(Keys.CLEAN) ? Math.log(model.l2()) : given.get(0);
    return List.of(given.get(0), second);
  }

  private SolverConfig solver() {
    return new SolverConfig(
        values.get(Keys.ALGORITHM),
        values.get(Keys.CURVATURE),
        values.get(Keys.PRODUCTS),
        values.get(Keys.ITERATIONS),
        values.get(Keys.WARMUP_PASSES),
        values.get(Keys.TOLERANCE),
        values.get(Keys.DAMPING),
        values.get(Keys.PATIENCE),
        values.get(Keys.HELD_OUT),
        values.get(Keys.PRECISION),
        values.get(Keys.BACKEND));
  }
}

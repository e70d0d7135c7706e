package io.github.sparkbilevel.ml.arena;

import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.Finished;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.CleaningPlan;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Accuracy;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Given;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Method;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.score.RowScorer;
import io.github.sparkbilevel.spark.score.ScoreBlock;
import io.github.sparkbilevel.spark.transfer.CachedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.storage.StorageLevel;

/**
 * A cell of the cleaning arena: all methods side by side, on the same rows in the same blocks.
 *
 * <p>The plain models are fitted once, each on its own clock, and every bilevel run selects among
 * them and its own. A method whose numerics fail has a column that says so.
 */
public final class ArenaCell {
  private final DataCleaner settings;
  private final Consumer<ArenaColumn> told;
  private final PreparedData data;
  private final Map<Method, ArenaColumn> columns = new EnumMap<>(Method.class);
  private final Map<String, Finished> plain = new LinkedHashMap<>();

  private ArenaCell(DataCleaner settings, PreparedData data, Consumer<ArenaColumn> told) {
    this.settings = settings;
    this.data = data;
    this.told = told;
  }

  /**
   * Runs every method that applies; group weights need groups, and many methods trusted rows.
   *
   * @param settings of all methods; what it tunes does not count
   * @param tables rows whose truth is known; their caches are freed
   * @param told of each column as it is there
   * @return the columns in the order of {@link Method}
   * @throws io.github.sparkbilevel.block.DataException where there are too few trusted rows
   */
  public static List<ArenaColumn> run(
      DataCleaner settings, PreparedTables tables, Consumer<ArenaColumn> told) {
    Set<Given> given = EnumSet.noneOf(Given.class);
    if (!tables.train().stats().groups().isEmpty()) {
      given.add(Given.GROUPS);
    }
    if (tables.validation() != null) {
      given.add(Given.TRUSTED_ROWS);
    }
    if (settings.networks() == null) {
      given.add(Given.LINEAR_MODEL);
    }
    List<Method> methods = Method.fitting(given);
    try (PreparedData data = cleaner(settings, Method.WEIGHT_FUNCTION, tables).prepare(tables)) {
      ArenaCell cell = new ArenaCell(settings, data, told);
      cell.runPlain(methods.stream().filter(method -> !method.isGuided()).toList());
      methods.stream().filter(Method::isGuided).forEach(cell::runGuided);
      return List.copyOf(cell.columns.values());
    } catch (NumericsException e) {
      // The rows cannot be standardised.
      return methods.stream().map(method -> ArenaColumn.failed(method, 0, e.getMessage())).toList();
    }
  }

  /** What runs a method that λ guides; without trusted rows, the job clean as it is then. */
  private static DataCleaner cleaner(DataCleaner settings, Method method, PreparedTables tables) {
    DataCleaner cleaner = settings.copy(ParamMap.empty());
    return tables.validation() == null
        ? cleaner
            .setUpperVariables(new String[] {Keys.NOISE_MODEL})
            .setAlgorithm(Keys.NBO)
            .setBaselines(new String[0])
        : cleaner.setUpperVariables(new String[] {method.word()});
  }

  private CleaningPlan plan(Method method) {
    return cleaner(settings, method, data.tables()).plan(data);
  }

  private void add(ArenaColumn column) {
    columns.put(column.method(), column);
    told.accept(column);
  }

  private void runPlain(List<Method> methods) {
    CleaningPlan plan = plan(Method.WEIGHT_FUNCTION);
    try (SparkEngine engine = CleaningRun.engine(data, plan)) {
      Cleaning cleaning =
          new Cleaning(plan.settings(), engine, data.blocks().rows().get(Part.TRAIN), record -> {});
      Map<Method, Double> seconds = new EnumMap<>(Method.class);
      for (Method method : methods) {
        long start = System.nanoTime();
        try {
          plain.putAll(finite(cleaning.plain(method.baseline())));
          seconds.put(method, secondsSince(start));
        } catch (NumericsException e) {
          add(ArenaColumn.failed(method, secondsSince(start), e.getMessage()));
        }
      }
      BlockKernel kernel =
          BlockKernel.of(plan.settings().problem().model(), plan.settings().backend());
      Map<String, ModelFigures> figures = figures(kernel, engine);
      Map<Method, Found> found = found(kernel, engine, List.copyOf(seconds.keySet()));
      seconds.forEach(
          (method, took) ->
              add(
                  new ArenaColumn(
                      method,
                      accuracy(figures, method, method.refit()),
                      found.get(method),
                      "",
                      took,
                      "")));
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static Map<String, Finished> finite(Map<String, Finished> models) {
    if (!models.values().stream().allMatch(ArenaCell::isFinite)) {
      throw new NumericsException("the model is not finite; raise model.l2");
    }
    return models;
  }

  private static boolean isFinite(Finished model) {
    return Arrays.stream(model.theta()).allMatch(Double::isFinite)
        && Arrays.stream(model.unseen()).allMatch(Double::isFinite);
  }

  private Map<String, ModelFigures> figures(BlockKernel kernel, SparkEngine engine) {
    List<double[]> thetas = plain.values().stream().map(Finished::theta).toList();
    List<ModelFigures> all = new Comparisons(kernel, engine).figures(thetas);
    Map<String, ModelFigures> byName = new LinkedHashMap<>();
    for (String name : plain.keySet()) {
      byName.put(name, all.get(byName.size()));
    }
    return byName;
  }

  private Map<Method, Found> found(BlockKernel kernel, SparkEngine engine, List<Method> methods) {
    List<Judge> judges = new ArrayList<>();
    for (Method method : methods) {
      judges.add(plain.get(method.model() == null ? method.refit() : method.model()).judge());
    }
    Broadcast<List<Judge>> shared = engine.context().broadcast(judges);
    JavaRDD<ScoreBlock> scores =
        engine
            .<PartitionState, ScoreBlock>rows(null, new RowScorer(kernel, shared))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<Found> all = Found.of(RowScorer.rows(scores), judges.size());
      Map<Method, Found> byMethod = new EnumMap<>(Method.class);
      methods.forEach(method -> byMethod.put(method, all.get(byMethod.size())));
      return byMethod;
    } finally {
      CachedRows.unpersist(scores);
      shared.destroy();
    }
  }

  /** {@code returned} is the name of the model that one would go on with; null for the only one. */
  private static Accuracy accuracy(
      Map<String, ModelFigures> figures, Method method, String returned) {
    return new Accuracy(
        test(figures, returned == null ? method.model() : returned),
        test(figures, method.model()),
        test(figures, method.refit()));
  }

  private static double test(Map<String, ModelFigures> figures, String name) {
    return figures.containsKey(name) ? figures.get(name).test().accuracy() : Double.NaN;
  }

  /** The plain models that {@code clean} selects among by default. */
  private Map<String, Finished> fittedByDefault() {
    Map<String, Finished> models = new LinkedHashMap<>(plain);
    for (Method method :
        List.of(Method.TRANSFER, Method.GOLD_LOSS_CORRECTION, Method.FORWARD_CORRECTION)) {
      models.remove(method.model());
      models.remove(method.refit());
    }
    return models;
  }

  private void runGuided(Method method) {
    long start = System.nanoTime();
    CleaningRun run = null;
    try {
      Map<String, Finished> others = data.tables().validation() == null ? null : fittedByDefault();
      CleaningRun.Course course = new CleaningRun.Course(others, null, 0, RunListener.LOG);
      run = CleaningRun.of(data, plan(method), course).requireUsable();
      Map<String, ModelFigures> figures = new LinkedHashMap<>();
      run.result().models().forEach((name, model) -> figures.put(name, model.figures()));
      String selected = run.result().selected();
      add(
          new ArenaColumn(
              method,
              accuracy(figures, method, selected),
              Found.of(run.scored().rows(), 1).get(0),
              selected,
              run.seconds().solve() + run.seconds().baselines(),
              ""));
    } catch (NumericsException e) {
      add(ArenaColumn.failed(method, secondsSince(start), e.getMessage()));
    } finally {
      if (run != null) {
        run.release();
      }
    }
  }
}

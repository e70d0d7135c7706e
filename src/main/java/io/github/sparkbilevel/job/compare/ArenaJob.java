package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.ArenaConfig;
import io.github.sparkbilevel.job.config.ArenaConfig.DataSet;
import io.github.sparkbilevel.job.config.DataConfig;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.ArenaCells;
import io.github.sparkbilevel.job.run.CheckpointFolder;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.ml.arena.ArenaCell;
import io.github.sparkbilevel.ml.arena.ArenaColumn;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Given;
import io.github.sparkbilevel.ml.arena.ArenaColumn.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** The job {@code arena}: ways to clean side by side, where noise differs and trusted rows too. */
public final class ArenaJob implements Job {

  @Override
  public RunResult run(JobContext context) throws Exception {
    ArenaConfig arena = context.config().arena().orElseThrow();
    List<ObjectNode> data = new ArrayList<>();
    for (DataSet set : arena.sets()) {
      data.add(checked(context, arena, set));
    }
    List<ObjectNode> draws = new ArrayList<>();
    List<DataException> refused = new ArrayList<>();
    try (CheckpointFolder unused = CheckpointFolder.open(context)) {
      for (Draw draw : draws(arena)) {
        draws.add(draw.run(context, refused::add));
      }
    }
    requireSome(draws, refused);
    return new ArenaOutputs(context, data, draws).write();
  }

  private static List<Draw> draws(ArenaConfig arena) {
    List<Draw> draws = new ArrayList<>();
    for (DataSet set : arena.sets()) {
      for (Corruption corruption : arena.corruptions()) {
        for (long trusted : arena.trusted()) {
          for (int repetition = 0; repetition < arena.repetitions(); repetition++) {
            draws.add(new Draw(set, corruption, trusted, repetition));
          }
        }
      }
    }
    return draws;
  }

  /** A job without a single figure has failed. */
  private static void requireSome(List<ObjectNode> draws, List<DataException> refused) {
    if (refused.size() == draws.size()) {
      throw refused.get(0);
    }
    List<String> failures =
        draws.stream()
            .flatMap(draw -> Json.members(draw.path("columns")).stream())
            .map(column -> Json.text(column, "failure"))
            .toList();
    if (failures.stream().noneMatch(String::isEmpty)) {
      throw new NumericsException("every method failed in every cell: " + failures.get(0));
    }
  }

  /** Reads a data set once, as its poorest cell has it, before hours are spent on the others. */
  private static ObjectNode checked(JobContext context, ArenaConfig arena, DataSet set) {
    long most = arena.trusted().stream().max(Comparator.naturalOrder()).orElseThrow();
    Corruption hungriest =
        arena.corruptions().stream()
            .filter(corruption -> corruption.kind().equals("weak-labeller"))
            .findFirst()
            .orElse(arena.corruptions().get(0));
    DataConfig data = set.cell(hungriest, most, 0);
    JobConfig config = context.config().with(data, context.config().seed());
    try (PreparedTables tables = JobTables.load(context.spark(), config)) {
      tables.notices().forEach(context.notices()::add);
      return Json.object()
          .put("name", set.name())
          .put("path", set.data().train().path())
          .put("train", tables.train().rowCount() + most)
          .put("test", tables.test().rowCount())
          .put("features", tables.train().columns())
          .put("classes", tables.classes().size());
    }
  }

  /** A cell as one seed draws it. */
  private record Draw(DataSet set, Corruption corruption, long trusted, int repetition) {

    /**
     * Its figures, or why there are none.
     *
     * @param refused told why its rows do not suffice, where they do not
     */
    ObjectNode run(JobContext context, Consumer<DataException> refused) {
      long seed = context.config().seed() + repetition;
      JobConfig config = context.config().with(set.cell(corruption, trusted, repetition), seed);
      ObjectNode draw = ArenaOutputs.draw(set.name(), corruption, trusted, seed);
      String title = ArenaCells.title(draw) + (repetition == 0 ? "" : ", seed " + seed);
      try {
        ArenaOutputs.fill(
            draw,
            columns(context, config, told -> context.console().progress(title + ": " + told)));
      } catch (DataException e) {
        refused.accept(e);
        context.console().progress(title + ": left out: " + e.getMessage());
        ArenaOutputs.fill(draw, failed(context.config(), e.getMessage()));
      }
      return draw;
    }

    private List<ArenaColumn> failed(JobConfig config, String why) {
      Set<Given> given = EnumSet.noneOf(Given.class);
      if (corruption.byGroup() || set.data().train().group().isPresent()) {
        given.add(Given.GROUPS);
      }
      if (trusted > 0) {
        given.add(Given.TRUSTED_ROWS);
      }
      if (!config.model().isNetwork()) {
        given.add(Given.LINEAR_MODEL);
      }
      return Method.fitting(given).stream()
          .map(method -> ArenaColumn.failed(method, 0, why))
          .toList();
    }

    private static List<ArenaColumn> columns(
        JobContext context, JobConfig config, Consumer<String> told) {
      PreparedTables tables = JobTables.load(context.spark(), config);
      return Refusals.asConfig(
          () ->
              ArenaCell.run(
                  Estimators.cleaner(config), tables, column -> told.accept(line(column))));
    }
  }

  private static String line(ArenaColumn column) {
    return column.failure().isEmpty()
        ? String.format(
            Locale.ROOT,
            "%-20s test accuracy %.4f  AUROC %.4f  F1 %.3f  %.1f s",
            column.method().word(),
            column.test().returned(),
            column.found().auroc(),
            column.found().f1(),
            column.seconds())
        : column.method().word() + " failed: " + column.failure();
  }
}

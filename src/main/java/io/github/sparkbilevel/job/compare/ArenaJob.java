package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

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
    try (CheckpointFolder unused = CheckpointFolder.open(context)) {
      for (DataSet set : arena.sets()) {
        for (Corruption corruption : arena.corruptions()) {
          for (long trusted : arena.trusted()) {
            for (int repetition = 0; repetition < arena.repetitions(); repetition++) {
              draws.add(draw(context, set, corruption, trusted, repetition));
            }
          }
        }
      }
    }
    requireSome(draws);
    return new ArenaOutputs(context, data, draws).write();
  }

  /** A job without a single figure has failed. */
  private static void requireSome(List<ObjectNode> draws) {
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

  private static ObjectNode draw(
      JobContext context, DataSet set, Corruption corruption, long trusted, int repetition) {
    long seed = context.config().seed() + repetition;
    JobConfig config = context.config().with(set.cell(corruption, trusted, repetition), seed);
    ObjectNode draw = ArenaOutputs.draw(set.name(), corruption, trusted, seed);
    String title = ArenaCells.title(draw) + (repetition == 0 ? "" : ", seed " + seed);
    PreparedTables tables = JobTables.load(context.spark(), config);
    ArenaOutputs.fill(
        draw,
        Refusals.asConfig(
            () ->
                ArenaCell.run(
                    Estimators.cleaner(config),
                    tables,
                    column -> context.console().progress(title + ": " + line(column)))));
    return draw;
  }

  private static String line(ArenaColumn column) {
    return column.failure().isEmpty()
        ? String.format(
            Locale.ROOT,
            "%-18s test accuracy %.4f  AUROC %.4f  F1 %.3f  %.1f s",
            column.method().word(),
            column.test().returned(),
            column.found().auroc(),
            column.found().f1(),
            column.seconds())
        : column.method().word() + " failed: " + column.failure();
  }
}

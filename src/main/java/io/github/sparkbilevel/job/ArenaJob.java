package io.github.sparkbilevel.job;

import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.ArenaOutputs.Draw;
import io.github.sparkbilevel.job.ArenaOutputs.Rows;
import io.github.sparkbilevel.job.config.ArenaConfig;
import io.github.sparkbilevel.job.config.ArenaConfig.DataSet;
import io.github.sparkbilevel.job.config.DataConfig;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.report.ArenaReport;
import io.github.sparkbilevel.ml.ArenaCell;
import io.github.sparkbilevel.ml.ArenaColumn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The job {@code arena}: ways to clean side by side, where noise differs and trusted rows too. */
final class ArenaJob implements Job {

  @Override
  public void run(JobContext context) throws Exception {
    ArenaConfig arena = context.config().arena().orElseThrow();
    List<Rows> rows = new ArrayList<>();
    for (DataSet set : arena.sets()) {
      rows.add(checked(context, arena, set));
    }
    List<Draw> draws = new ArrayList<>();
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
    new ArenaOutputs(context, rows, draws).write();
  }

  /** A job without a single figure has failed. */
  private static void requireSome(List<Draw> draws) {
    List<String> failures =
        draws.stream()
            .flatMap(draw -> draw.cell().columns().stream())
            .map(ArenaReport.Column::failure)
            .toList();
    if (failures.stream().noneMatch(String::isEmpty)) {
      throw new NumericsException("every method failed in every cell: " + failures.get(0));
    }
  }

  /** Reads a data set once, as its poorest cell has it, before hours are spent on the others. */
  private static Rows checked(JobContext context, ArenaConfig arena, DataSet set) {
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
      return new Rows(
          set.name(),
          set.data().train().path(),
          tables.train().rowCount() + most,
          tables.test().rowCount(),
          tables.train().columns(),
          tables.classes().size());
    }
  }

  private static Draw draw(
      JobContext context, DataSet set, Corruption corruption, long trusted, int repetition) {
    long seed = context.config().seed() + repetition;
    JobConfig config = context.config().with(set.cell(corruption, trusted, repetition), seed);
    String title =
        ArenaOutputs.cell(set.name(), corruption, trusted, List.of()).title()
            + (repetition == 0 ? "" : ", seed " + seed);
    PreparedTables tables = JobTables.load(context.spark(), config);
    List<ArenaColumn> columns =
        Refusals.asConfig(
            () ->
                ArenaCell.run(
                    Estimators.cleaner(config),
                    tables,
                    column -> context.console().progress(title + ": " + line(column))));
    return new Draw(seed, ArenaOutputs.cell(set.name(), corruption, trusted, columns));
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

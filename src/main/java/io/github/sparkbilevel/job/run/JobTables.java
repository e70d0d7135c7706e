package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.data.Corruption;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.job.config.DataConfig;
import io.github.sparkbilevel.job.config.DataConfig.Answered;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Marked;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.score.RawColumns;
import io.github.sparkbilevel.settings.Keys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/** The tables that a job file names, read and checked. */
public final class JobTables {
  private JobTables() {}

  /**
   * Reads, splits and checks; the caller closes the tables or hands them to what does. Tells what
   * columns become, and saves that beside the model.
   */
  public static PreparedTables load(JobContext context) {
    return load(
        context.spark(),
        context.config(),
        columns -> {
          context.notices().tell(columns.columns());
          context.output().beforeCommit(() -> save(columns, context.output()));
        });
  }

  /** The same for one of several tables of a job. */
  public static PreparedTables load(SparkSession spark, JobConfig config) {
    return load(spark, config, columns -> {});
  }

  private static void save(ColumnModel columns, OutputFolder output) {
    try {
      if (output.has("model")) {
        new RawColumns(columns.pipeline()).save(output.path("model").toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PreparedTables load(
      SparkSession spark, JobConfig config, Consumer<ColumnModel> told) {
    DataConfig data = config.data();
    DataConfig.Corruption corrupt = data.corrupt();
    PreparedTables.Request request =
        new PreparedTables.Request(
            table(data.train()),
            data.validation().map(JobTables::split).orElse(null),
            data.test().map(JobTables::split).orElse(null),
            new Corruption(
                Corruption.Kind.of(corrupt.kind()),
                corrupt.fraction(),
                corrupt.seed(),
                new Corruption.More(
                    config.model().shape(), corrupt.target().orElse(null), corrupt.factor())),
            config.seed(),
            !List.of(Keys.LINEAR, Keys.MULTI_LABEL).contains(config.model().family()));
    PreparedTables tables =
        Refusals.asConfig(
            () ->
                data.columns().isPresent()
                    ? RawTables.load(spark, request, data.columns().get(), told)
                    : PreparedTables.load(spark, request));
    if (config.model().family().equals("logistic")) {
      try {
        tables.classes().requireTwo(tables.train().origin());
      } catch (RuntimeException e) {
        tables.close();
        throw e;
      }
    }
    return tables;
  }

  private static SplitSpec split(Rows rows) {
    if (rows instanceof Source source) {
      return SplitSpec.table(withoutInherited(table(source), source));
    }
    if (rows instanceof Marked marked) {
      return new SplitSpec.Marked(marked.column());
    }
    if (rows instanceof Answered answered) {
      return new SplitSpec.Answered(answered.path());
    }
    Draw draw = (Draw) rows;
    return draw.rows().isPresent()
        ? SplitSpec.rows(draw.rows().getAsLong())
        : SplitSpec.fraction(draw.fraction().orElseThrow());
  }

  /**
   * Trusted and test rows need no truth or group that is named for training rows only, and have its
   * weights where they have its column.
   */
  private static TableSpec withoutInherited(TableSpec spec, Source source) {
    TableSpec own = spec;
    own = source.inherited().contains("truth") ? own.withTruth(null) : own;
    own = source.inherited().contains("group") ? own.withGroup(null) : own;
    own = own.withOptionalVotes();
    return source.inherited().contains("weight") ? own.withOptionalWeight() : own;
  }

  /** Where the rows of a source are, and what its columns are. */
  public static TableSpec table(Source source) {
    return TableSpec.of(source.path())
        .withFormat(source.format())
        .withLabels(source.labels().orElse(null))
        .withLabel(source.label())
        .withId(source.id().orElse(null))
        .withFeatures(source.features().orElse(null))
        .withTruth(source.truth().orElse(null))
        .withGroup(source.group().orElse(null))
        .withWeight(source.weight().orElse(null))
        .withVotes(source.votes())
        .withProbabilities(source.probabilities())
        .withLabelColumns(source.labelColumns())
        .withLimit(source.limit().isPresent() ? source.limit().getAsLong() : null)
        .withOptions(source.options());
  }
}

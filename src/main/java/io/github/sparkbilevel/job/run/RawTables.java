package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.MixedColumnsException;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.RawRows;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.data.Tasks;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.columns.ColumnPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Tables with columns of any types, of which Spark ML's transformers make features. */
final class RawTables {
  private final SparkSession spark;
  private final PreparedTables.Request request;
  private final Consumer<ColumnModel> told;

  private RawTables(
      SparkSession spark, PreparedTables.Request request, Consumer<ColumnModel> told) {
    this.spark = spark;
    this.request = request;
    this.told = told;
  }

  /**
   * Reads tables with complete numeric columns as they are; of others, plans by the training table
   * and makes features of all tables.
   *
   * @param wanted what some columns become, by their names; with any, there always is a plan
   * @param told hears what the columns became, where there is a plan
   */
  static PreparedTables load(
      SparkSession spark,
      PreparedTables.Request request,
      Map<String, ColumnKind> wanted,
      Consumer<ColumnModel> told) {
    RawTables tables = new RawTables(spark, request, told);
    List<String> features = request.train().features();
    if (wanted.isEmpty()) {
      if (features != null) {
        return PreparedTables.load(spark, request);
      }
      Optional<PreparedTables> plain = tables.plain(UnaryOperator.identity());
      if (plain.isPresent()) {
        return plain.get();
      }
    } else if (features != null) {
      throw new ConfigException(
          "data.train.features lists the features, and data.columns says what columns become;"
              + " expected one of them, remove the other");
    }
    return tables.planned(wanted);
  }

  /** The tables as they are; empty where one has numbers with gaps, or none. */
  private Optional<PreparedTables> plain(UnaryOperator<TableSpec> change) {
    try {
      return Optional.of(
          PreparedTables.load(spark, changed(spec -> change.apply(spec).withMixedRefused())));
    } catch (MixedColumnsException mixed) {
      return Optional.empty();
    }
  }

  private PreparedTables planned(Map<String, ColumnKind> wanted) {
    TableSpec train = request.train();
    RawRows raw = RawRows.of(spark, "train", train);
    List<String> roles = train.roles(List.of(raw.table().columns()));
    if (request.validation() instanceof SplitSpec.Marked marked) {
      roles.add(marked.column());
    }
    requireRoles(roles, List.of(raw.table().columns()));
    ColumnPlan plan =
        Tasks.run(
            train.path(),
            () ->
                ColumnPlan.of(
                    train.path(),
                    raw.table(),
                    roles,
                    new ColumnPlan.Wanted(wanted, "data.columns"),
                    raw.texts()));
    ColumnModel columns = Tasks.run(train.path(), () -> plan.fit(raw.table()));
    told.accept(columns);
    if (!plan.numbers().isEmpty()) {
      Optional<PreparedTables> plain = plain(spec -> spec.withFeatures(plan.numbers()));
      if (plain.isPresent()) {
        return plain.get();
      }
    }
    List<Notice> notices = new ArrayList<>(raw.notices());
    PreparedTables.Given given =
        new PreparedTables.Given(
            columns.transform(raw.table(), roles),
            rows("validation", request.validation(), columns, notices),
            rows("test", request.test(), columns, notices),
            false);
    return PreparedTables.load(
            spark, changed(spec -> spec.withFeatures(List.of(columns.output()))), given)
        .withNotices(notices);
  }

  private Dataset<Row> rows(
      String role, SplitSpec split, ColumnModel columns, List<Notice> notices) {
    if (split == null || split.table() == null) {
      return null;
    }
    RawRows raw = RawRows.of(spark, role, split.table());
    notices.addAll(raw.notices());
    return columns.transform(raw.table(), split.table().roles(List.of(raw.table().columns())));
  }

  /** A role that is mistyped is named before its column is taken for a feature. */
  private void requireRoles(List<String> roles, List<String> there) {
    for (String role : roles) {
      if (!there.contains(role)) {
        throw new DataException(
            "%s has no column '%s', which has a role in the job file; its columns are %s"
                .formatted(request.train().path(), role, String.join(", ", there)));
      }
    }
  }

  /** The request with every table read in another way. */
  private PreparedTables.Request changed(UnaryOperator<TableSpec> change) {
    return new PreparedTables.Request(
        change.apply(request.train()),
        changed(request.validation(), change),
        changed(request.test(), change),
        request.corruption(),
        request.seed(),
        request.classification());
  }

  private static SplitSpec changed(SplitSpec split, UnaryOperator<TableSpec> change) {
    return split == null || split.table() == null
        ? split
        : SplitSpec.table(change.apply(split.table()));
  }
}

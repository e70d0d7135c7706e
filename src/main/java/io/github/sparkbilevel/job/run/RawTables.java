package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ColumnKind;
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
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Tables with columns of any types, of which Spark ML's transformers make features. */
final class RawTables {
  private RawTables() {}

  /**
   * Plans by the training table, and makes features of all tables.
   *
   * @param wanted what some columns become, by their names
   * @param told hears what the columns became, before rows are read
   */
  static PreparedTables load(
      SparkSession spark,
      PreparedTables.Request request,
      Map<String, ColumnKind> wanted,
      Consumer<ColumnModel> told) {
    TableSpec train = request.train();
    if (train.features() != null) {
      throw new ConfigException(
          "data.train.features lists the features, and data.columns says what columns become;"
              + " expected one of them, remove the other");
    }
    List<String> roles = new ArrayList<>(train.columns().values());
    if (request.validation() instanceof SplitSpec.Marked marked) {
      roles.add(marked.column());
    }
    Dataset<Row> raw = RawRows.of(spark, "train", train);
    requireRoles(train, roles, raw);
    List<String> missing = RawRows.missing(train);
    ColumnModel columns =
        Tasks.run(
            train.path(), () -> ColumnPlan.of(train.path(), raw, roles, wanted, missing).fit(raw));
    told.accept(columns);
    TableMaker maker = new TableMaker(spark, columns);
    return PreparedTables.load(
        spark,
        new PreparedTables.Request(
            maker.spec(train),
            maker.split(request.validation()),
            maker.split(request.test()),
            request.corruption(),
            request.seed(),
            request.classification()),
        new PreparedTables.Given(
            columns.transform(raw, roles),
            maker.rows("validation", request.validation()),
            maker.rows("test", request.test()),
            false));
  }

  /** A role that is mistyped is named before its column is taken for a feature. */
  private static void requireRoles(TableSpec train, List<String> roles, Dataset<Row> raw) {
    List<String> there = List.of(raw.columns());
    for (String role : roles) {
      if (!there.contains(role)) {
        throw new DataException(
            "%s has no column '%s', which has a role in the job file; its columns are %s"
                .formatted(train.path(), role, String.join(", ", there)));
      }
    }
  }

  /** Makes tables of features. */
  private record TableMaker(SparkSession spark, ColumnModel columns) {

    TableSpec spec(TableSpec raw) {
      return raw.withFeatures(List.of(columns.output()));
    }

    SplitSpec split(SplitSpec raw) {
      return raw == null || raw.table() == null ? raw : SplitSpec.table(spec(raw.table()));
    }

    Dataset<Row> rows(String role, SplitSpec split) {
      if (split == null || split.table() == null) {
        return null;
      }
      TableSpec spec = split.table();
      return columns.transform(RawRows.of(spark, role, spec), spec.columns().values());
    }
  }
}

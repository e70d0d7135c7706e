package io.github.sparkbilevel.data;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.BinaryAttribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.execution.columnar.InMemoryRelation;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;

/** What is known of the columns and rows of a Dataset. */
public final class DatasetRows {
  private DatasetRows() {}

  /**
   * Whether the caller keeps the rows cached, or rows that these are filtered from, so that another
   * cache would hold them twice.
   */
  public static boolean isCached(Dataset<?> rows) {
    // A plan of its own: that of the rows remembers what was cached when it was first used.
    LogicalPlan plan = rows.filter(functions.lit(true)).queryExecution().withCachedData();
    while (plan instanceof Filter || plan instanceof SubqueryAlias) {
      plan = plan.children().head();
    }
    return plan instanceof InMemoryRelation;
  }

  /** A column as text, as labels and ids are compared: 1.0 is spelled 1, NaN is null. */
  public static Column text(StructField field) {
    Column column = functions.col(quote(field.name()));
    boolean real =
        field.dataType().equals(DataTypes.DoubleType)
            || field.dataType().equals(DataTypes.FloatType);
    if (!real) {
      return column.cast(DataTypes.StringType);
    }
    // 1.0E7 is an ugly name for a class or a row: whole numbers are written without a fraction.
    Column whole =
        column.equalTo(functions.rint(column)).and(functions.abs(column).lt(functions.lit(9e15)));
    return functions
        .when(column.isNaN(), functions.lit(null).cast(DataTypes.StringType))
        .when(whole, column.cast(DataTypes.LongType).cast(DataTypes.StringType))
        .otherwise(column.cast(DataTypes.StringType));
  }

  /** The name of a column as an expression. */
  public static String quote(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** The names that Spark's StringIndexer left in a column of class indices, or null. */
  public static List<String> classNames(StructField label) {
    if (!(label.dataType() instanceof NumericType)) {
      return null;
    }
    Attribute attribute = Attribute.fromStructField(label);
    if (attribute instanceof NominalAttribute nominal && nominal.values().isDefined()) {
      return List.copyOf(Arrays.asList(nominal.values().get()));
    }
    if (attribute instanceof BinaryAttribute binary && binary.values().isDefined()) {
      return List.copyOf(Arrays.asList(binary.values().get()));
    }
    return null;
  }
}

package io.github.sparkbilevel.ml.param;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that a cleaner's model adds. */
public final class CleanedColumns {
  private CleanedColumns() {}

  public static StructType append(
      StructType schema,
      String labelCol,
      String weightCol,
      String qualityCol,
      String flaggedCol,
      String suggestedLabelCol) {
    StructField label = schema.apply(labelCol);
    StructType out = schema;
    out = InputColumns.append(out, "weightCol", number(weightCol));
    out = InputColumns.append(out, "qualityCol", number(qualityCol));
    out =
        InputColumns.append(
            out,
            "flaggedCol",
            DataTypes.createStructField(flaggedCol, DataTypes.BooleanType, true));
    return InputColumns.append(
        out,
        "suggestedLabelCol",
        new StructField(suggestedLabelCol, label.dataType(), true, label.metadata()));
  }

  private static StructField number(String name) {
    return DataTypes.createStructField(name, DataTypes.DoubleType, true);
  }
}

package io.github.sparkbilevel.ml.param;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that a cleaner's model adds. */
public final class CleanedColumns {
  private CleanedColumns() {}

  /**
   * The schema with the columns that a stage names.
   *
   * @param real whether labels are real, so that a suggestion is any number
   */
  public static StructType append(StructType schema, HasCleanedColumns<?> stage, boolean real) {
    if (real && !stage.getSoftLabelsCol().isEmpty()) {
      throw new IllegalArgumentException(
          "softLabelsCol = "
              + stage.getSoftLabelsCol()
              + " is for the probabilities of classes, and real labels have none; leave it empty");
    }
    StructField label = schema.apply(stage.getLabelCol());
    StructType out = schema;
    out = append(out, "weightCol", stage.getWeightCol(), DataTypes.DoubleType);
    out = append(out, "qualityCol", stage.getQualityCol(), DataTypes.DoubleType);
    out = append(out, "flaggedCol", stage.getFlaggedCol(), DataTypes.BooleanType);
    out =
        InputColumns.append(
            out,
            "suggestedLabelCol",
            new StructField(
                stage.getSuggestedLabelCol(),
                real ? DataTypes.DoubleType : label.dataType(),
                true,
                label.metadata()));
    return stage.getSoftLabelsCol().isEmpty()
        ? out
        : append(out, "softLabelsCol", stage.getSoftLabelsCol(), SQLDataTypes.VectorType());
  }

  private static StructType append(StructType schema, String param, String name, DataType type) {
    return InputColumns.append(schema, param, DataTypes.createStructField(name, type, true));
  }
}

package io.github.sparkbilevel.ml;

import java.util.List;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Tuple3;

/**
 * Spark's class of probabilistic classification models in a shape that Java can extend: {@code
 * findSummaryModel} of one Spark class overrides that of another with a return type that Scala
 * takes for a subtype and Java does not; Java refuses to inherit both. The raw return type here
 * overrides both.
 *
 * @param <M> the concrete model
 */
abstract class JavaClassificationModel<M extends JavaClassificationModel<M>>
    extends ProbabilisticClassificationModel<Vector, M> {
  private static final long serialVersionUID = 1L;

  private final String uid;

  /** A model with this uid and Spark's default params. */
  public JavaClassificationModel(String uid) {
    this(EarlyUid.of(uid));
  }

  private JavaClassificationModel(EarlyUid uid) {
    this.uid = uid.arrive();
  }

  @Override
  public String uid() {
    return EarlyUid.orWaiting(uid);
  }

  /**
   * Adds the output columns as {@code transform} does; Spark's own schema has them in another order
   * and takes vectors for never null.
   */
  @Override
  public StructType transformSchema(StructType schema) {
    StructType outputs = super.transformSchema(schema);
    StructType out = schema;
    for (String column : List.of(getRawPredictionCol(), getProbabilityCol(), getPredictionCol())) {
      if (!column.isEmpty()) {
        StructField field = outputs.apply(column);
        boolean vector = !field.dataType().equals(DataTypes.DoubleType);
        out = out.add(new StructField(column, field.dataType(), vector, field.metadata()));
      }
    }
    return out;
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public Tuple3 findSummaryModel() {
    return super.findSummaryModel();
  }
}

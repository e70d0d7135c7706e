package io.github.sparkbilevel.ml;

import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
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
  JavaClassificationModel(String uid) {
    this(EarlyUid.of(uid));
  }

  private JavaClassificationModel(EarlyUid uid) {
    this.uid = uid.arrive();
  }

  @Override
  public String uid() {
    return EarlyUid.orWaiting(uid);
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public Tuple3 findSummaryModel() {
    return super.findSummaryModel();
  }
}

package io.github.sparkbilevel.ml;

import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import scala.Tuple3;

/**
 * Spark's class of probabilistic classification models in a shape that Java can extend.
 *
 * <ul>
 *   <li>Spark's stages create their inherited params in the superclass constructor; each param asks
 *       its stage for the uid there and keeps it. A Java field is assigned only after that, so the
 *       params would belong to a stage named null and every setter would refuse them. Here the uid
 *       waits in a thread-local variable meanwhile.
 *   <li>{@code findSummaryModel} of one Spark class overrides that of another with a return type
 *       that Scala takes for a subtype and Java does not; Java refuses to inherit both. The raw
 *       return type here overrides both.
 * </ul>
 *
 * @param <M> the concrete model
 */
abstract class JavaClassificationModel<M extends JavaClassificationModel<M>>
    extends ProbabilisticClassificationModel<Vector, M> {
  private static final long serialVersionUID = 1L;
  private static final ThreadLocal<String> ANNOUNCED = new ThreadLocal<>();

  private final String uid;

  /** A model with this uid and Spark's default params. */
  JavaClassificationModel(String uid) {
    this(Announced.of(uid));
  }

  /** Its argument is evaluated before the superclass constructor runs: that is the point. */
  private JavaClassificationModel(Announced announced) {
    this.uid = announced.uid();
    ANNOUNCED.remove();
  }

  @Override
  public String uid() {
    return uid == null ? ANNOUNCED.get() : uid;
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public Tuple3 findSummaryModel() {
    return super.findSummaryModel();
  }

  private record Announced(String uid) {
    static Announced of(String uid) {
      ANNOUNCED.set(uid);
      return new Announced(uid);
    }
  }
}

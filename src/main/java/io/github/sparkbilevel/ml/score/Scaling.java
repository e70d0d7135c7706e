package io.github.sparkbilevel.ml.score;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;
import org.apiguardian.api.API;

/**
 * What a model does to raw features: t_j(x) = (x − mean_j) · scale_j, within ±clip.
 *
 * @param mean what is taken from each feature; null, as is {@code scale}, for features taken as
 *     they are
 * @param scale what each feature is then multiplied by; 0 for a constant feature
 * @param clip limit of the absolute value; infinite for none
 */
@API(status = API.Status.STABLE)
public record Scaling(double[] mean, double[] scale, double clip) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Features taken as they are. */
  public static final Scaling NONE = new Scaling(null, null, Double.POSITIVE_INFINITY);

  /** Checks that the parts fit together, and copies them. */
  public Scaling {
    if ((mean == null) != (scale == null)) {
      throw new IllegalArgumentException(
          "got only one of mean and scale, expected both, or null for both");
    }
    // The negation catches NaN too.
    if (!(clip > 0)) {
      throw new IllegalArgumentException(
          "got clip = " + clip + ", expected a positive number, infinite for none");
    }
    if (mean == null && clip < Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "got clip = "
              + clip
              + " without mean and scale, expected an infinite one: only standardised features"
              + " are limited");
    }
    mean = mean == null ? null : mean.clone();
    scale = scale == null ? null : scale.clone();
  }

  /** The means or null; a copy. */
  @Override
  public double[] mean() {
    return mean == null ? null : mean.clone();
  }

  /** The scales or null; a copy. */
  @Override
  public double[] scale() {
    return scale == null ? null : scale.clone();
  }

  /** Whether values are limited, so that t is not linear. */
  boolean clips() {
    return clip < Double.POSITIVE_INFINITY;
  }

  /** t_j of a value. */
  double of(int j, double value) {
    return mean == null ? value : Math.max(-clip, Math.min(clip, (value - mean[j]) * scale[j]));
  }

  /** t_j(value) − t_j(0). */
  double fromZero(int j, double value) {
    if (clips()) {
      return of(j, value) - of(j, 0);
    }
    return scale == null ? value : value * scale[j];
  }

  /** t of a row; a new array. */
  double[] of(Vector row) {
    double[] values = row.toArray().clone();
    for (int j = 0; j < values.length; j++) {
      values[j] = of(j, values[j]);
    }
    return values;
  }
}

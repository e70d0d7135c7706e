package io.github.sparkbilevel.ml.param;

/**
 * A stage whose params come from the registry of settings, and the columns that every such stage
 * reads.
 *
 * @param <S> the stage itself, which its setters return
 */
public interface HasColumns<S> {

  /** The value of the param of that name; a new array where it is one. */
  <T> T value(String name);

  /** Sets the param of that name. */
  S with(String name, Object value);

  default String getFeaturesCol() {
    return value("featuresCol");
  }

  default S setFeaturesCol(String value) {
    return with("featuresCol", value);
  }

  default String getLabelCol() {
    return value("labelCol");
  }

  default S setLabelCol(String value) {
    return with("labelCol", value);
  }

  default String getIdCol() {
    return value("idCol");
  }

  default S setIdCol(String value) {
    return with("idCol", value);
  }

  default String getGroupCol() {
    return value("groupCol");
  }

  default S setGroupCol(String value) {
    return with("groupCol", value);
  }
}

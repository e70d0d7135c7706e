package io.github.sparkbilevel.ml.param;

/**
 * The columns that cleaning adds.
 *
 * @param <S> the stage itself, which its setters return
 */
public interface HasCleanedColumns<S> extends HasColumns<S> {
  default String getWeightCol() {
    return value("weightCol");
  }

  default S setWeightCol(String value) {
    return with("weightCol", value);
  }

  default String getQualityCol() {
    return value("qualityCol");
  }

  default S setQualityCol(String value) {
    return with("qualityCol", value);
  }

  default String getFlaggedCol() {
    return value("flaggedCol");
  }

  default S setFlaggedCol(String value) {
    return with("flaggedCol", value);
  }

  default String getSuggestedLabelCol() {
    return value("suggestedLabelCol");
  }

  default S setSuggestedLabelCol(String value) {
    return with("suggestedLabelCol", value);
  }

  default String getSoftLabelsCol() {
    return value("softLabelsCol");
  }

  default S setSoftLabelsCol(String value) {
    return with("softLabelsCol", value);
  }
}

package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.score.StageReader;
import io.github.sparkbilevel.settings.Stage;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Logistic regressions of several labels of a row, with penalties that are tuned by the loss of
 * validation rows: one set for all labels, or with {@code l2-per-class} or {@code
 * l2-per-coefficient} one for each. All labels share every pass.
 *
 * <p>The loss of a row is the sum over its labels. Validation rows are marked by {@code
 * validationIndicatorCol}, or drawn: a share of 1 − {@code trainRatio}.
 *
 * <p>Labels are columns of 0 and 1 or of false and true, named by {@code labelCols}; a row has all
 * of them.
 */
public final class TunedMultiLabel extends TuningParams<MultiLabelModel, TunedMultiLabel>
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /** An estimator with a uid of its own. */
  public TunedMultiLabel() {
    this(Identifiable.randomUID("tunedMultiLabel"));
  }

  /** An estimator with a given uid. */
  public TunedMultiLabel(String uid) {
    super(uid, Stage.MULTI_LABEL);
  }

  @Override
  MultiLabelModel model(TuningRun run) {
    return ((MultiLabelModel) run.trained()).with(uid(), Tuned.of(run));
  }

  @Override
  LowerLevel.Family family(PreparedTables tables) {
    return LowerLevel.Family.MULTI_LABEL;
  }

  /** Checks params and columns; adds the columns of the model. */
  @Override
  public StructType transformSchema(StructType schema) {
    checkInput(schema);
    return MultiLabelModel.append(schema, getPredictionCol(), getProbabilityCol());
  }

  @Override
  void checkParams() {
    super.checkParams();
    if (getLabelCols().length == 0) {
      throw new IllegalArgumentException(
          "labelCols is empty, expected the columns of the labels, each 0 or 1");
    }
  }

  @Override
  void checkLabels(InputColumns columns) {
    for (String label : getLabelCols()) {
      columns.requireIndicator("labelCols", label);
    }
  }

  public String[] getLabelCols() {
    return value("labelCols");
  }

  public TunedMultiLabel setLabelCols(String[] value) {
    return with("labelCols", value);
  }

  public String getProbabilityCol() {
    return value("probabilityCol");
  }

  public TunedMultiLabel setProbabilityCol(String value) {
    return with("probabilityCol", value);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<TunedMultiLabel> read() {
    return new StageReader<>(TunedMultiLabel.class);
  }

  /** Reads the estimator saved at a path. */
  public static TunedMultiLabel load(String path) {
    return read().load(path);
  }
}

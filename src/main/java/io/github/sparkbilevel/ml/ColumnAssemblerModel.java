package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.columns.PlannedColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** What a {@link ColumnAssembler} learned: adds a vector of features to rows. */
public final class ColumnAssemblerModel extends Model<ColumnAssemblerModel> implements MLWritable {
  private static final long serialVersionUID = 1L;
  private static final String PIPELINE = "pipeline";

  private final String uid;
  private final PipelineModel pipeline;

  /** The column that the last transformer makes, whatever the user calls it. */
  private final String made;

  ColumnAssemblerModel(String uid, PipelineModel pipeline, String made) {
    this.uid = uid;
    this.pipeline = pipeline;
    this.made = made;
    setDefault(outputCol(), "features");
    setDefault(became(), new String[0]);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The columns of which features are made. */
  public StringArrayParam inputCols() {
    return new StringArrayParam(this, "inputCols", "The columns of which features are made");
  }

  /** The column of the features. */
  public Param<String> outputCol() {
    return new Param<>(this, "outputCol", "The column for the features, one vector in each row");
  }

  /** What the columns became. */
  public StringArrayParam became() {
    return new StringArrayParam(this, "became", "What each column became, and why");
  }

  ColumnAssemblerModel setBecame(List<PlannedColumn> columns) {
    set(
        became(),
        columns.stream()
            .map(one -> one.name() + ": " + one.became().word() + " (" + one.reason() + ")")
            .toArray(String[]::new));
    return this;
  }

  /** What each column became, and why: {@code town: category (about 12 values)}. */
  public String[] getBecame() {
    return getOrDefault(became()).clone();
  }

  public String[] getInputCols() {
    return getOrDefault(inputCols()).clone();
  }

  public String getOutputCol() {
    return getOrDefault(outputCol());
  }

  public ColumnAssemblerModel setOutputCol(String value) {
    set(outputCol(), value);
    return this;
  }

  /** Adds the features, whose names stand in the metadata of their column. */
  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    transformSchema(rows.schema());
    return new ColumnModel(pipeline, List.of(), made)
        .transform(rows.toDF(), List.of(rows.columns()))
        .withColumnRenamed(made, getOutputCol());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return ColumnAssembler.withFeatures(schema, getInputCols(), getOutputCol());
  }

  @Override
  public ColumnAssemblerModel copy(ParamMap extra) {
    return copyValues(new ColumnAssemblerModel(uid, pipeline, made), extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<ColumnAssemblerModel> read() {
    return new Reader();
  }

  /** Reads the model saved at a path. */
  public static ColumnAssemblerModel load(String path) {
    return read().load(path);
  }

  private static final class Writer extends MLWriter {
    private final ColumnAssemblerModel model;

    private Writer(ColumnAssemblerModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
      try {
        model.pipeline.save(new Path(path, PIPELINE).toString());
      } catch (IOException e) {
        throw new UncheckedIOException("the model cannot be saved at " + path, e);
      }
    }
  }

  private static final class Reader extends MLReader<ColumnAssemblerModel> {
    @Override
    public ColumnAssemblerModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(
              path, sparkSession(), ColumnAssemblerModel.class.getName());
      PipelineModel pipeline = PipelineModel.load(new Path(path, PIPELINE).toString());
      ColumnAssemblerModel model =
          new ColumnAssemblerModel(metadata.uid(), pipeline, ColumnModel.output(pipeline));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }
}

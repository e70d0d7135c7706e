package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.columns.PlannedColumn;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a {@link ColumnAssembler} learned: adds a vector of features to rows. */
public final class ColumnAssemblerModel extends Model<ColumnAssemblerModel> implements MLWritable {
  private static final long serialVersionUID = 1L;
  private static final String PIPELINE = "pipeline";
  private static final String DATA = "data";
  private static final StructType FILE =
      new StructType()
          .add("inputs", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("became", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("field", DataTypes.StringType, false);

  private final String uid;
  private final PipelineModel pipeline;
  private final Learned learned;

  /**
   * What is known of the columns.
   *
   * @param inputs of which features are made
   * @param became what each became, and why
   * @param field the column that the last transformer makes, whatever the user calls it
   */
  record Learned(List<String> inputs, List<String> became, StructField field)
      implements Serializable {}

  ColumnAssemblerModel(String uid, PipelineModel pipeline, Learned learned) {
    this.uid = uid;
    this.pipeline = pipeline;
    this.learned = learned;
    setDefault(outputCol(), "features");
  }

  /** From columns as they became. */
  static ColumnAssemblerModel of(String uid, ColumnModel model, Dataset<Row> table) {
    List<String> became =
        model.columns().stream()
            .map(one -> one.name() + ": " + one.became().word() + " (" + one.reason() + ")")
            .toList();
    List<String> inputs = model.columns().stream().map(PlannedColumn::name).toList();
    StructField field = model.transform(table, List.of()).schema().apply(model.output());
    return new ColumnAssemblerModel(uid, model.pipeline(), new Learned(inputs, became, field));
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The column of the features. */
  public Param<String> outputCol() {
    return new Param<>(this, "outputCol", ColumnAssembler.OUTPUT);
  }

  /** What each column became, and why: {@code town: category (about 12 values)}. */
  public String[] became() {
    return learned.became.toArray(String[]::new);
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
    String made = learned.field.name();
    return new ColumnModel(pipeline, List.of(), made)
        .transform(rows.toDF(), List.of(rows.columns()))
        .withColumnRenamed(made, getOutputCol());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    ColumnAssembler.check(schema, learned.inputs, getOutputCol());
    StructField field = learned.field;
    return schema.add(
        new StructField(getOutputCol(), field.dataType(), field.nullable(), field.metadata()));
  }

  @Override
  public ColumnAssemblerModel copy(ParamMap extra) {
    return copyValues(new ColumnAssemblerModel(uid, pipeline, learned), extra).setParent(parent());
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
      Learned learned = model.learned;
      Row row =
          RowFactory.create(
              learned.inputs.toArray(String[]::new),
              model.became(),
              new StructType(new StructField[] {learned.field}).json());
      sparkSession()
          .createDataFrame(List.of(row), FILE)
          .coalesce(1)
          .write()
          .parquet(new Path(path, DATA).toString());
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
      Row row = sparkSession().read().parquet(new Path(path, DATA).toString()).first();
      Learned learned =
          new Learned(
              row.getList(0),
              row.getList(1),
              ((StructType) DataType.fromJson(row.getString(2))).apply(0));
      ColumnAssemblerModel model =
          new ColumnAssemblerModel(
              metadata.uid(), PipelineModel.load(new Path(path, PIPELINE).toString()), learned);
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }
}

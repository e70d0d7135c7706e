package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads Spark's internal rows, which are used again for the next row. */
final class ColumnarRows extends LookAhead<ParsedRow> {
  /** What a task needs to read rows. */
  static final class Shape implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TableSpec spec;
    private final String[] names;
    private final boolean packed;
    private final boolean vector;
    private final HashMap<String, Integer> sources;
    private final long limit;

    Shape(
        TableSpec spec,
        List<String> features,
        boolean packed,
        boolean vector,
        Map<String, Integer> sources,
        long limit) {
      this.spec = spec;
      this.names = features.toArray(new String[0]);
      this.packed = packed;
      this.vector = vector;
      this.sources = new HashMap<>(sources);
      this.limit = limit;
    }
  }

  /** Where the features begin, behind the columns with a role. */
  private final int features;

  private final int partition;
  private final Iterator<InternalRow> in;
  private final Shape shape;
  private final UserDefinedType<?> vectorType = (UserDefinedType<?>) SQLDataTypes.VectorType();
  private long local;
  private UTF8String file;
  private int fileNumber;

  ColumnarRows(int partition, Iterator<InternalRow> in, Shape shape) {
    this.partition = partition;
    this.in = in;
    this.shape = shape;
    this.features = ColumnRole.values().length + shape.spec.shared();
  }

  @Override
  protected ParsedRow advance() {
    ParsedRow row = null;
    while (row == null && in.hasNext()) {
      row = read(in.next());
    }
    return row;
  }

  private ParsedRow read(InternalRow row) {
    int after = features + shape.names.length;
    boolean positioned = row.numFields() > after;
    int source = positioned ? source(row.getUTF8String(after)) : partition;
    long number = positioned ? row.getLong(after + 1) : local++;
    if (number >= shape.limit) {
      return null;
    }
    ParsedRow.Roles roles = new ParsedRow.Roles();
    String[] texts = new String[features];
    for (int k = 0; k < features; k++) {
      texts[k] = text(row, k);
    }
    String wrong = roles.read(shape.spec, texts);
    double[] values = null;
    Vector vector = null;
    if (wrong == null) {
      if (!shape.packed) {
        values = new double[shape.names.length];
        for (int j = 0; wrong == null && j < values.length; j++) {
          if (row.isNullAt(features + j)) {
            wrong = isNull(shape.names[j], "");
            roles.blank = shape.names[j];
          } else {
            values[j] = row.getDouble(features + j);
          }
        }
      } else if (row.isNullAt(features)) {
        wrong = isNull(shape.names[0], "");
      } else if (shape.vector) {
        vector = (Vector) vectorType.deserialize(row.get(features, vectorType));
      } else {
        ArrayData array = row.getArray(features);
        values = new double[array.numElements()];
        for (int j = 0; wrong == null && j < values.length; j++) {
          if (array.isNullAt(j)) {
            wrong = isNull(shape.names[0], " in element " + j);
          } else {
            values[j] = array.getDouble(j);
          }
        }
      }
    }
    if (wrong == null) {
      vector = vector == null ? Vectors.dense(values) : vector;
      wrong = notFinite(vector, roles);
    }
    return wrong == null
        ? ParsedRow.good(source, number, roles, vector)
        : ParsedRow.bad(source, number, roles, wrong);
  }

  /** The number of the file; the rows of a file follow each other. */
  private int source(UTF8String path) {
    if (!path.equals(file)) {
      file = path.clone();
      Integer number = shape.sources.get(ColumnarReader.plainName(path.toString()));
      if (number == null) {
        throw new DataException(
            shape.spec.path()
                + " changed while it was read: the new file "
                + path
                + " appeared; run again when nobody writes to it");
      }
      fileNumber = number;
    }
    return fileNumber;
  }

  private static String text(InternalRow row, int at) {
    return row.isNullAt(at) ? null : row.getUTF8String(at).toString();
  }

  private static String isNull(String column, String where) {
    return "the feature column '"
        + column
        + "' is null"
        + where
        + ", expected a number; fill it in or remove the row";
  }

  private String notFinite(Vector vector, ParsedRow.Roles roles) {
    double[] values = Entries.values(vector);
    for (int j = 0; j < values.length; j++) {
      if (!Double.isFinite(values[j])) {
        roles.blank = !shape.packed && Double.isNaN(values[j]) ? shape.names[j] : null;
        return "the feature column '"
            + shape.names[shape.packed ? 0 : j]
            + "' has "
            + values[j]
            + (shape.packed ? " at position " + Entries.column(vector, j) : "")
            + ", expected a finite number; fill it in or remove the row";
      }
    }
    return null;
  }
}

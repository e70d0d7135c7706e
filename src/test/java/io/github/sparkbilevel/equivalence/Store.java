package io.github.sparkbilevel.equivalence;

import io.github.sparkbilevel.equivalence.Layout.Format;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Writes rows as files, and makes Datasets of them. */
final class Store {
  static final String ID = "id";
  static final String LABEL = "label";
  static final String GROUP = "source";
  static final String WEIGHT = "w";
  static final String VECTOR = "features";

  /** What tables are called by. */
  static final List<String> NAMES = List.of("train", "validation", "test");

  private final List<String> features;
  private final Layout layout;

  Store(List<String> features, Layout layout) {
    this.features = features;
    this.layout = layout;
  }

  /** Writes rows under a name in a folder, or as a view; gives what {@code path} is then. */
  String write(Path folder, String name, List<ExampleRow> rows, Layout.Format format) {
    try {
      switch (format) {
        case CSV, LIBSVM -> {
          Path path = folder.resolve(name);
          Files.createDirectories(path);
          for (int f = 0; f < layout.files(); f++) {
            int from = rows.size() * f / layout.files();
            int to = rows.size() * (f + 1) / layout.files();
            List<ExampleRow> some = rows.subList(from, to);
            boolean csv = format == Format.CSV;
            Files.writeString(
                path.resolve("part-%02d.%s".formatted(f, csv ? "csv" : "libsvm")),
                csv ? csv(some) : libsvm(some));
          }
          return path.toString();
        }
        case PARQUET -> {
          Path path = folder.resolve(name + ".parquet");
          dataset(rows, Format.DOUBLES)
              .repartition(layout.files())
              .write()
              .parquet(path.toString());
          return path.toString();
        }
        default -> {
          String view = folder.getFileName() + "_" + name;
          dataset(rows, format).createOrReplaceTempView(view);
          return view;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drops the views that were made for a folder. */
  static void forget(Path folder) {
    for (String name : NAMES) {
      TestSpark.session().catalog().dropTempView(folder.getFileName() + "_" + name);
    }
  }

  /** Roles around the features, in the order of the file. */
  private List<String> columns() {
    List<String> columns = new ArrayList<>(List.of(ID, LABEL));
    columns.addAll(features);
    columns.addAll(List.of(GROUP, WEIGHT));
    if (layout.reversed()) {
      Collections.reverse(columns);
    }
    return columns;
  }

  private String csv(List<ExampleRow> rows) {
    List<String> columns = columns();
    StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
    for (ExampleRow row : rows) {
      StringJoiner line = new StringJoiner(",");
      columns.forEach(column -> line.add(quoted(cell(row, column).toString())));
      text.append(line).append('\n');
    }
    return text.toString();
  }

  private static String quoted(String cell) {
    return cell.matches("[-\\w.]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  private Object cell(ExampleRow row, String column) {
    return switch (column) {
      case ID -> row.id();
      case LABEL -> row.label();
      case GROUP -> row.group();
      case WEIGHT -> row.weight();
      default -> row.x()[features.indexOf(column)];
    };
  }

  /** Every second zero is written. */
  private static String libsvm(List<ExampleRow> rows) {
    StringBuilder text = new StringBuilder();
    for (ExampleRow row : rows) {
      text.append(row.label());
      for (int j = 0; j < row.x().length; j++) {
        if (row.x()[j] != 0 || j % 2 == 0) {
          text.append(' ').append(j + 1).append(':').append(row.x()[j]);
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** The rows with text as labels, in as many partitions as the layout has files. */
  Dataset<Row> dataset(List<ExampleRow> rows, Format format) {
    StructType schema = new StructType();
    List<String> columns =
        format.isVectors() ? List.of(ID, LABEL, VECTOR, GROUP, WEIGHT) : columns();
    for (String column : columns) {
      schema =
          column.equals(VECTOR)
              ? schema.add(vectorField())
              : schema.add(column, type(column, format));
    }
    List<Row> list =
        IntStream.range(0, rows.size())
            .mapToObj(i -> row(rows.get(i), columns, i, format))
            .toList();
    Dataset<Row> dataset = TestSpark.session().createDataFrame(list, schema);
    return layout.files() == 1 ? dataset.coalesce(1) : dataset.repartition(layout.files());
  }

  /** A vector column that has the names of the features, as VectorAssembler leaves them there. */
  private StructField vectorField() {
    Attribute[] attributes =
        features.stream()
            .map(name -> NumericAttribute.defaultAttr().withName(name))
            .toArray(Attribute[]::new);
    return new AttributeGroup(VECTOR, attributes).toStructField();
  }

  private static DataType type(String column, Format format) {
    return switch (column) {
      case ID, LABEL, GROUP -> DataTypes.StringType;
      case WEIGHT -> DataTypes.DoubleType;
      default -> format == Format.FLOATS ? DataTypes.FloatType : DataTypes.DoubleType;
    };
  }

  private Row row(ExampleRow row, List<String> columns, int number, Format format) {
    Object[] cells = new Object[columns.size()];
    for (int c = 0; c < cells.length; c++) {
      String column = columns.get(c);
      if (column.equals(VECTOR)) {
        cells[c] = vector(row.x(), number, format);
      } else {
        Object cell = cell(row, column);
        boolean single = format == Format.FLOATS && features.contains(column);
        cells[c] = single ? (Object) ((Double) cell).floatValue() : cell;
      }
    }
    return RowFactory.create(cells);
  }

  private static Vector vector(double[] x, int number, Format format) {
    return switch (format) {
      case SPARSE_VECTORS -> Vectors.dense(x).toSparse();
      case MIXED_VECTORS -> number % 3 == 0 ? Vectors.dense(x).toSparse() : Vectors.dense(x);
      case EXPLICIT_ZEROS -> {
        int[] at = IntStream.range(0, x.length).filter(j -> x[j] != 0 || j % 2 == 0).toArray();
        yield new SparseVector(x.length, at, Arrays.stream(at).mapToDouble(j -> x[j]).toArray());
      }
      default -> Vectors.dense(x);
    };
  }
}

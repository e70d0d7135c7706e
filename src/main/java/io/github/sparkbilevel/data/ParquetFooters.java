package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.SerializableWritable;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** Reads the footers of Parquet files in Spark tasks, and sorts the files by their schemas. */
final class ParquetFooters {
  /** Where Spark keeps the schema of the rows, with what Parquet has no type for. */
  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

  private static final String ENCRYPTED =
      "is encrypted, and there are no keys for it; " + Tasks.DECRYPT;

  private ParquetFooters() {}

  /** What is known of one file; small, for the driver holds one for each. */
  private record Footer(int file, String schema, boolean rows, String fault)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The files of each schema, schemas in the order of their first files. Files without rows are
   * left out, unless no file has any.
   *
   * @throws DataException if a file is no complete Parquet file, or is encrypted
   */
  static List<List<Path>> bySchema(JavaSparkContext sc, DataFiles files) {
    List<Tuple2<Integer, String>> numbered = new ArrayList<>();
    for (Path path : files.paths()) {
      numbered.add(new Tuple2<>(numbered.size(), path.toString()));
    }
    SerializableWritable<Configuration> conf = new SerializableWritable<>(files.conf());
    int tasks = Math.min(numbered.size(), 4 * sc.defaultParallelism());
    List<Footer> footers =
        new ArrayList<>(
            Tasks.run(
                files.origin(),
                () ->
                    sc.parallelize(numbered, tasks)
                        .map(file -> footer(file._1(), new Path(file._2()), conf.value()))
                        .collect()));
    footers.sort(Comparator.comparingInt(Footer::file));
    for (Footer footer : footers) {
      if (footer.fault() != null) {
        throw new DataException(
            files.origin()
                + ": the file "
                + PartitionFolders.relative(files.base(), files.paths().get(footer.file()))
                + " "
                + footer.fault());
      }
    }
    boolean anyRows = footers.stream().anyMatch(Footer::rows);
    Map<String, List<Path>> bySchema = new LinkedHashMap<>();
    for (Footer footer : footers) {
      if (footer.rows() || !anyRows) {
        bySchema
            .computeIfAbsent(footer.schema(), schema -> new ArrayList<>())
            .add(files.paths().get(footer.file()));
      }
    }
    return List.copyOf(bySchema.values());
  }

  private static Footer footer(int number, Path path, Configuration conf) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(path, conf), HadoopReadOptions.builder(conf, path).build())) {
      FileMetaData data = reader.getFooter().getFileMetaData();
      String schema = data.getSchema() + "\n" + data.getKeyValueMetaData().get(SPARK_SCHEMA);
      return new Footer(number, digest(schema), reader.getRecordCount() > 0, null);
    } catch (ParquetCryptoRuntimeException e) {
      return new Footer(number, "", false, ENCRYPTED);
    } catch (FileNotFoundException | AccessControlException e) {
      return new Footer(
          number,
          "",
          false,
          "cannot be opened (" + Tasks.firstLine(e) + "); check that it is there and readable");
    } catch (IOException | RuntimeException e) {
      if (e instanceof IOException && !String.valueOf(e.getMessage()).startsWith("can not read")) {
        throw e;
      }
      return new Footer(number, "", false, broken(path, conf));
    }
  }

  private static String digest(String schema) {
    try {
      byte[] bytes =
          MessageDigest.getInstance("SHA-256").digest(schema.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String broken(Path path, Configuration conf) throws IOException {
    byte[] head;
    try (InputStream in = path.getFileSystem(conf).open(path)) {
      head = in.readNBytes(4);
    }
    if (Arrays.equals(head, new byte[] {'P', 'A', 'R', 'E'})) {
      return ENCRYPTED;
    }
    return Arrays.equals(head, new byte[] {'P', 'A', 'R', '1'})
        ? "is not a complete Parquet file: its footer is missing or broken; was the copy or"
            + " download cut off?"
        : "is not a Parquet file by its first bytes, as the others are; take it out of the folder,"
            + " or name the Parquet files by a pattern";
  }
}

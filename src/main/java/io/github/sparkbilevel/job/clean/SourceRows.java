package io.github.sparkbilevel.job.clean;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.RawRows;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.spark.score.RowScore;
import io.github.sparkbilevel.spark.score.ScoredRows;
import io.github.sparkbilevel.spark.score.ScoredRows.Scored;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Training rows with the columns of their source, where features were made of those.
 *
 * @param raw the source
 * @param spec of the training table, as the job file has it
 * @param kept the columns but for id and label, by their places
 */
record SourceRows(RawRows raw, TableSpec spec, int[] kept) {
  private static final String TAKEN = "source_";

  /** The source; none where the features are its columns. */
  static Optional<SourceRows> of(JobContext context, PreparedTables tables) {
    TableSpec spec = JobTables.table(context.config().data().train());
    boolean made = spec.features() == null && tables.source().features() != null;
    if (!made || !tables.train().vectorColumn()) {
      return Optional.empty();
    }
    RawRows raw = RawRows.of(context.spark(), "train", spec);
    List<String> names = List.of(raw.table().columns());
    int[] kept =
        IntStream.range(0, names.size())
            .filter(j -> !names.get(j).equals(spec.id()) && !names.get(j).equals(spec.label()))
            .toArray();
    return Optional.of(new SourceRows(raw, spec, kept));
  }

  /** The place of the column with the ids; -1 where rows are numbered. */
  int idColumn() {
    return List.of(raw.table().columns()).indexOf(spec.id());
  }

  /** The columns between others; Spark refuses such as differ in case only. */
  StructType between(StructType before, StructType after) {
    Set<String> taken = new HashSet<>();
    Stream.of(before, after)
        .flatMap(schema -> Arrays.stream(schema.fieldNames()))
        .forEach(name -> taken.add(name.toLowerCase(Locale.ROOT)));
    StructType all = before;
    for (int j : kept) {
      StructField field = raw.table().schema().apply(j);
      String free = field.name();
      while (!taken.add(free.toLowerCase(Locale.ROOT))) {
        free = TAKEN + free;
      }
      all = all.add(free, field.dataType(), true);
    }
    for (StructField field : after.fields()) {
      all = all.add(field);
    }
    return all;
  }

  /** The cells of {@link #kept}, beside their scores; costs a scan of the source and a shuffle. */
  JavaRDD<Scored<Row>> beside(CleaningRun run, JavaRDD<RowScore> scores) {
    return ScoredRows.among(
        run.data().blocks(), raw.byId(spec, run.data().tables().train().ids()), scores);
  }
}

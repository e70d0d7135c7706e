package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A training table of which some rows are marked as trusted: by a column, or because somebody has
 * checked their labels.
 *
 * @param table all rows
 * @param rows how many are marked
 */
record MarkedRows(Table table, long rows) {
  /** Answers are given by people: more of them are no answers. */
  private static final int MOST_ANSWERS = 1_000_000;

  private static final String WEIGHT = "weight";

  private static final String ANSWERS = "data.validation.answers";

  /** Marks the rows that the split asks for; one Spark job where it asks for any. */
  static MarkedRows of(SparkSession spark, Table all, SplitSpec split) {
    if (split instanceof SplitSpec.Answered answered) {
      return answered(all, answers(spark, answered.path()), answered.path());
    }
    return split instanceof SplitSpec.Marked marked
        ? marked(all, marked.column())
        : new MarkedRows(all, 0);
  }

  private static MarkedRows marked(Table all, String column) {
    long rows =
        PerPartition.collect(all.examples(), MarkedRows::count).stream()
            .mapToLong(Long::longValue)
            .sum();
    if (rows == 0) {
      throw new DataException(
          all.origin()
              + ": the column '"
              + column
              + "' is true in no row, expected the rows that were checked to be marked;"
              + " correct data.validation.column, or leave it out");
    }
    return new MarkedRows(all, rows);
  }

  private static long count(Iterator<Example> rows) {
    long count = 0;
    while (rows.hasNext()) {
      count += rows.next().trusted() ? 1 : 0;
    }
    return count;
  }

  /** What somebody found out about a row. A class, since Kryo cannot write records. */
  private static final class Answer implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String label;
    private final double weight;

    Answer(String label, double weight) {
      this.label = label;
      this.weight = weight;
    }
  }

  private static MarkedRows answered(Table all, Map<String, Answer> answers, String path) {
    Broadcast<Map<String, Answer>> shared =
        JavaSparkContext.fromSparkContext(all.session().sparkContext()).broadcast(answers);
    Set<String> unknown = new HashSet<>(answers.keySet());
    PerPartition.collect(all.examples(), in -> met(in, shared.value().keySet()))
        .forEach(unknown::removeAll);
    if (!unknown.isEmpty()) {
      throw new DataException(
          "%s = '%s' has answers for ids that no row of %s has (%,d of %,d): %s; %s"
              .formatted(
                  ANSWERS,
                  path,
                  all.origin(),
                  unknown.size(),
                  answers.size(),
                  Names.shortList(unknown.stream().sorted().toList()),
                  all.hasIds()
                      ? "correct them, or data.train.id"
                      : "rows are numbered from 0 without data.train.id"));
    }
    Table marked =
        all.with(
            all.examples()
                .map(
                    row -> {
                      Answer answer = shared.value().get(row.displayId());
                      return answer == null ? row : row.answered(answer.label, answer.weight);
                    }),
            all.stats());
    return new MarkedRows(marked, answers.size());
  }

  private static List<String> met(Iterator<Example> rows, Set<String> ids) {
    List<String> met = new ArrayList<>();
    while (rows.hasNext()) {
      String id = rows.next().displayId();
      if (ids.contains(id)) {
        met.add(id);
      }
    }
    return met;
  }

  /** The answers by the ids of their rows. */
  private static Map<String, Answer> answers(SparkSession spark, String path) {
    return Tasks.run(
        path,
        () -> {
          // The place is looked for first, so that one that is not there is named as others are.
          DataFiles.list(spark.sparkContext().hadoopConfiguration(), ANSWERS, path);
          Dataset<Row> table = spark.read().option("header", "true").csv(path);
          List<String> header = List.of(table.columns());
          if (!header.containsAll(List.of("id", "label"))) {
            throw new DataException(
                ANSWERS
                    + " = '"
                    + path
                    + "' has the columns "
                    + Names.shortList(header)
                    + ", expected a CSV file with the header id,label");
          }
          Map<String, Answer> answers = new HashMap<>();
          Column weight = header.contains(WEIGHT) ? table.col(WEIGHT) : functions.lit("1");
          Dataset<Row> wanted = table.select(table.col("id"), table.col("label"), weight);
          for (Row row : wanted.limit(MOST_ANSWERS + 1).collectAsList()) {
            add(answers, path, row);
          }
          requireSome(answers, path);
          return answers;
        });
  }

  private static void add(Map<String, Answer> answers, String path, Row row) {
    if (row.isNullAt(0) || row.isNullAt(1)) {
      throw new DataException(
          ANSWERS
              + " = '"
              + path
              + "' has a row without "
              + (row.isNullAt(0) ? "an id" : "a label (id " + Names.quote(row.getString(0)) + ")")
              + ", expected both in every row; remove it");
    }
    String id = Numbers.canonical(row.getString(0));
    String answer = Numbers.canonical(row.getString(1));
    Answer other = answers.put(id, new Answer(answer, weight(path, row)));
    if (other != null) {
      throw new DataException(
          ANSWERS
              + " = '"
              + path
              + "' has two answers for the id "
              + Names.quote(id)
              + ": "
              + Names.quote(other.label)
              + " and "
              + Names.quote(answer)
              + "; keep one");
    }
  }

  private static double weight(String path, Row row) {
    String text = row.isNullAt(2) ? "" : row.getString(2).trim();
    double weight = Numbers.isFinite(text) ? Numbers.parse(text) : Double.NaN;
    if (!(weight > 0)) {
      throw new DataException(
          "%s = '%s' has the weight %s for the id %s, expected a finite number above 0; correct it,"
                  .formatted(ANSWERS, path, Names.quote(text), Names.quote(row.getString(0)))
              + " or leave the column weight out");
    }
    return weight;
  }

  private static void requireSome(Map<String, Answer> answers, String path) {
    if (answers.isEmpty()) {
      throw new DataException(
          ANSWERS + " = '" + path + "' has no answers, expected at least one row of id,label");
    }
    if (answers.size() > MOST_ANSWERS) {
      throw new DataException(
          "%s = '%s' has more than %,d answers; give the checked rows as a table of their own by data.validation.path"
              .formatted(ANSWERS, path, MOST_ANSWERS));
    }
  }
}

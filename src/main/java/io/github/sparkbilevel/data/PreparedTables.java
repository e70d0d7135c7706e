package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The tables of a job: read, split, checked against each other, and corrupted where asked.
 *
 * @param train the rows to learn from
 * @param validation the trusted rows, or null where a program needs none
 * @param test rows for figures only, or null
 * @param labels the classes of the training labels before corruption, or real labels
 * @param groups the groups of the training rows
 * @param source where the training rows came from
 * @param trigger of the backdoor in the training rows, or null
 * @param notices what the user should know
 */
public record PreparedTables(
    Table train,
    Table validation,
    Table test,
    Labels labels,
    GroupIndex groups,
    TableSpec source,
    Trigger trigger,
    List<Notice> notices)
    implements AutoCloseable {

  /** What the weights of all rows but one must be of its weight at least. */
  private static final double LEAST_SHARE = 1e-9;

  /**
   * What to prepare.
   *
   * @param train the training table, from which validation and test rows may be drawn
   * @param validation the trusted rows, or null
   * @param test rows for figures only, or null
   * @param corruption what to do to the training labels, or null
   * @param seed of the draws
   * @param classification whether labels are classes and not numbers
   */
  public record Request(
      TableSpec train,
      SplitSpec validation,
      SplitSpec test,
      Corruption corruption,
      long seed,
      boolean classification) {}

  /**
   * Rows that a program hands over in place of files.
   *
   * @param train the training rows
   * @param validation the trusted rows, or null where they are drawn
   * @param test the test rows, or null where they are drawn or there are none
   * @param indices whether labels have to be class indices 0, 1, …, as Spark's own classifiers want
   *     them
   */
  public record Given(
      Dataset<Row> train, Dataset<Row> validation, Dataset<Row> test, boolean indices) {

    /** The names of the classes that the label column carries, or null. */
    List<String> classNames(String label) {
      return Arrays.asList(train.columns()).contains(label)
          ? DatasetRows.classNames(train.schema().apply(label))
          : null;
    }
  }

  /** The same tables with more to tell of them. */
  public PreparedTables withNotices(List<Notice> more) {
    List<Notice> all = new ArrayList<>(notices);
    all.addAll(more);
    return new PreparedTables(
        train, validation, test, labels, groups, source, trigger, List.copyOf(all));
  }

  /** The columns of those whose votes are the labels of the training rows. */
  public List<String> annotators() {
    return source.votes();
  }

  /** Whether the training rows bring probabilities of their classes by a model of the user. */
  public boolean haveProbabilities() {
    return !source.probabilities().isEmpty();
  }

  /** The classes of the training labels; none for real labels. */
  public ClassIndex classes() {
    return labels instanceof ClassIndex classes ? classes : ClassIndex.of(List.of());
  }

  /** The columns of the labels where a row has several; otherwise none. */
  public List<String> labelColumns() {
    return labels instanceof SeveralLabels several ? several.names() : List.of();
  }

  /** Reads and checks everything; on an error nothing stays cached. */
  public static PreparedTables load(SparkSession spark, Request request) {
    return load(spark, request, (Given) null);
  }

  /** The same for rows at hand; the specs of the request have {@link TableSpec#DATASET}. */
  public static PreparedTables load(SparkSession spark, Request request, Given given) {
    requireFits(request);
    List<Table> opened = new ArrayList<>();
    try {
      return load(spark, request, given, opened);
    } catch (Throwable e) {
      // Spark's checked exceptions, which are not declared, and what a stopped thread throws too.
      opened.forEach(Table::close);
      throw e;
    }
  }

  private static void requireFits(Request request) {
    if (!request.classification() && !request.train().probabilities().isEmpty()) {
      throw new IllegalArgumentException(
          request.train().key("train", "probabilities")
              + " names probabilities of classes, but model.family = linear has none; remove it");
    }
    Corruption corruption = request.corruption();
    if (corruption == null || !corruption.isActive()) {
      return;
    }
    if (request.classification() == corruption.kind().isOfRealLabels()) {
      throw new IllegalArgumentException(
          "data.corrupt.kind = "
              + corruption.kind().word()
              + (request.classification()
                  ? " spoils real labels, but labels are classes; try uniform"
                  : " spoils classes, but labels have none; try outliers or units"));
    }
    if (!request.train().votes().isEmpty()) {
      throw new IllegalArgumentException(
          "data.corrupt spoils labels, but data.train.votes names annotators in place of labels;"
              + " remove one of the two");
    }
    if (corruption.kind() == Corruption.Kind.BY_GROUP && request.train().group() != null) {
      throw new IllegalArgumentException(
          "data.corrupt.kind = by-group makes up its own groups, but data.train.group = '"
              + request.train().group()
              + "'; remove one of the two");
    }
  }

  private static PreparedTables load(
      SparkSession spark, Request request, Given given, List<Table> opened) {
    Dataset<Row> rows = given == null ? null : given.train();
    TableSpec spec =
        request.validation() instanceof SplitSpec.Marked marked
            ? request.train().withTrusted(marked.column())
            : request.train();
    Table read = TableReader.open(spark, "train", spec, null, rows);
    opened.add(read);
    MarkedRows marks = MarkedRows.of(spark, read, request.validation());
    Table all = marks.table();
    boolean classification = request.classification();
    Dataset<Row> trusted = given == null ? null : given.validation();
    Dataset<Row> tested = given == null ? null : given.test();
    Table validation =
        own(spark, "validation", request.validation(), all, trusted, classification, opened);
    Table test = own(spark, "test", request.test(), all, tested, classification, opened);
    List<Notice> notices = new ArrayList<>();
    opened.forEach(table -> notices.addAll(table.notices()));
    notices.addAll(checkIds(request, opened));

    Draws.Wanted wanted =
        new Draws.Wanted(
            drawn("test", request.test(), all),
            drawn("validation", request.validation(), all),
            marks.rows());
    if (wanted.rows() > 0) {
      Splits.requireRest(
          all,
          wanted.rows(),
          request.train().format().equals(TableSpec.DATASET)
              ? "raise trainRatio"
              : "lower data.validation or data.test");
    }
    Draws.Drawn drawn = Draws.of(all, wanted, request.seed(), classification);
    Table train = part(all, drawn, Draws.TRAIN);
    if (wanted.test() > 0) {
      test = part(all, drawn, Draws.TEST);
    }
    if (wanted.validation() > 0 || wanted.marked() > 0) {
      validation = part(all, drawn, Draws.VALIDATION);
    }

    if (!request.train().votes().isEmpty()) {
      train = VotedTable.of(train, validation, test, request.train());
    }
    requireSpread("train", train, request.train());
    requireSpread("validation", validation, request.validation());
    requireSpread("test", test, request.test());
    CheckedLabels checked = new CheckedLabels(request, train, validation, test);
    Labels labels = classification ? checked.classes(given) : checked.numbers();
    if (labels instanceof ClassIndex classes) {
      notices.addAll(ClassNotices.of(train, request.train(), classes));
      ClassColumns.requireFit(request.train(), classes);
    }
    Trigger trigger = null;
    if (request.corruption() != null && labels instanceof ClassIndex classes) {
      Corruption.Spoiled spoiled = request.corruption().apply(train, classes);
      train = spoiled.train();
      trigger = spoiled.trigger();
      notices.addAll(spoiled.notices());
    }
    if (request.corruption() != null && labels instanceof RealLabels) {
      train = request.corruption().apply(train).train();
    }
    return new PreparedTables(
        train,
        validation,
        test,
        labels,
        GroupIndex.of(train),
        request.train(),
        trigger,
        List.copyOf(notices));
  }

  private static void requireSpread(String role, Table table, SplitSpec split) {
    if (table != null) {
      requireSpread(role, table, split.table());
    }
  }

  /** Refuses weights of which one leaves nothing to the others. */
  private static void requireSpread(String role, Table table, TableSpec spec) {
    String row = table.stats().overwhelmingRow(LEAST_SHARE);
    if (row != null) {
      throw new DataException(
          "%s: the row %s has the weight %s, beside which the weights of the other %,d rows together are nothing; expected weights of similar size; correct %s"
              .formatted(
                  table.origin(),
                  Names.quote(row),
                  table.stats().greatestWeight(),
                  table.rowCount() - 1,
                  spec == null || spec.weight() == null
                      ? "the weights"
                      : spec.key(role, "weight") + " = " + spec.weight()));
    }
  }

  private static Table own(
      SparkSession spark,
      String role,
      SplitSpec split,
      Table train,
      Dataset<Row> given,
      boolean classification,
      List<Table> opened) {
    if (split == null || split.table() == null) {
      return null;
    }
    Table table = TableReader.open(spark, role, split.table(), train, given);
    opened.add(table);
    return table.with(table.examples(), TableStats.of(table.examples(), classification));
  }

  private static long drawn(String role, SplitSpec split, Table train) {
    return split == null ? 0 : split.count(role, train.rowCount());
  }

  private static Table part(Table all, Draws.Drawn drawn, int part) {
    boolean whole = drawn.stats()[part].rows() == all.rowCount();
    return all.with(
        whole ? all.examples() : all.examples().filter(drawn.draws().only(part)),
        drawn.stats()[part]);
  }

  private static List<Notice> checkIds(Request request, List<Table> opened) {
    List<Table> withIds = opened.stream().filter(Table::hasIds).toList();
    List<Notice> notices = new ArrayList<>();
    if (withIds.isEmpty()) {
      return notices;
    }
    IdCheck check = IdCheck.of(withIds);
    check.requireUnique(withIds);
    // Ids of columns with different names are different things.
    if (sameId(request, request.validation()) && sameId(request, request.test())) {
      String column = request.train().id();
      notices.addAll(check.overlaps(withIds, column));
    }
    return notices;
  }

  private static boolean sameId(Request request, SplitSpec split) {
    return split == null
        || split.table() == null
        || Objects.equals(split.table().id(), request.train().id());
  }

  /**
   * Refuses labels that a loss does not take.
   *
   * @param least the least one that it takes
   */
  public void requireLabels(double least, String loss) {
    for (Table table : new Table[] {train, validation, test}) {
      if (table != null && table.stats().leastLabel() < least) {
        throw new DataException(
            "%s: the label is %s, expected a number %s for the loss %s; correct the label, or take"
                    .formatted(
                        CheckedLabels.row(table, table.stats().leastLabelRow()),
                        Numbers.canonical(String.valueOf(table.stats().leastLabel())),
                        least > 0 ? "> 0" : ">= 0",
                        loss)
                + " another loss");
      }
    }
  }

  /** Frees the cached rows of every table. */
  @Override
  public void close() {
    train.close();
    if (validation != null) {
      validation.close();
    }
    if (test != null) {
      test.close();
    }
  }
}

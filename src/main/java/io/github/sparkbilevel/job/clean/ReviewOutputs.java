package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.RawRows;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.job.config.DataConfig.Marked;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.ReviewPage;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.ReviewSample;
import io.github.sparkbilevel.ml.ReviewSample.Pick;
import io.github.sparkbilevel.spark.score.RowScore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SparseVector;

/** Writes the rows that a person should check, and the page to do so. */
record ReviewOutputs(JobContext context, CleaningRun run) {
  private static final String ROWS = "review/rows.csv";
  private static final String PAGE = "review.html";
  private static final List<String> COLUMNS =
      List.of("id", "label", "suggestedLabel", "probability", "weight");
  private static final int MOST_FEATURES = 60;

  void write() throws IOException {
    int rows = context.config().review().rows();
    if (rows == 0) {
      return;
    }
    List<Pick> picks =
        run.engine()
            .described(
                "review: picks",
                () -> ReviewSample.of(run.scored().rows(), rows, context.config().seed()).picks());
    Set<Long> ids = picks.stream().map(pick -> pick.score().id()).collect(Collectors.toSet());
    Map<Long, Example> examples =
        byId(
            table().examples().filter(row -> ids.contains(row.id())).map(Example::alone),
            Example::id);
    Map<Long, RowScore> scores =
        byId(run.scored().withSoftLabels().filter(row -> ids.contains(row.id())), RowScore::id);
    Map<String, Map<String, String>> cells = cells(examples);
    ArrayNode shown = Json.array();
    for (Pick pick : picks) {
      Example row = examples.get(pick.score().id());
      shown.add(row(pick, row, scores.get(row.id()), cells.get(row.displayId())));
    }
    save(ROWS, csv(shown));
    ObjectNode page = Json.object();
    page.set("classes", Json.tree(run.data().tables().classes().names()));
    page.set("rows", shown);
    save(PAGE, ReviewPage.of(page));
    context
        .console()
        .line(
            "%,d rows to check: open %s, and give its answers.csv as data.validation.answers"
                .formatted(picks.size(), context.output().shownTarget() + "/" + PAGE));
  }

  private Table table() {
    return run.data().tables().train();
  }

  private static <T> Map<Long, T> byId(JavaRDD<T> rows, Function<T, Long> id) {
    return rows.collect().stream().collect(Collectors.toMap(id, Function.identity()));
  }

  /** What a person sees of the rows as the source has them; empty where the features must do. */
  private Map<String, Map<String, String>> cells(Map<Long, Example> examples) {
    if (isPicture() || table().inputColumns().isEmpty()) {
      return Map.of();
    }
    TableSpec spec = JobTables.table(context.config().data().train());
    Set<String> hidden = new HashSet<>(spec.columns().values());
    hidden.addAll(spec.votes());
    hidden.addAll(spec.probabilities());
    hidden.remove(spec.group());
    context
        .config()
        .data()
        .validation()
        .ifPresent(rows -> hidden.add(rows instanceof Marked marked ? marked.column() : ""));
    Set<String> ids =
        examples.values().stream().map(Example::displayId).collect(Collectors.toSet());
    return RawRows.of(context.spark(), "train", spec).cells(spec, ids, hidden);
  }

  private boolean isPicture() {
    return SuspiciousRows.arePictures(context, table());
  }

  private ObjectNode row(Pick pick, Example row, RowScore score, Map<String, String> cells) {
    ClassIndex classes = run.data().tables().classes();
    int suggested = (int) score.suggested()[0];
    ObjectNode shown =
        Json.object()
            .put("id", row.displayId())
            .put("label", classes.labelOf((int) score.label()))
            .put("suggestedLabel", classes.name(suggested))
            .put("probability", score.judged().softLabels()[suggested])
            .put("weight", pick.weight());
    if (isPicture()) {
      shown.set("picture", Json.tree(row.features().toArray()));
    } else {
      shown.set("fields", Json.tree(cells == null ? features(row) : cells));
    }
    return shown;
  }

  private Map<String, String> features(Example row) {
    Map<String, String> features = new LinkedHashMap<>();
    if (row.group() != null) {
      features.put("source", row.group());
    }
    SparseVector entries = row.features().toSparse();
    for (int k = 0; k < Math.min(MOST_FEATURES, entries.indices().length); k++) {
      features.put(
          table().featureNames().get(entries.indices()[k]), Double.toString(entries.values()[k]));
    }
    return features;
  }

  private static String csv(ArrayNode rows) {
    Set<String> fields = new LinkedHashSet<>();
    rows.forEach(row -> row.path("fields").fieldNames().forEachRemaining(fields::add));
    StringBuilder csv = new StringBuilder();
    List<String> header = new ArrayList<>(COLUMNS);
    fields.forEach(name -> header.add(COLUMNS.contains(name) ? "field " + name : name));
    csv.append(line(header));
    for (var row : rows) {
      List<String> cells = new ArrayList<>();
      COLUMNS.forEach(name -> cells.add(row.get(name).asText()));
      fields.forEach(name -> cells.add(row.path("fields").path(name).asText("")));
      csv.append(line(cells));
    }
    return csv.toString();
  }

  private static String line(List<String> cells) {
    return cells.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
  }

  /** As it is: data are not searched for passwords. */
  private void save(String name, String text) throws IOException {
    try (OutputStream out = context.output().create(name)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}

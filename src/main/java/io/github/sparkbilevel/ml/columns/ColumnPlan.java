package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.CellTexts;
import io.github.sparkbilevel.data.ColumnKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/** What becomes of every column of a table that has no other role. */
public final class ColumnPlan {
  private static final String BLANK = "blank in every row";

  /** Words from which on a text is more than a name. */
  private static final double LEAST_WORDS = 3;

  /** Values from which on words are looked at one by one. */
  private static final long LEAST_TEXTS = 20;

  /**
   * What some columns become, whatever is in them.
   *
   * @param kinds by the names of the columns
   * @param key where the user says so
   */
  public record Wanted(Map<String, ColumnKind> kinds, String key) {}

  private final String origin;
  private final String key;
  private final List<String> header;
  private final List<PlannedColumn> columns = new ArrayList<>();
  private final List<String> used = new ArrayList<>();
  private boolean complete = true;
  private final ColumnStages stages;

  private ColumnPlan(String origin, String key, List<String> header, CellSql sql) {
    this.origin = origin;
    this.key = key;
    this.header = header;
    this.stages = new ColumnStages(sql);
  }

  /**
   * Looks at the columns of a table, in one Spark job.
   *
   * @param origin what messages call the table
   * @param table its rows
   * @param roles columns that are not features, such as the label
   * @param wanted what some columns become
   * @param texts what texts in cells mean, in this table and in those to come
   * @throws DataException if a column cannot become what is wanted, or if nothing is left
   */
  public static ColumnPlan of(
      String origin, Dataset<Row> table, Collection<String> roles, Wanted wanted, CellTexts texts) {
    Set<String> unknown = new TreeSet<>(wanted.kinds.keySet());
    unknown.removeAll(List.of(table.columns()));
    if (!unknown.isEmpty()) {
      throw new DataException(
          "%s has no column '%s' (%s); its columns are %s"
              .formatted(
                  origin,
                  unknown.iterator().next(),
                  wanted.key,
                  String.join(", ", table.columns())));
    }
    Set<String> both = new TreeSet<>(wanted.kinds.keySet());
    both.retainAll(roles);
    if (!both.isEmpty()) {
      throw new DataException(
          "%s names '%s', which has another role already; take it out"
              .formatted(wanted.key, both.iterator().next()));
    }
    List<StructField> free = new ArrayList<>();
    for (StructField field : table.schema().fields()) {
      if (!roles.contains(field.name())) {
        free.add(field);
      }
    }
    CellSql sql = new CellSql(texts);
    ColumnPlan plan = new ColumnPlan(origin, wanted.key, List.of(table.columns()), sql);
    List<ColumnProfile> profiles = ColumnProfile.of(table, free, sql);
    for (int j = 0; j < free.size(); j++) {
      plan.add(free.get(j), profiles.get(j), wanted.kinds.get(free.get(j).name()));
    }
    if (plan.stages.isEmpty()) {
      throw new DataException(
          "%s has no column besides %s that can become a feature; name some in %s"
              .formatted(origin, String.join(", ", new TreeSet<>(roles)), wanted.key));
    }
    return plan;
  }

  private void add(StructField field, ColumnProfile profile, ColumnKind wanted) {
    PlannedColumn column = wanted == null ? guess(profile) : asked(profile, wanted);
    columns.add(column);
    stages.add(field, profile, column.became());
    boolean number =
        column.became() == ColumnKind.NUMBER || field.dataType() instanceof BooleanType;
    if (column.became() != ColumnKind.IGNORE) {
      used.add(column.name());
      complete &= number && profile.blank() == 0;
    }
  }

  private static PlannedColumn planned(ColumnProfile profile, ColumnKind kind, String reason) {
    return new PlannedColumn(profile.name(), profile.type().catalogString(), kind, reason);
  }

  private PlannedColumn asked(ColumnProfile profile, ColumnKind wanted) {
    long filled = profile.cells().filled();
    long fitting =
        switch (wanted) {
          case NUMBER -> profile.cells().numbers();
          case BOOLEAN -> profile.cells().booleans();
          case DATE -> profile.isDate() ? filled : profile.cells().dates();
          case VECTOR -> profile.isPacked() ? vectors(profile) : 0;
          case CATEGORY, TEXT -> profile.isPlain() ? filled : 0;
          case IGNORE -> filled;
        };
    if (fitting < filled) {
      throw misfit(profile, wanted, filled - fitting);
    }
    return filled == 0
        ? planned(profile, ColumnKind.IGNORE, BLANK)
        : planned(profile, wanted, "as asked for");
  }

  private PlannedColumn packed(ColumnProfile profile) {
    long vectors = vectors(profile);
    if (vectors < profile.cells().filled()) {
      throw misfit(profile, ColumnKind.VECTOR, profile.cells().filled() - vectors);
    }
    return planned(profile, ColumnKind.VECTOR, "numbers");
  }

  /** The cells that are vectors of numbers; nothing can be put in place of others. */
  private long vectors(ColumnProfile profile) {
    if (profile.isUneven()) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: the %s of the column '%s' have %.0f elements in one row and %.0f in another,"
                  + " expected the same number in every row; make them equally long, or set the"
                  + " column to ignore in %s",
              origin,
              ArrayColumns.isArray(profile.type()) ? "arrays" : "vectors",
              profile.name(),
              profile.values().least(),
              profile.values().greatest(),
              key));
    }
    long blank = profile.rows() - profile.cells().filled();
    if (blank > 0) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: the column '%s' of the type %s is blank in %,d of %,d rows, expected numbers in"
                  + " every row; fill them in, or set the column to ignore in %s",
              origin,
              profile.name(),
              profile.type().catalogString(),
              blank,
              profile.rows(),
              key));
    }
    return profile.cells().numbers();
  }

  private DataException misfit(ColumnProfile profile, ColumnKind kind, long cells) {
    String example = profile.type() instanceof StringType ? profile.values().other() : null;
    return new DataException(
        String.format(
            Locale.ROOT,
            "%s: the column '%s' of the type %s cannot become a %s: %,d of its %,d cells are"
                + " none%s; correct them, or choose another kind in %s",
            origin,
            profile.name(),
            profile.type().catalogString(),
            kind.word(),
            cells,
            profile.cells().filled(),
            example == null ? "" : ", such as '" + example + "'",
            key));
  }

  private PlannedColumn guess(ColumnProfile profile) {
    ColumnProfile.Cells cells = profile.cells();
    long filled = cells.filled();
    if (filled == 0) {
      return planned(profile, ColumnKind.IGNORE, BLANK);
    }
    if (profile.isEmpty()) {
      return planned(profile, ColumnKind.IGNORE, "without elements in every row");
    }
    if (profile.isPacked()) {
      return packed(profile);
    }
    if (!profile.isPlain()) {
      return planned(profile, ColumnKind.IGNORE, "of a type that holds other values");
    }
    if (profile.values().distinct() <= 1 && filled == profile.rows()) {
      return planned(profile, ColumnKind.IGNORE, "the same in every row");
    }
    if (profile.type() instanceof BooleanType || cells.booleans() == filled) {
      return planned(profile, ColumnKind.BOOLEAN, "true or false" + blanks(profile));
    }
    if (profile.type() instanceof NumericType || cells.numbers() == filled) {
      return profile.countsRows(header)
          ? planned(profile, ColumnKind.IGNORE, "counts the rows")
          : planned(profile, ColumnKind.NUMBER, "numbers" + blanks(profile));
    }
    if (profile.isDate() || cells.dates() == filled) {
      return planned(profile, ColumnKind.DATE, "dates" + blanks(profile));
    }
    if (profile.isMostlyNumbers()) {
      // A few mistakes in a column of numbers are no reason to take it for texts.
      throw misfit(profile, ColumnKind.NUMBER, filled - cells.numbers());
    }
    return texts(profile);
  }

  private static PlannedColumn texts(ColumnProfile profile) {
    long distinct = profile.values().distinct();
    if (distinct > LEAST_TEXTS && profile.values().words() >= LEAST_WORDS) {
      return planned(
          profile,
          ColumnKind.TEXT,
          String.format(Locale.ROOT, "%.0f words each", profile.values().words()));
    }
    return profile.isNearlyUnique()
        ? planned(profile, ColumnKind.IGNORE, "nearly every row has its own value")
        : planned(
            profile,
            ColumnKind.CATEGORY,
            String.format(Locale.ROOT, "about %,d values", distinct) + blanks(profile));
  }

  private static String blanks(ColumnProfile profile) {
    return profile.blank() == 0
        ? ""
        : String.format(Locale.ROOT, ", %.2g %% blank", 100 * profile.blank());
  }

  /**
   * The columns that are features, where those are complete numbers, so that nothing has to be made
   * of them; else none.
   */
  public List<String> numbers() {
    return complete ? List.copyOf(used) : List.of();
  }

  /** What becomes of each column, in the order of the table. */
  public List<PlannedColumn> columns() {
    return List.copyOf(columns);
  }

  /**
   * Learns means, categories and frequencies of words from a table; as many Spark jobs as there are
   * kinds that need one.
   */
  public ColumnModel fit(Dataset<Row> table) {
    return new ColumnModel(
        new Pipeline().setStages(stages.of(table.columns())).fit(ArrayColumns.withVectors(table)),
        columns(),
        ColumnStages.output(table.columns()));
  }
}

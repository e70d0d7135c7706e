package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * A small table with three features and a label of three classes, and its text in the dialects that
 * programs write.
 *
 * @param header the names of the columns
 * @param rows the cells
 */
public record TextTable(List<String> header, List<List<String>> rows) {

  /** Features around a centre for each class, with labels that are mostly right. */
  public static TextTable of(int rows, long seed) {
    Random random = new Random(seed);
    List<List<String>> cells = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int label = i < 3 ? i : random.nextInt(3);
      List<String> row = new ArrayList<>();
      for (int j = 0; j < 3; j++) {
        double value = random.nextGaussian() + (j == label ? 3 : 0);
        row.add(String.format(Locale.ROOT, "%.4f", value));
      }
      row.add(Integer.toString(random.nextInt(10) == 0 ? (label + 1) % 3 : label));
      cells.add(row);
    }
    return new TextTable(List.of("x0", "x1", "x2", "label"), cells);
  }

  /** The same with a column in front, whose cells come from the row number. */
  public TextTable withFirst(String name, UnaryOperator<Integer> cell) {
    List<String> names = new ArrayList<>(header);
    names.add(0, name);
    List<List<String>> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<String> row = new ArrayList<>(rows.get(i));
      row.add(0, Integer.toString(cell.apply(i)));
      all.add(row);
    }
    return new TextTable(names, all);
  }

  /** The same with another text in one cell. */
  public TextTable with(int row, String column, String cell) {
    List<List<String>> all = new ArrayList<>(rows);
    List<String> changed = new ArrayList<>(rows.get(row));
    changed.set(header.indexOf(column), cell);
    all.set(row, changed);
    return new TextTable(header, all);
  }

  /** Some of the rows. */
  public TextTable rows(int from, int to) {
    return new TextTable(header, rows.subList(from, to));
  }

  /** Lines of cells with a separator between them, without the header. */
  public String lines(String sep, UnaryOperator<String> cell) {
    StringBuilder text = new StringBuilder();
    rows.forEach(
        row -> text.append(String.join(sep, row.stream().map(cell).toList())).append('\n'));
    return text.toString();
  }

  /** Lines with the header in front. */
  public String text(String sep, UnaryOperator<String> cell) {
    return String.join(sep, header) + '\n' + lines(sep, cell);
  }

  /** With commas. */
  public String csv() {
    return text(",", cell -> cell);
  }

  /** As libsvm: the last column is the label, the others are features. */
  public String libsvm(int base) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      int last = row.size() - 1;
      text.append(row.get(last));
      for (int j = 0; j < last; j++) {
        text.append(' ').append(j + base).append(':').append(row.get(j));
      }
      text.append('\n');
    }
    return text.toString();
  }
}

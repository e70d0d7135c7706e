package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** The parts of a tuning page that show penalties: how they came out and how they got there. */
final class PenaltySections {
  /** More dropped names than this are not listed. */
  static final int MOST_DROPPED = 1000;

  /** More penalties than this are not listed, the largest and the smallest by themselves. */
  static final int MOST_LISTED = 20;

  private static final int MOST_PATHS = 12;
  private static final int LINES_PER_PLOT = 4;
  private static final int NAME_LENGTH = 60;
  private static final int BINS = 40;

  private final TunedPenalties tuned;
  private final List<? extends JsonNode> history;
  private final int count;

  PenaltySections(TunedPenalties tuned, List<? extends JsonNode> history) {
    this.tuned = tuned;
    this.history = history;
    count = tuned.lambda().length;
  }

  /** How many are at their bounds, their spread and course, the extreme ones, and the dropped. */
  Markup all() {
    if (count == 0) {
      return Markup.all();
    }
    Comparator<Integer> rising =
        Comparator.<Integer>comparingDouble(j -> tuned.lambda()[j]).thenComparing(j -> j);
    // No penalty is both among the largest and among the smallest.
    int free = count - number(tuned::isDropped);
    List<Integer> smallest = first(free / 2, rising);
    List<Integer> largest = first(free - free / 2, rising.reversed());
    List<Markup> plots = new ArrayList<>(List.of(spread()));
    plots.addAll(paths(largest, smallest));
    String caption = free < count ? "Largest penalties below the upper bound" : "Largest penalties";
    return Markup.all(
        bounds(),
        Page.sideBySide(plots),
        Page.note("λ is the natural logarithm of a penalty; its value is e^λ."),
        Page.sideBySide(List.of(table(caption, largest), table("Smallest penalties", smallest))),
        dropped());
  }

  private int number(IntPredicate chosen) {
    return (int) IntStream.range(0, count).filter(chosen).count();
  }

  /** The first penalties in an order, at most so many; those on the upper bound are left out. */
  private List<Integer> first(int most, Comparator<Integer> order) {
    PriorityQueue<Integer> last = new PriorityQueue<>(order.reversed());
    for (int j = 0; j < count; j++) {
      if (!tuned.isDropped(j)) {
        last.add(j);
        if (last.size() > Math.min(most, MOST_LISTED)) {
          last.poll();
        }
      }
    }
    return last.stream().sorted(order).toList();
  }

  private Markup bounds() {
    String sentences =
        sentence(tuned::isDropped, "upper bound: the model does without them. ")
            + sentence(tuned::isAtLowerBound, "lower bound: it hardly holds them back.");
    return sentences.isEmpty() ? Markup.all() : Page.paragraph(sentences.strip());
  }

  private String sentence(IntPredicate chosen, String bound) {
    int at = number(chosen);
    return at == 0
        ? ""
        : "%s of %s %s have a penalty at its %s"
            .formatted(Numbers.count(at), Numbers.count(count), tuned.unit(), bound);
  }

  private Markup spread() {
    double low = Arrays.stream(tuned.lambda()).min().orElseThrow();
    double high = Arrays.stream(tuned.lambda()).max().orElseThrow();
    if (!(low < high)) {
      return Markup.all();
    }
    long[] counts = new long[BINS];
    for (double lambda : tuned.lambda()) {
      counts[(int) Math.min(BINS - 1, BINS * (lambda - low) / (high - low))]++;
    }
    return new BarPlot("Spread of λ", "λ", low, high)
        .counting(tuned.unit())
        .series(tuned.unit(), Tone.FIRST, counts)
        .markup();
  }

  private Markup table(String caption, List<Integer> chosen) {
    return new Table(
            caption,
            Column.words("name", "name", NAME_LENGTH),
            Column.fixed("λ", "lambda", 3),
            Column.significant("value", "value", 4))
        .of(
            chosen.stream()
                .map(
                    j ->
                        Json.object()
                            .put("name", tuned.names().get(j))
                            .put("lambda", tuned.lambda()[j])
                            .put("value", Math.exp(tuned.lambda()[j])))
                .toList());
  }

  private Markup dropped() {
    List<Markup> items =
        IntStream.range(0, count)
            .filter(tuned::isDropped)
            .limit(MOST_DROPPED)
            .<Markup>mapToObj(
                j -> Markup.element("li", Markup.clipped(tuned.names().get(j), NAME_LENGTH)))
            .toList();
    if (items.isEmpty()) {
      return Markup.all();
    }
    int more = number(tuned::isDropped) - items.size();
    return Page.folded(
        "Names of the %s dropped".formatted(tuned.unit()),
        Markup.element("ul").with("class", "names").addAll(items),
        more == 0 ? Markup.all() : Page.note("and %s more".formatted(Numbers.count(more))));
  }

  /** The course of some of the largest and smallest λ, a few in each plot, all on one axis. */
  private List<Markup> paths(List<Integer> largest, List<Integer> smallest) {
    if (tuned.paths().isEmpty()) {
      return List.of();
    }
    int half = MOST_PATHS / 2;
    List<Integer> chosen = new ArrayList<>(largest.subList(0, Math.min(half, largest.size())));
    smallest.stream().limit(half).forEach(chosen::add);
    DoubleSummaryStatistics range =
        chosen.stream()
            .flatMap(j -> tuned.paths().stream().map(lambda -> lambda[j]))
            .mapToDouble(Double::doubleValue)
            .summaryStatistics();
    List<Integer> steps = IntStream.range(0, history.size()).boxed().toList();
    List<Markup> plots = new ArrayList<>();
    for (int first = 0; first < chosen.size(); first += LINES_PER_PLOT) {
      int end = Math.min(first + LINES_PER_PLOT, chosen.size());
      String title =
          chosen.size() <= LINES_PER_PLOT
              ? "λ by iteration"
              : "λ by iteration, %d to %d of %d".formatted(first + 1, end, chosen.size());
      LinePlot plot = new LinePlot(title, "iteration").covering(range.getMin(), range.getMax());
      for (int i = first; i < end; i++) {
        int j = chosen.get(i);
        plot.series(
            tuned.names().get(j),
            Tone.values()[i - first],
            steps,
            step -> Json.number(history.get(step), "iteration"),
            step -> tuned.paths().get(step)[j]);
      }
      plots.add(plot.markup());
    }
    return plots;
  }
}

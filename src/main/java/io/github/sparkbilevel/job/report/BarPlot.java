package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A histogram under construction: counts in bins of equal width, then {@link #markup()}. The counts
 * of several series are stacked, so the whole bar is the count of all.
 */
public final class BarPlot {
  private record Series(String name, Tone tone, long[] counts) {}

  private final String title;
  private final String horizontalName;
  private final double low;
  private final double high;
  private final List<Series> series = new ArrayList<>();
  private String counted = "rows";

  /** An empty histogram over a range. */
  public BarPlot(String title, String horizontalName, double low, double high) {
    this.title = title;
    this.horizontalName = horizontalName;
    this.low = low;
    this.high = high;
  }

  /** Says what is counted, if it is not rows. */
  public BarPlot counting(String things) {
    counted = things;
    return this;
  }

  /** Adds a series, on top of the earlier ones; all have the same number of bins. */
  public BarPlot series(String name, Tone tone, long[] counts) {
    if (!series.isEmpty() && series.get(0).counts().length != counts.length) {
      throw new IllegalArgumentException(
          "got %d bins, expected %d as in the first series"
              .formatted(counts.length, series.get(0).counts().length));
    }
    series.add(new Series(name, tone, counts));
    return this;
  }

  /** The figure; nothing when there is no bin. */
  public Markup markup() {
    if (series.isEmpty() || series.get(0).counts().length == 0 || !(high > low)) {
      return Markup.all();
    }
    int bins = series.get(0).counts().length;
    long tallest = 1;
    for (int bin = 0; bin < bins; bin++) {
      tallest = Math.max(tallest, total(bin));
    }
    PlotFrame frame = new PlotFrame(Axis.exact(low, high, 5), Axis.linear(0, tallest, 4));
    List<Markup> drawing = new ArrayList<>();
    for (int bin = 0; bin < bins; bin++) {
      drawing.add(bar(bin, bins, frame));
    }
    List<Markup> legend = new ArrayList<>();
    for (Series one : series) {
      legend.add(PlotFrame.legendEntry(one.name(), box(1, 1, 24, 9, one.tone())));
    }
    return PlotFrame.figure(
        title, frame.picture(horizontalName, title + ". " + description(), drawing), legend);
  }

  private long total(int bin) {
    return series.stream().mapToLong(s -> s.counts()[bin]).sum();
  }

  private double edge(int bin, int bins) {
    return low + (high - low) * bin / bins;
  }

  private Markup bar(int bin, int bins, PlotFrame frame) {
    // A gap of a pixel keeps the bins apart without outlines.
    double left = frame.x(edge(bin, bins)) + 0.5;
    double right = frame.x(edge(bin + 1, bins)) - 0.5;
    StringBuilder hint =
        new StringBuilder(
            "%s to %s: %s %s"
                .formatted(
                    Numbers.significant(edge(bin, bins)),
                    Numbers.significant(edge(bin + 1, bins)),
                    Numbers.count(total(bin)),
                    counted));
    Markup.Element bar = element("g");
    long below = 0;
    for (Series one : series) {
      long count = one.counts()[bin];
      if (count > 0) {
        bar =
            bar.add(box(left, frame.y(below + (double) count), right, frame.y(below), one.tone()));
      }
      if (series.size() > 1) {
        hint.append(", ").append(Numbers.count(count)).append(' ').append(one.name());
      }
      below += count;
    }
    return bar.add(element("title", hint.toString()));
  }

  private static Markup.Element box(double x1, double y1, double x2, double y2, Tone tone) {
    return element("rect")
        .with("class", "bar " + tone.cssClass())
        .with("x", PlotFrame.number(x1))
        .with("y", PlotFrame.number(y1))
        .with("width", PlotFrame.number(x2 - x1))
        .with("height", PlotFrame.number(y2 - y1));
  }

  private String description() {
    StringBuilder words = new StringBuilder();
    int bins = series.get(0).counts().length;
    for (Series one : series) {
      long all = LongStream.of(one.counts()).sum();
      long lower = LongStream.of(one.counts()).limit(bins / 2).sum();
      words.append(
          "%s: %s %s, %s of them below %s. "
              .formatted(
                  one.name(),
                  Numbers.count(all),
                  counted,
                  Numbers.count(lower),
                  Numbers.significant(edge(bins / 2, bins))));
    }
    return words.toString().trim();
  }
}

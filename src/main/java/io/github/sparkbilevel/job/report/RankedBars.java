package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import java.util.ArrayList;
import java.util.List;

/** Bars one below the other, each with its name and its number, under construction. */
final class RankedBars {
  private static final double WIDTH = 400;
  private static final double LEFT = 122;
  private static final double RIGHT = 346;
  private static final double STEP = 20;
  private static final double THICKNESS = 13;

  private record Bar(String name, Tone tone, double value, String shown) {}

  private final String title;
  private final double most;
  private final List<Bar> bars = new ArrayList<>();

  /** No bars yet; one of {@code most} would be as long as there is room for. */
  RankedBars(String title, double most) {
    this.title = title;
    this.most = most;
  }

  /** Adds a bar; one that is not a number is only named. */
  RankedBars bar(String name, Tone tone, double value, String shown) {
    bars.add(new Bar(name, tone, value, shown));
    return this;
  }

  /** The figure. */
  Markup markup() {
    List<Markup> parts = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double top = i * STEP + 3;
      double length =
          Double.isFinite(bar.value()) && most > 0 ? bar.value() / most * (RIGHT - LEFT) : 0;
      parts.add(PlotFrame.words(LEFT - 8, top + 11, "end", bar.name()));
      parts.add(
          element("rect")
              .with("class", "bar " + bar.tone().cssClass())
              .with("x", PlotFrame.number(LEFT))
              .with("y", PlotFrame.number(top))
              .with("width", PlotFrame.number(length))
              .with("height", PlotFrame.number(THICKNESS)));
      parts.add(PlotFrame.words(LEFT + length + 6, top + 11, "start", bar.shown()));
      words.add(bar.name() + " " + bar.shown());
    }
    double height = bars.size() * STEP + 3;
    parts.add(PlotFrame.line(LEFT, 0, LEFT, height, "axis"));
    Markup picture =
        element("svg")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .with("viewBox", "0 0 " + PlotFrame.number(WIDTH) + " " + PlotFrame.number(height))
            .with("role", "img")
            .with("aria-label", title + ". " + String.join(", ", words))
            .addAll(parts);
    return PlotFrame.figure(title, picture, List.of());
  }
}

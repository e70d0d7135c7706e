package io.github.sparkbilevel.job.config;

import static io.github.sparkbilevel.settings.DataSettings.CORRUPT_FACTOR;
import static io.github.sparkbilevel.settings.DataSettings.CORRUPT_FRACTION;
import static io.github.sparkbilevel.settings.DataSettings.CORRUPT_KIND;
import static io.github.sparkbilevel.settings.DataSettings.CORRUPT_TARGET;

import io.github.sparkbilevel.data.Trigger;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.settings.ComparisonSettings;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the ways to spoil training rows need, and which keys they read. */
record CorruptionRule(Values values) {

  /** Whether rows get the trigger of a backdoor, which has to know the image. */
  boolean readsShape() {
    return values.use().job().equals(Keys.ARENA)
        ? values.get(ComparisonSettings.CORRUPTIONS).contains(Corruption.BACKDOOR)
        : values.get(CORRUPT_KIND).equals(Corruption.BACKDOOR) && values.get(CORRUPT_FRACTION) > 0;
  }

  /** Refuses a backdoor where rows are no images. */
  void check() {
    if (!readsShape()) {
      return;
    }
    String job = values.use().job();
    if (!ProblemSettings.SHAPE.jobs().contains(job)) {
      throw values.refusal(
          CORRUPT_KIND,
          "is for the jobs %s, which read model.shape, and job is %s; try another kind"
              .formatted(String.join(" | ", ProblemSettings.SHAPE.jobs()), job));
    }
    try {
      Trigger.patch(values.get(ProblemSettings.SHAPE));
    } catch (IllegalArgumentException noImage) {
      throw new ConfigException(noImage.getMessage(), noImage);
    }
  }

  /** The keys that are not read. */
  List<Setting<?>> unread() {
    if (values.use().job().equals(Keys.ARENA)) {
      return readsShape() ? List.of() : List.of(CORRUPT_TARGET);
    }
    String kind = values.get(CORRUPT_KIND);
    List<Setting<?>> unread = new ArrayList<>();
    if (kind.equals(Corruption.BY_GROUP) || kind.equals(Corruption.LONG_TAIL)) {
      unread.add(CORRUPT_FRACTION);
    }
    if (!kind.equals(Corruption.BACKDOOR)) {
      unread.add(CORRUPT_TARGET);
    }
    if (!Corruption.WITH_FACTOR.contains(kind)) {
      unread.add(CORRUPT_FACTOR);
    }
    return unread;
  }

  /** These keys and others. */
  List<Setting<?>> unreadWith(List<Setting<?>> others) {
    return Stream.of(others, unread()).flatMap(List::stream).toList();
  }

  /** Why they are not read, as the end of a sentence. */
  String reason() {
    return values.use().job().equals(Keys.ARENA)
        ? "without backdoor in arena.corruptions"
        : "with data.corrupt.kind = " + values.get(CORRUPT_KIND);
  }
}

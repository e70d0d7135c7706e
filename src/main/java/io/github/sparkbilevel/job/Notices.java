package io.github.sparkbilevel.job;

import io.github.sparkbilevel.data.Notice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints the notices of a run and keeps them for the summary and the report; each once. */
public final class Notices {
  private final Console console;
  private final List<Notice> all = new ArrayList<>();

  /** Starts without any. */
  public Notices(Console console) {
    this.console = console;
  }

  /** Prints and keeps a notice, unless it was added before. */
  public synchronized void add(Notice notice) {
    if (!all.contains(notice)) {
      all.add(notice);
      console.warn(notice.text());
    }
  }

  /** The sentences so far. */
  public synchronized List<String> texts() {
    return all.stream().map(Notice::text).toList();
  }

  /** The notices so far as {@code summary.json} lists them. */
  synchronized List<Map<String, Object>> asMaps() {
    List<Map<String, Object>> maps = new ArrayList<>();
    for (Notice notice : all) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("code", notice.code().label());
      map.put("text", notice.text());
      map.put("count", notice.count());
      maps.add(map);
    }
    return maps;
  }
}

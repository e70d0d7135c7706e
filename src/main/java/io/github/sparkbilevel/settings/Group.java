package io.github.sparkbilevel.settings;

import java.util.ArrayList;
import java.util.List;

/** Settings under one prefix, in the order of the documentation. */
final class Group {
  private final String prefix;
  private final List<String> jobs;
  private final List<Setting<?>> all = new ArrayList<>();

  /** The settings under a prefix, read by these jobs, or by all. */
  Group(String prefix, String... jobs) {
    this.prefix = prefix;
    this.jobs = jobs.length == 0 ? Keys.JOBS : List.of(jobs);
  }

  /** Begins a setting of job files, with its default as they would have it. */
  <T> SettingBuilder<T> key(String name, ValueType<T> type, String defaultText) {
    return new SettingBuilder<>(this, prefix + name, type, defaultText);
  }

  /** Begins a setting of stages alone. */
  <T> SettingBuilder<T> param(String name, ValueType<T> type, String defaultText, Stage... in) {
    return new SettingBuilder<>(this, null, type, defaultText).param(name, in);
  }

  List<String> jobs() {
    return jobs;
  }

  void add(Setting<?> setting) {
    all.add(setting);
  }

  List<Setting<?>> all() {
    return all;
  }
}

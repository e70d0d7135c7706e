package io.github.sparkbilevel.settings;

/** The values that somebody gave to settings, under the names that he knows. */
public interface Given {

  /** The value in effect. */
  <T> T get(Setting<T> setting);

  /** What the caller calls a setting: its key, or its param. */
  String name(Setting<?> setting);

  /** What is thrown where a value does not fit; the message begins with its name and the value. */
  RuntimeException refusal(Setting<?> setting, String problem);
}

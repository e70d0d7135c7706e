package io.github.sparkbilevel;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** JVMs that tests start: small ones, with the modules and the compiler of this one. */
public final class ChildJvm {
  private static final List<String> SHARED =
      List.of(
          "--add", "-XX:+Ignore", "-XX:Tiered", "-XX:ReservedCodeCacheSize", "-XX:+UseSerialGC");

  private ChildJvm() {}

  /** The program of this JVM, to be called again. */
  public static String program() {
    return ProcessHandle.current().info().command().orElseThrow();
  }

  /** The options that such a JVM has. */
  public static List<String> options() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> SHARED.stream().anyMatch(argument::startsWith))
        .toList();
  }

  /** A command that starts one; the class path, the class and its arguments are to be added. */
  public static List<String> command() {
    List<String> command = new ArrayList<>(List.of(program()));
    command.addAll(options());
    return command;
  }
}

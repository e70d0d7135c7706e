package io.github.sparkbilevel.job;

import io.github.sparkbilevel.problem.PassLedger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Passes of one phase and name, as summaries and reports list them. */
record LedgerRow(
    String phase,
    String pass,
    String kernels,
    long passes,
    long bytesOut,
    long bytesBack,
    double medianMillis,
    double totalMillis) {

  /** The rows of a ledger, in the order in which they first ran. */
  static List<LedgerRow> of(PassLedger ledger) {
    Map<List<String>, List<PassLedger.Entry>> groups = new LinkedHashMap<>();
    for (PassLedger.Entry entry : ledger.entries()) {
      List<String> key = List.of(entry.phase().name(), entry.name(), entry.kernels());
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(entry);
    }
    List<LedgerRow> rows = new ArrayList<>();
    for (List<PassLedger.Entry> group : groups.values()) {
      double[] millis = group.stream().mapToDouble(PassLedger.Entry::millis).sorted().toArray();
      PassLedger.Entry first = group.get(0);
      rows.add(
          new LedgerRow(
              first.phase().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              first.name(),
              first.kernels(),
              group.size(),
              group.stream().mapToLong(PassLedger.Entry::bytesOut).sum(),
              group.stream().mapToLong(PassLedger.Entry::bytesBack).sum(),
              millis[millis.length / 2],
              Arrays.stream(millis).sum()));
    }
    return rows;
  }

  /** Number of passes of each phase, by its name in camel case. */
  static Map<String, Object> passesByPhase(PassLedger ledger, PassLedger.Phase... phases) {
    Map<String, Object> passes = new LinkedHashMap<>();
    for (PassLedger.Phase phase : phases) {
      String name = phase == PassLedger.Phase.WARM_UP ? "warmUp" : lower(phase);
      passes.put(name, ledger.passes(phase));
    }
    return passes;
  }

  private static String lower(PassLedger.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}

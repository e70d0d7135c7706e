package io.github.sparkbilevel.backend.nd4j;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Off-heap scratch between sessions: at most {@code maxIdle} pieces of at most {@code maxBytes}
 * each wait for the next session, everything else is freed when its session closes.
 *
 * <p>So the process holds what its open sessions use, plus a fixed amount. A session that is never
 * closed is freed by ND4J when the garbage collector finds it.
 */
final class OffHeapPool {
  static final OffHeapPool SHARED =
      new OffHeapPool(Runtime.getRuntime().availableProcessors(), 64L << 20);

  private final int maxIdle;
  private final long maxBytes;
  private final ArrayDeque<OffHeapScratch> idle = new ArrayDeque<>();

  OffHeapPool(int maxIdle, long maxBytes) {
    this.maxIdle = maxIdle;
    this.maxBytes = maxBytes;
  }

  synchronized OffHeapScratch take(DataType type) {
    // Most recently used first: its pages are the ones in the cache.
    for (Iterator<OffHeapScratch> it = idle.iterator(); it.hasNext(); ) {
      OffHeapScratch scratch = it.next();
      if (scratch.type == type) {
        it.remove();
        return scratch;
      }
    }
    return new OffHeapScratch(type);
  }

  synchronized void give(OffHeapScratch scratch) {
    if (scratch.bytes() > maxBytes) {
      scratch.free();
      return;
    }
    idle.addFirst(scratch);
    if (idle.size() > maxIdle) {
      idle.removeLast().free();
    }
  }

  synchronized int idle() {
    return idle.size();
  }

  synchronized long idleBytes() {
    return idle.stream().mapToLong(OffHeapScratch::bytes).sum();
  }

  synchronized void clear() {
    idle.forEach(OffHeapScratch::free);
    idle.clear();
  }
}

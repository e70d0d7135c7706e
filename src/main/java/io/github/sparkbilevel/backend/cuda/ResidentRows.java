package io.github.sparkbilevel.backend.cuda;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of blocks that lie on a GPU, and numbers beside them.
 *
 * <p>A block's rows go there when they are first multiplied, and stay while the block is cached in
 * this process: their memory is freed after the collector has found the block dead. Those that
 * nobody has used for two rounds give way to others. Passes go round all blocks, and a plain LRU
 * would then throw each block out just before its turn; so among blocks that are all in use the
 * first ones stay, and what does not fit is copied in every pass.
 */
final class ResidentRows {
  private final CudaDevice device;
  private final ReferenceQueue<Object> dead = new ReferenceQueue<>();

  /** The least recently used ones first. */
  private final Map<Key, Rows> rows = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private long clock;
  private long cleared;

  ResidentRows(CudaDevice device) {
    this.device = device;
  }

  /** An object itself, not what it contains. */
  private static final class Key extends WeakReference<Object> {
    private final int hash;

    Key(Object of, ReferenceQueue<Object> queue) {
      super(of, queue);
      this.hash = System.identityHashCode(of);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return this == other || other instanceof Key key && key.get() != null && key.get() == get();
    }
  }

  /** Rows of a block on the GPU; in use until they are released. */
  static final class Rows {
    private final long address;
    private final long bytes;
    private int users;
    private long used;

    private Rows(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    /** Where the first row begins. */
    long address() {
      return address;
    }
  }

  /** How the rows of a block, or numbers beside them, come to lie on a GPU. */
  interface Layout {
    /** What is laid out, which it is known by, and with which it dies. */
    Object key();

    /** What they take there. */
    long bytes();

    /** Copies them, from an address on. */
    void copy(long address, CudaStream stream);
  }

  /**
   * The rows of a block; copies them there when they are not.
   *
   * @param limit the most bytes of rows on the GPU
   * @return empty when they do not fit
   */
  synchronized Optional<Rows> acquire(Layout layout, long limit, CudaStream stream) {
    freeDead();
    clock++;
    Rows there = rows.get(new Key(layout.key(), null));
    if (there == null) {
      there = copy(layout, limit, stream);
    }
    if (there == null) {
      return Optional.empty();
    }
    there.users++;
    there.used = clock;
    return Optional.of(there);
  }

  private Rows copy(Layout layout, long limit, CudaStream stream) {
    long needed = layout.bytes();
    while (bytes + needed > limit && freeFirst(clock - 2L * rows.size())) {
      // Until it fits.
    }
    if (bytes + needed > limit) {
      return null;
    }
    long address;
    try {
      address = device.allocate(needed);
    } catch (CudaException e) {
      if (e.isOutOfMemory()) {
        return null;
      }
      throw e;
    }
    Rows copied = new Rows(address, needed);
    rows.put(new Key(layout.key(), dead), copied);
    bytes += needed;
    layout.copy(address, stream);
    // Other streams may read them from now on.
    stream.await();
    return copied;
  }

  /** Ends a use; rows that {@link #clear} found in use are freed with their last one. */
  synchronized void release(Rows released) {
    released.users--;
    if (released.users == 0 && released.used <= cleared && rows.values().remove(released)) {
      free(released);
    }
  }

  /** Frees the least recently used rows that are not in use; whether there were any. */
  synchronized boolean giveWay() {
    return freeFirst(Long.MAX_VALUE);
  }

  /** Frees all rows, those in use when they no longer are. */
  synchronized void clear() {
    cleared = clock;
    while (giveWay()) {
      // Until there are none.
    }
  }

  /** Bytes of rows on the GPU. */
  synchronized long bytes() {
    return bytes;
  }

  private boolean freeFirst(long usedBefore) {
    for (Iterator<Rows> each = rows.values().iterator(); each.hasNext(); ) {
      Rows one = each.next();
      if (one.users == 0 && one.used < usedBefore) {
        each.remove();
        free(one);
        return true;
      }
    }
    return false;
  }

  private void freeDead() {
    for (Reference<?> key = dead.poll(); key != null; key = dead.poll()) {
      Rows of = rows.remove(key);
      if (of != null) {
        free(of);
      }
    }
  }

  private void free(Rows of) {
    bytes -= of.bytes;
    device.free(of.address);
  }
}

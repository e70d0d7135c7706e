package io.github.sparkbilevel.backend.cuda;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A stream of a GPU and, where they fit, the rows of a block on it: for the thread that multiplies
 * them, until it closes the lease.
 */
final class Lease {
  private final CudaDevice device;
  private final CudaStream stream;
  private final double share;
  private final Optional<ResidentRows.Rows> rows;

  /**
   * Copies the rows to the GPU, unless they are there or do not fit.
   *
   * @param share of the GPU's memory that rows may take; with 0 they are not kept
   */
  Lease(CudaDevice device, ResidentRows.Layout layout, double share) {
    this.device = device;
    this.share = share;
    device.enter();
    this.stream = device.take();
    try {
      this.rows = layout.bytes() == 0 ? Optional.empty() : device.rows(layout, share, stream);
    } catch (CudaException e) {
      device.give(stream);
      throw e;
    }
  }

  /** The stream. */
  CudaStream stream() {
    return stream;
  }

  /** Where the rows lie; empty where they do not fit. */
  OptionalLong address() {
    return rows.map(found -> OptionalLong.of(found.address())).orElse(OptionalLong.empty());
  }

  /** Numbers beside the rows until they are {@link #release released}; empty where none fit. */
  Optional<ResidentRows.Rows> beside(ResidentRows.Layout layout) {
    return device.rows(layout, share, stream);
  }

  /** Ends a use of numbers beside the rows. */
  void release(ResidentRows.Rows beside) {
    device.residents().release(beside);
  }

  /** Gives both back. */
  void close() {
    rows.ifPresent(device.residents()::release);
    device.give(stream);
  }
}

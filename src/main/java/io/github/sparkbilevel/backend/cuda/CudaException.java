package io.github.sparkbilevel.backend.cuda;

/**
 * What the driver of a GPU refused or could not do, and what to try, in one sentence: jobs end with
 * it.
 */
public final class CudaException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  static final int OUT_OF_MEMORY = 2;

  /** {@code CUDA_ERROR_NO_DEVICE}. */
  static final int NO_DEVICE = 100;

  /** {@code CUDA_ERROR_INVALID_DEVICE}. */
  static final int INVALID_DEVICE = 101;

  private final int code;

  CudaException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** The driver's number of the error, a {@code CUresult}. */
  int code() {
    return code;
  }

  boolean isOutOfMemory() {
    return code == OUT_OF_MEMORY;
  }
}

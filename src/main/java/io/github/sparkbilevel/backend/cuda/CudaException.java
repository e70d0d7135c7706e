package io.github.sparkbilevel.backend.cuda;

/** What the driver of a GPU refused or could not do. */
final class CudaException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  static final int OUT_OF_MEMORY = 2;

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

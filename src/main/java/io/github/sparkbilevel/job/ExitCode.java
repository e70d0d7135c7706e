package io.github.sparkbilevel.job;

/** What a run of a job tells the shell. */
public enum ExitCode {
  /** The job is done and its outputs are in place. */
  DONE(0),
  /** Anything that is none of the others. */
  OTHER(1),
  /** The job file or the command line is wrong. */
  CONFIG(2),
  /** The data is wrong. */
  DATA(3),
  /** The numerics failed: diverged or not finite. */
  NUMERICS(4),
  /** Stopped by Ctrl-C: 128 and the number of the signal, as shells have it. */
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The number the process ends with. */
  public int code() {
    return code;
  }
}

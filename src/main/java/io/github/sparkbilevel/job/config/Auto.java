package io.github.sparkbilevel.job.config;

/**
 * What {@code auto} stands for where it depends on the job.
 *
 * @param <T> what the value of the key is in Java
 * @param clean in the jobs {@link Keys#CLEAN} and {@link Keys#ARENA}, and wherever the key has no
 *     effect
 * @param tune in the jobs {@link Keys#TUNE} and {@link Keys#BENCHMARK}
 */
record Auto<T>(T clean, T tune) {

  T in(String job) {
    return job.equals(Keys.TUNE) || job.equals(Keys.BENCHMARK) ? tune : clean;
  }

  /** The end of the description of a key. */
  String doc() {
    return "auto is %s in the job clean and %s in the job tune.".formatted(clean, tune);
  }
}

package io.github.sparkbilevel.job.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What the job arena runs: every corruption with every number of trusted rows, on every data set.
 *
 * @param sets the data sets, whose trusted rows and corruption are those of the first cell
 * @param corruptions the ways to spoil labels, each with its share
 * @param trusted how many trusted rows
 * @param repetitions draws of each cell
 */
public record ArenaConfig(
    List<DataSet> sets,
    List<DataConfig.Corruption> corruptions,
    List<Long> trusted,
    int repetitions) {

  /** A data set and what it is called. */
  public record DataSet(String name, DataConfig data) {

    /** The rows of a cell; its repetitions, from 0 on, are drawn by seeds of their own. */
    public DataConfig cell(DataConfig.Corruption corruption, long trusted, int repetition) {
      DataConfig.Corruption drawn =
          Records.with(corruption, Map.of("seed", data.corrupt().seed() + repetition));
      return Records.with(data, Map.of("validation", draw(trusted), "corrupt", drawn));
    }
  }

  /** So many trusted rows; nothing for none. */
  static Optional<DataConfig.Rows> draw(long rows) {
    return rows == 0
        ? Optional.empty()
        : Optional.of(new DataConfig.Draw(OptionalDouble.empty(), OptionalLong.of(rows)));
  }
}

package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunFactsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file:/data/digits.csv | digits.csv",
        "hdfs:///data/orders | orders",
        "default.orders | default.orders",
        "file:/data/orders/part-*.parquet | orders",
        "/data/ijcnn1/{ijcnn1,train.libsvm}.bz2 | ijcnn1",
        "*.csv | *.csv"
      })
  void aReportIsNamedAfterItsTrainingRows(String path, String name) {
    assertEquals(name, RunFacts.name(path));
  }
}

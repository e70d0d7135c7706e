package io.github.sparkbilevel.job;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Where the Spark session of a run comes from, and what becomes of it. */
interface Sessions {
  /** A session that starts with the run and is stopped after it. */
  Sessions OWN =
      new Sessions() {
        @Override
        public SparkSession open(SparkConf conf) {
          return SparkSession.builder().config(conf).getOrCreate();
        }

        @Override
        public void close(SparkSession session) {
          session.stop();
        }
      };

  /** The session for a run. */
  SparkSession open(SparkConf conf);

  /** Takes back the session of a run that has ended. */
  void close(SparkSession session);
}

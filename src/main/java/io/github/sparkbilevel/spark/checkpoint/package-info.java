/**
 * Checkpoints of a run in a folder that all executors reach.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark.checkpoint;

import org.apiguardian.api.API;

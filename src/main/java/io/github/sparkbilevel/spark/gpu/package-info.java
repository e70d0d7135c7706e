/**
 * The GPU of a task.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark.gpu;

import org.apiguardian.api.API;

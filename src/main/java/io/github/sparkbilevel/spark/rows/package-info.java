/**
 * Cached blocks made from rows, and what is known about them.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark.rows;

import org.apiguardian.api.API;

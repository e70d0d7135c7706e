/**
 * Passes as Spark jobs over cached blocks.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark;

import org.apiguardian.api.API;

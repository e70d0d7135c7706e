/**
 * The params that stages share, and the columns that they read and write.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.ml.param;

import org.apiguardian.api.API;

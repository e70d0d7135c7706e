/**
 * From checked rows to cached blocks and a problem, and what to say when that fails.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.ml.prepare;

import org.apiguardian.api.API;

/**
 * How saved models score rows, and their files.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.ml.score;

import org.apiguardian.api.API;

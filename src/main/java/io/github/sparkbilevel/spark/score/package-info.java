/**
 * Scores of rows where they lie, and the rankings made from them.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark.score;

import org.apiguardian.api.API;

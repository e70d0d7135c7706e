/**
 * Estimators of Spark ML that clean and tune, and their models.
 *
 * <p>Public: what is here changes with a major version alone.
 */
@API(status = API.Status.STABLE)
package io.github.sparkbilevel.ml;

import org.apiguardian.api.API;

/**
 * Tells an MLflow server of a run.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.ml.tracking;

import org.apiguardian.api.API;

/**
 * The output folder of a job, whole or gone.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.output;

import org.apiguardian.api.API;

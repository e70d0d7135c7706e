/**
 * What all jobs share: tables, progress, checkpoints, results.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.run;

import org.apiguardian.api.API;

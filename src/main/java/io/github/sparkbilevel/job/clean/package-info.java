/**
 * The job {@code clean}.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.clean;

import org.apiguardian.api.API;

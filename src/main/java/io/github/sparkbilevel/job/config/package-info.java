/**
 * Job files, read and checked before Spark starts.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.config;

import org.apiguardian.api.API;

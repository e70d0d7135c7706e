/**
 * What a run tells while it goes: events on the listener bus of the Spark context, and metrics in
 * its metrics system.
 *
 * <p>A program listens by adding a {@link io.github.sparkbilevel.spark.event.RunEventListener} to
 * its Spark context; a job, by {@code spark.extraListeners}. Nothing here changes a result, waits
 * for a listener or runs a Spark job.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.spark.event;

import org.apiguardian.api.API;
